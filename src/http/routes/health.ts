// /health says whether the node can work and, if not, what is down; /health/live only that the process answers.

import { queueStats } from '../../persistence/outbox.ts'
import type { Api } from '../api.ts'
import type { AppDeps } from '../deps.ts'
import { healthAnswer, liveAnswer } from '../schemas/admin.ts'

/** A database that takes longer than this counts as down, in ms. */
const PING_LIMIT_MS = 3_000

export function healthRoutes(
  api: Api,
  deps: Pick<AppDeps, 'config' | 'db' | 'version' | 'monotonic' | 'state' | 'health'>,
): void {
  const startedMs = deps.monotonic()
  const uptimeSeconds = () => Math.floor((deps.monotonic() - startedMs) / 1000)
  const open = { access: 'public', rateLimit: false, whileClosing: true } as const

  api.get(
    '/health',
    {
      config: open,
      schema: {
        tags: ['Health'],
        summary: 'Can this node work?',
        response: { 200: healthAnswer, 503: healthAnswer },
      },
    },
    async (_request, reply) => {
      const latencyMs = await within(PING_LIMIT_MS, deps.db.ping())
      const outbox = latencyMs === null ? null : await within(PING_LIMIT_MS, queueStats(deps.db))
      const problems = [
        ...(latencyMs === null ? ['The database cannot be reached.'] : []),
        ...(deps.state.draining ? ['The server is shutting down.'] : []),
      ]
      const { whatsappSocketUrl } = deps.config
      return reply.code(problems.length === 0 ? 200 : 503).send({
        status: problems.length === 0 ? 'ok' : 'error',
        version: deps.version,
        uptimeSeconds: uptimeSeconds(),
        problems,
        warnings:
          whatsappSocketUrl === null
            ? []
            : ['WHATSAPP_SOCKET_URL is set: accounts connect to another server than WhatsApp’s own.'],
        checks: {
          database:
            latencyMs === null
              ? { status: 'down', latencyMs: null }
              : { status: 'up', latencyMs: Math.round(latencyMs * 10) / 10 },
          whatsapp: { ...deps.health() },
          outbox: outbox === null ? null : { pending: outbox.pending, oldestSeconds: outbox.oldestSeconds },
        },
      })
    },
  )

  api.get(
    '/health/live',
    {
      config: open,
      schema: { tags: ['Health'], summary: 'Does the process answer?', response: { 200: liveAnswer } },
    },
    async () => ({ status: 'ok' as const, version: deps.version, uptimeSeconds: uptimeSeconds() }),
  )
}

/** What the work gives, or null when it fails or takes too long. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ms, null)
  })
  try {
    return await Promise.race([work.catch(() => null), limit])
  } finally {
    clearTimeout(timer)
  }
}
