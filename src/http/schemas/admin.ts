// Answers of the admin's routes and of health.

import { z } from 'zod'
import { activeSession } from '../../actors/session/protocol.ts'
import { isoTime, nullableTime } from './common.ts'

export const activeSessionsAnswer = z.object({
  data: z.array(
    activeSession.extend({
      email: z.string().nullable(),
      phoneNumber: z.string().nullable(),
      connectedAt: nullableTime,
      lastSeenAt: nullableTime,
      leaseUntil: nullableTime,
      messagesIn24h: z.number().int(),
      queuedOutbound: z.number().int(),
    }),
  ),
  summary: z.object({ open: z.number().int(), connecting: z.number().int(), instances: z.number().int() }),
})

export const cleanupStatsAnswer = z.object({
  intervalMs: z.number(),
  staleTimeoutMs: z.number(),
  running: z.boolean(),
  runs: z.number().int(),
  lastRun: z
    .object({
      startedAt: isoTime,
      durationMs: z.number(),
      checked: z.number().int(),
      staleFound: z.number().int(),
      closed: z.number().int(),
      reconnected: z.number().int(),
      errors: z.number().int(),
      purged: z.record(z.string(), z.number().int()),
    })
    .nullable(),
  nextRunAt: nullableTime,
  totals: z.object({ closed: z.number().int(), reconnected: z.number().int(), errors: z.number().int() }),
})

export const healthAnswer = z
  .object({
    status: z.enum(['ok', 'error']),
    version: z.string(),
    uptimeSeconds: z.number(),
    /** What is down, in words; empty when all is well. */
    problems: z.array(z.string()),
    warnings: z.array(z.string()),
    checks: z.object({
      database: z.object({ status: z.enum(['up', 'down']), latencyMs: z.number().nullable() }),
      whatsapp: z.object({ open: z.number().int(), total: z.number().int() }),
      outbox: z.object({ pending: z.number().int(), oldestSeconds: z.number() }).nullable(),
    }),
  })
  .meta({ id: 'Health' })

export const liveAnswer = z.object({ status: z.literal('ok'), version: z.string(), uptimeSeconds: z.number() })
