// Removes what is past its time, as the retention policy says. What is kept, and for how long, is policy; when it runs is the janitor's.

import type { RetentionPolicy } from '../policy.ts'
import type { Database } from './database.ts'
import { pruneEvents } from './events.ts'
import { pruneIdempotency } from './idempotency.ts'
import { pruneInbox } from './inbox.ts'
import { pruneLeases, pruneNodes } from './leases.ts'
import { pruneOutbox } from './outbox.ts'
import { pruneTickets } from './stream-tickets.ts'

const DAY_MS = 86_400_000

/** @returns how many rows of each kind were removed */
export async function purge(db: Database, now: Date, policy: RetentionPolicy): Promise<Record<string, number>> {
  const before = (days: number) => new Date(now.getTime() - days * DAY_MS)
  return {
    receipts: await pruneInbox(db, before(policy.inboxDays)),
    sent: await pruneOutbox(db, before(policy.outboxDays)),
    idempotencyKeys: await pruneIdempotency(db, before(policy.idempotencyDays)),
    events: await pruneEvents(db, before(policy.eventDays)),
    tickets: await pruneTickets(db, now),
    leases: await pruneLeases(db),
    nodes: await pruneNodes(db, before(policy.nodeDays)),
  }
}
