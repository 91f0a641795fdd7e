// What admins look at: the sessions of all nodes beside what the database knows of them, and what the janitor did.

import { z } from 'zod'
import type { ListedSession } from '../../actors/session/protocol.ts'
import { asId, type UserId } from '../../domain/ids.ts'
import { listAudit } from '../../persistence/audit-views.ts'
import { sessionOverview } from '../../persistence/session-figures.ts'
import type { Api } from '../api.ts'
import type { Cursors } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { readPage, writePage } from '../pages.ts'
import { activeSessionsAnswer, auditEntry, auditQuery, cleanupStatsAnswer } from '../schemas/admin.ts'
import { listOf } from '../schemas/common.ts'
import { iso, isoOrNull } from '../views.ts'

const AUDIT = 'audit:latest'

export function adminRoutes(api: Api, deps: AppDeps, cursors: Cursors): void {
  /** Without a cluster: those of this node. */
  const here = async (): Promise<readonly ListedSession[]> =>
    (await deps.sessions.active()).map((row) => ({ ...row, node: null, reachable: true, disagreement: null }))

  api.get(
    '/api/whatsapp/sessions/active',
    {
      config: { access: 'sessions:read-all' },
      schema: {
        tags: ['Admin'],
        summary: 'Sessions at work, on all nodes',
        description:
          'Every node lists its own. `reachable` is false for sessions of a node that did not answer; `disagreement` says what the lease table says otherwise.',
        response: { 200: activeSessionsAnswer },
      },
    },
    async () => {
      const active = deps.cluster === undefined ? await here() : await deps.cluster.sessions()
      const ids = active.map(({ userId }) => asId<UserId>(userId))
      const known = await sessionOverview(deps.db, ids, deps.now())
      const data = active.map((session) => {
        const row = known.get(session.userId)
        return {
          ...session,
          email: row?.email ?? null,
          phoneNumber: row?.phone ?? null,
          connectedAt: isoOrNull(row?.connectedAt ?? null),
          lastSeenAt: isoOrNull(row?.lastSeenAt ?? null),
          leaseUntil: isoOrNull(row?.leaseUntil ?? null),
          messagesIn24h: row?.messagesIn24h ?? 0,
          queuedOutbound: row?.queuedOutbound ?? 0,
        }
      })
      const count = (...states: readonly string[]) => data.filter(({ state }) => states.includes(state)).length
      return {
        data,
        summary: {
          open: count('open'),
          connecting: count('connecting', 'pairing', 'reconnecting'),
          instances: new Set(data.map(({ instanceId }) => instanceId)).size,
          unreachable: data.filter(({ reachable }) => !reachable).length,
          disagreements: data.filter(({ disagreement }) => disagreement !== null).length,
        },
      }
    },
  )

  api.get(
    '/api/admin/cleanup-stats',
    {
      config: { access: 'admin:read' },
      schema: { tags: ['Admin'], summary: 'What the janitor did', response: { 200: cleanupStatsAnswer } },
    },
    async () => {
      const stats = deps.sessions.cleanupStats()
      const { lastRun } = stats
      return { ...stats, lastRun: lastRun === null ? null : { ...lastRun, purged: { ...lastRun.purged } } }
    },
  )

  api.post(
    '/api/admin/cleanup/run',
    {
      config: { access: 'admin:read', bodyOptional: true },
      schema: {
        tags: ['Admin'],
        summary: 'Let the janitor run now',
        description:
          'On the node that answers; what it did stands in cleanup-stats when it is done. `started` is false on a node without one.',
        body: z.strictObject({}),
        response: { 202: z.object({ started: z.boolean() }) },
      },
    },
    async (_request, reply) => reply.code(202).send({ started: deps.sessions.runCleanup() }),
  )

  api.get(
    '/api/admin/audit',
    {
      config: { access: 'admin:read', refusals: ['invalid-cursor'] },
      schema: {
        tags: ['Admin'],
        summary: 'Who did what to what, the latest first',
        querystring: auditQuery,
        response: { 200: listOf(auditEntry) },
      },
    },
    async (request, reply) => {
      const { actor, action, subject, from, to, ...query } = request.query
      const page = readPage(cursors, AUDIT, query)
      if (!page.ok) return reply.refuse(page.refusal)
      const filter = {
        actor: actor === undefined ? undefined : asId<UserId>(actor),
        action,
        subject,
        from: from === undefined ? undefined : new Date(from),
        to: to === undefined ? undefined : new Date(to),
      }
      const found = await listAudit(deps.db, deps.organization.id, filter, page.value)
      return writePage(cursors, AUDIT, page.value, found, (entry) => ({ ...entry, at: iso(entry.at) }))
    },
  )
}
