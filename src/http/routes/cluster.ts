// /api/admin/cluster and what admins may do to one session: move it to another node, start it again, disconnect it. Each is written down in
// the audit log with who did it; how it is done is decided by actors/cluster.

import type { FastifyRequest } from 'fastify'
import type { ClusterAdmin } from '../../actors/cluster/admin.ts'
import type { Member } from '../../actors/cluster/store.ts'
import { asId, type UserId } from '../../domain/ids.ts'
import { appendAudit } from '../../persistence/audit.ts'
import { findUser } from '../../persistence/users.ts'
import type { Api } from '../api.ts'
import type { AppDeps } from '../deps.ts'
import { callerOf } from '../plugins/auth.ts'
import {
  clusterAnswer,
  endAnswer,
  endBody,
  moveAnswer,
  moveBody,
  restartAnswer,
  sessionParams,
} from '../schemas/admin.ts'

const COMMON = ['session-timeout', 'mailbox-full', 'overloaded', 'owner-moved'] as const
const NOBODY = { code: 'not-found', message: 'There is no such user.' } as const

export function clusterRoutes(api: Api, deps: AppDeps, cluster: ClusterAdmin): void {
  api.get(
    '/api/admin/cluster',
    {
      config: { access: 'admin:read' },
      schema: { tags: ['Admin'], summary: 'The nodes of the cluster', response: { 200: clusterAnswer } },
    },
    async () => {
      const nodes = (await cluster.nodes()).map((node) => nodeView(node, cluster.self))
      const sessions = nodes.reduce((sum, node) => sum + node.sessions, 0)
      const versions = [...new Set(nodes.map(({ version }) => version))].sort()
      return { nodes, summary: { nodes: nodes.length, sessions, versions } }
    },
  )

  api.post(
    '/api/admin/sessions/:userId/move',
    {
      config: {
        access: 'sessions:manage',
        bodyOptional: true,
        refusals: [...COMMON, 'unknown-node', 'nowhere-to-move'],
      },
      schema: {
        tags: ['Admin'],
        summary: 'Move a session to another node',
        description:
          'Its connection ends where it is and begins there; messages accepted meanwhile are sent afterwards.',
        params: sessionParams,
        body: moveBody,
        response: { 200: moveAnswer },
      },
    },
    async (request, reply) => {
      const user = await subject(request.params.userId, request)
      if (user === null) return reply.refuse(NOBODY)
      const moved = await cluster.move(user, request.body.node ?? null)
      if (!moved.ok) return reply.refuse(moved.refusal)
      await audit(request, 'session.move', user, moved.value)
      return { session: { userId: user, ...moved.value } }
    },
  )

  api.post(
    '/api/admin/sessions/:userId/restart',
    {
      config: { access: 'sessions:manage', bodyOptional: true, refusals: COMMON },
      schema: {
        tags: ['Admin'],
        summary: 'Start a session again where it is',
        params: sessionParams,
        response: { 200: restartAnswer },
      },
    },
    async (request, reply) => {
      const user = await subject(request.params.userId, request)
      if (user === null) return reply.refuse(NOBODY)
      const done = await cluster.restart(user)
      if (!done.ok) return reply.refuse(done.refusal)
      await audit(request, 'session.restart', user)
      return { session: { userId: user, restarted: true as const } }
    },
  )

  api.post(
    '/api/admin/sessions/:userId/disconnect',
    {
      config: { access: 'sessions:manage', bodyOptional: true, refusals: COMMON },
      schema: {
        tags: ['Admin'],
        summary: 'Disconnect a session',
        description: 'Keeps the link to the phone unless `unlink` is true.',
        params: sessionParams,
        body: endBody,
        response: { 200: endAnswer },
      },
    },
    async (request, reply) => {
      const user = await subject(request.params.userId, request)
      if (user === null) return reply.refuse(NOBODY)
      const { unlink } = request.body
      const answer = await deps.sessions.ask(user, 'session.disconnect', { unlink })
      if (!answer.ok) return reply.refuse(answer.refusal)
      await audit(request, unlink ? 'session.unlink' : 'session.disconnect', user)
      return { session: { ...answer.value, userId: user, unlinked: unlink } }
    },
  )

  /** A user of the caller's organisation. */
  async function subject(userId: string, request: FastifyRequest): Promise<UserId | null> {
    const id = asId<UserId>(userId)
    const user = await findUser(deps.db, id)
    return user === null || user.orgId !== callerOf(request).orgId ? null : id
  }

  async function audit(request: FastifyRequest, action: string, user: UserId, after?: unknown): Promise<void> {
    await deps.db.transaction((tx) =>
      appendAudit(tx, {
        id: deps.newId(),
        orgId: deps.organization.id,
        actorId: callerOf(request).id,
        action,
        subject: user,
        after,
        ip: request.ip,
        requestId: request.id,
      }),
    )
  }
}

function nodeView(node: Member, self: string) {
  const { id, incarnation, version, role, sessions, capacity, leaseSlackMs, loopLagMs, rssMb } = node
  return {
    id,
    incarnation,
    version,
    role,
    state: node.draining ? ('draining' as const) : ('up' as const),
    self: incarnation === self,
    sessions,
    capacity,
    leaseSlackMs,
    loopLagMs,
    rssMb,
    startedAt: node.startedAt.toISOString(),
  }
}
