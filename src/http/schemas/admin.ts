// Answers of the admin's routes and of health.

import { z } from 'zod'
import { NODE_ROLES } from '../../actors/cluster/store.ts'
import { listedSession, sessionView } from '../../actors/session/protocol.ts'
import { id, isoTime, nullableTime, pageQuery } from './common.ts'

export const activeSessionsAnswer = z.object({
  data: z.array(
    listedSession.extend({
      email: z.string().nullable(),
      phoneNumber: z.string().nullable(),
      connectedAt: nullableTime,
      lastSeenAt: nullableTime,
      leaseUntil: nullableTime,
      messagesIn24h: z.number().int(),
      queuedOutbound: z.number().int(),
    }),
  ),
  summary: z.object({
    open: z.number().int(),
    connecting: z.number().int(),
    instances: z.number().int(),
    /** Sessions of nodes that did not answer. */
    unreachable: z.number().int(),
    /** Sessions of which nodes and lease table say different things. */
    disagreements: z.number().int(),
  }),
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

export const auditQuery = z.strictObject({
  ...pageQuery,
  actor: id.optional(),
  action: z
    .string()
    .regex(/^[a-z]+(\.[a-z-]*)*$/)
    .max(100)
    .optional()
    .meta({ description: 'Such as `customer.erase`; `customer.` for all that begin so.' }),
  subject: z.string().min(1).max(100).optional(),
  from: isoTime.optional(),
  to: isoTime.optional(),
})
export const auditEntry = z
  .object({
    id,
    actorId: id.nullable().meta({ description: 'Null: the system, or somebody who was not logged in.' }),
    action: z.string(),
    subject: z.string().nullable(),
    before: z.unknown(),
    after: z.unknown(),
    ip: z.string().nullable(),
    requestId: z.string().nullable(),
    at: isoTime,
  })
  .meta({ id: 'AuditEntry' })

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

export const clusterAnswer = z.object({
  nodes: z.array(
    z.object({
      /** The operator's name for it, the same after a restart. */
      id: z.string(),
      /** Of this start of the node. */
      incarnation: z.uuid(),
      version: z.string(),
      role: z.enum(NODE_ROLES),
      state: z.enum(['up', 'draining']),
      /** It is the one that answers. */
      self: z.boolean(),
      sessions: z.number().int(),
      capacity: z.number().int(),
      /** What was left of its lease when it last renewed it, in ms. */
      leaseSlackMs: z.number(),
      /** How far its event loop ran behind, in ms (99th percentile). */
      loopLagMs: z.number(),
      rssMb: z.number(),
      startedAt: isoTime,
    }),
  ),
  summary: z.object({ nodes: z.number().int(), sessions: z.number().int(), versions: z.array(z.string()) }),
})

export const sessionParams = z.strictObject({ userId: id })
export const moveBody = z.strictObject({
  node: z.string().min(1).max(200).optional().meta({
    description: 'The id or incarnation of a node; left out, the one with the most room.',
  }),
})
export const moveAnswer = z.object({
  session: z.object({ userId: z.uuid(), from: z.string().nullable(), to: z.string() }),
})
export const restartAnswer = z.object({ session: z.object({ userId: z.uuid(), restarted: z.literal(true) }) })
export const endBody = z.strictObject({
  unlink: z.boolean().default(false).meta({ description: 'Also log the device out and delete its keys.' }),
})
export const endAnswer = z.object({ session: sessionView.extend({ userId: z.uuid(), unlinked: z.boolean() }) })
