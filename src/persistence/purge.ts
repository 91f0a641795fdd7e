// Removes what is past its time: what is personal as the shop has set it, the rest by policy. One node at a time does it for all, in steps of
// bounded size; what a run does not reach the next one does. When it runs is the janitor's.

import type { RetentionPolicy } from '../policy.ts'
import { endChore, takeChore } from './chores.ts'
import type { Database } from './database.ts'
import { pruneEvents } from './events.ts'
import { pruneIdempotency } from './idempotency.ts'
import { pruneInbox } from './inbox.ts'
import { pruneLeases, pruneNodes } from './leases.ts'
import { pruneLostSales } from './lost-sales.ts'
import { type Organization, readCurrentSettings } from './organization.ts'
import { pruneOutbox } from './outbox.ts'
import { pruneAudit, pruneExpired, pruneMedia, pruneMessages, prunePrompts, pseudonymiseOrders } from './retention.ts'
import { pruneStrangers } from './strangers.ts'
import { pruneTickets } from './stream-tickets.ts'
import type { Mac } from './suppressions.ts'

const DAY_MS = 86_400_000
const CHORE = 'purge'

export interface PurgeDeps {
  readonly organization: Organization
  /** Incarnation of this node. */
  readonly holder: string
  readonly mac: Mac
  readonly newId: () => string
  readonly policy: RetentionPolicy
}

/** @returns how many rows of each kind were removed; nothing while another node is at it */
export async function purge(db: Database, deps: PurgeDeps, now: Date): Promise<Record<string, number>> {
  const { holder, policy } = deps
  if (!(await takeChore(db, CHORE, holder, policy.purgeMs))) return {}
  try {
    return await purgeAll(db, deps, now)
  } finally {
    await endChore(db, CHORE, holder)
  }
}

async function purgeAll(db: Database, deps: PurgeDeps, now: Date): Promise<Record<string, number>> {
  const { organization, policy, mac, newId } = deps
  const { retention: days } = await readCurrentSettings(db, organization.id)
  const before = (count: number) => new Date(now.getTime() - count * DAY_MS)
  const { batch } = policy
  const steps = async (step: (limit: number) => Promise<number>): Promise<number> => {
    let removed = 0
    for (let round = 0; round < policy.batches; round += 1) {
      const count = await step(batch)
      removed += count
      if (count < batch) break
    }
    return removed
  }
  const by = () => ({ id: newId(), orgId: organization.id, actorId: null })
  return {
    messages: await steps((limit) => pruneMessages(db, before(days.messages), limit)),
    disappeared: await steps((limit) => pruneExpired(db, now, limit)),
    media: await steps((limit) => pruneMedia(db, before(days.media), limit)),
    receipts: await steps((limit) => pruneInbox(db, before(days.receipts), limit)),
    drafts: await steps((limit) => prunePrompts(db, before(days.drafts), limit)),
    sent: await steps((limit) => pruneOutbox(db, before(policy.outboxDays), limit)),
    idempotencyKeys: await steps((limit) => pruneIdempotency(db, before(days.idempotencyKeys), limit)),
    events: await steps((limit) => pruneEvents(db, before(days.events), limit)),
    audit: await steps((limit) => pruneAudit(db, organization.id, before(days.audit), limit)),
    pseudonymised: await pseudonymiseOrders(db, before(days.orderPersonal), now, batch, mac, by),
    lostSales: await pruneLostSales(db, before(policy.lostSalesDays)),
    tickets: await pruneTickets(db, now),
    strangers: await pruneStrangers(db, now, before(policy.strangerDays)),
    leases: await pruneLeases(db),
    nodes: await pruneNodes(db, before(policy.nodeDays)),
  }
}
