// What time does to orders: drafts that nobody answered expire, new orders that nobody confirmed are cancelled and give their stock back,
// messages that could not be delivered are given up. When it runs is the janitor's; several nodes may do it at once.
import type { OrderId } from '../domain/ids.ts'
import { NOT_CONFIRMED } from '../domain/order/order.ts'
import type { Database } from './database.ts'
import { giveUpNotices } from './notices.ts'
import type { OrderDeps } from './order-changes.ts'
import { type MoveOrder, moveOrder } from './order-moves.ts'

const HOUR_MS = 3_600_000
/** How many orders one run takes on; the rest is for the next. */
const AT_ONCE = 200

export interface Expired extends Record<string, number> {
  readonly drafts: number
  readonly unconfirmedOrders: number
  readonly undeliveredNotices: number
}

/** @returns how many of each */
export async function expireOrders(db: Database, deps: OrderDeps, now: Date): Promise<Expired> {
  const ago = (ms: number) => new Date(now.getTime() - ms)
  const pendingMs = deps.organization.settings.bot.pendingExpiryHours * HOUR_MS
  const due = await db.rows<{ id: OrderId; status: 'draft' | 'pending' }>(
    `select id, status from orders
     where status = 'draft' and coalesce(expires_at, placed_at + ? * interval '1 millisecond') <= ?
        or status = 'pending' and coalesce(status_at, placed_at) <= ?
     order by placed_at limit ?`,
    [deps.policy.draftMs, now, ago(pendingMs), AT_ONCE],
  )
  const done = { draft: 0, pending: 0 }
  for (const { id, status } of due) {
    const move: MoveOrder = {
      scope: { kind: 'all' },
      orderId: id,
      mover: 'timer',
      actor: { type: 'system', id: null },
      at: now,
      ...(status === 'draft'
        ? { to: 'expired', notify: false }
        : { to: 'cancelled', notify: true, reason: NOT_CONFIRMED }),
    }
    // Somebody, or another node, may have moved it meanwhile: then it is not due any more.
    const moved = await db.transaction((tx) => moveOrder(tx, deps, move))
    if (moved.ok) done[status] += 1
  }
  return {
    drafts: done.draft,
    unconfirmedOrders: done.pending,
    undeliveredNotices: await giveUpNotices(db, ago(deps.policy.noticeLifeMs)),
  }
}
