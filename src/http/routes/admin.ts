// What admins look at: the sessions of all nodes beside what the database knows of them, and what the janitor did.

import type { ListedSession } from '../../actors/session/protocol.ts'
import { asId, type UserId } from '../../domain/ids.ts'
import { sessionOverview } from '../../persistence/session-figures.ts'
import type { Api } from '../api.ts'
import type { AppDeps } from '../deps.ts'
import { activeSessionsAnswer, cleanupStatsAnswer } from '../schemas/admin.ts'
import { isoOrNull } from '../views.ts'

export function adminRoutes(api: Api, deps: AppDeps): void {
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
}
