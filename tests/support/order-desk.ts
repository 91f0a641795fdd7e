// A shop with orders that move: what tests of persistence/order-*.ts stand on. Each step is a transaction of its own.
import { uuidv7 } from 'uuidv7'
import type { CatalogueHit } from '../../src/domain/catalogue/variant.ts'
import { asId, type CustomerId, type Fence, type OrderId } from '../../src/domain/ids.ts'
import type { OrderStatus } from '../../src/domain/order/order.ts'
import type { Terms } from '../../src/domain/order/totals.ts'
import type { Mover } from '../../src/domain/order/transitions.ts'
import { catalogPage } from '../../src/persistence/catalogue-search.ts'
import { recogniseSender } from '../../src/persistence/contacts.ts'
import { createDraft } from '../../src/persistence/draft-orders.ts'
import type { OrderDeps } from '../../src/persistence/order-changes.ts'
import { type MoveOrder, moveOrder } from '../../src/persistence/order-moves.ts'
import { type Placed, placeOrder } from '../../src/persistence/orders.ts'
import { DEFAULT_POLICY, type OrderPolicy } from '../../src/policy.ts'
import { AMAL, makeShop, NOON, type Shop } from './bot-shop.ts'

export interface Desk {
  readonly shop: Shop
  readonly erin: Fence
  readonly amal: CustomerId
  readonly deps: OrderDeps
  readonly items: readonly CatalogueHit[]
  /** [which item, how many] for each line. */
  place(lines: readonly (readonly [number, number])[], terms?: Terms): Promise<Placed>
  /** The same, as it must be placed. @returns its id */
  placed(lines?: readonly (readonly [number, number])[], terms?: Terms): Promise<OrderId>
  draft(lines?: readonly (readonly [number, number])[], terms?: Terms): Promise<OrderId>
  move(id: OrderId, to: OrderStatus, more?: Partial<MoveOrder>): ReturnType<typeof moveOrder>
  /** One move after the other by an admin; each must be allowed. */
  walk(id: OrderId, ...to: readonly OrderStatus[]): Promise<void>
  /** [on hand, reserved] of each item, held against the ledger and the open orders. */
  levels(): Promise<readonly (readonly [number, number])[]>
  /** What waits in the outbox about this order, or was sent. */
  notices(id: OrderId): Promise<readonly { readonly text: string; readonly state: string; readonly nextAt: Date }[]>
}

type Check = (ok: boolean, what: string) => void

/** @param check told of every invariant, each time the levels are looked at */
export async function openDesk(
  t: Parameters<typeof makeShop>[0],
  stocks: readonly number[],
  { check, policy = {} }: { readonly check?: Check; readonly policy?: Partial<OrderPolicy> } = {},
): Promise<Desk> {
  const shop = await makeShop(t)
  const { db, organization, sealer } = shop
  const erin = await shop.account('erin@example.com')
  await shop.contact(erin.session, AMAL, 'Amal')
  for (const [index, stock] of stocks.entries())
    await shop.product({ name: `Thing ${'abcdefgh'[index]}`, price: 10 + index, stock, taxRate: 19 })
  const { items } = await catalogPage(db, organization.id, { offset: 0, limit: 100 })
  const known = await recogniseSender(db, { orgId: organization.id, userId: erin.session, phone: AMAL, lid: null })
  const amal = known?.customerId ?? asId<CustomerId>('')
  let sent = 0
  const deps: OrderDeps = {
    organization,
    sealer,
    policy: { ...DEFAULT_POLICY.orders, ...policy },
    newId: uuidv7,
    newWaMessageId: () => `NOTICE${sent++}`,
  }
  const order = (lines: readonly (readonly [number, number])[], terms: Terms = {}) => ({
    orgId: organization.id,
    userId: erin.session,
    customerId: amal,
    channel: 'whatsapp' as const,
    lines: lines.flatMap(([index, quantity]) => {
      const variant = items[index]
      return variant === undefined ? [] : [{ variant, quantity }]
    }),
    terms,
    actor: { type: 'customer', id: amal } as const,
  })
  const desk: Desk = {
    shop,
    erin,
    amal,
    deps,
    items,
    place: (lines, terms) => db.transaction((tx) => placeOrder(tx, order(lines, terms), uuidv7, NOON)),
    async placed(lines = [[0, 1]], terms) {
      const placed = await desk.place(lines, terms)
      if (!placed.ok) throw new Error(placed.code)
      return placed.order.id
    },
    async draft(lines = [[0, 1]], terms) {
      const draft = await db.transaction((tx) =>
        createDraft(tx, order(lines, terms), uuidv7, NOON, deps.policy.draftMs),
      )
      if (!draft.ok) throw new Error(draft.code)
      return draft.order.id
    },
    move: (orderId, to, more = {}) =>
      db.transaction((tx) =>
        moveOrder(tx, deps, {
          scope: { kind: 'all' },
          orderId,
          to,
          mover: 'admin' satisfies Mover,
          actor: { type: 'user', id: erin.session },
          reason: to === 'cancelled' ? 'out of paper' : null,
          notify: true,
          at: NOON,
          ...more,
        }),
      ),
    async walk(id, ...to) {
      for (const each of to) {
        const moved = await desk.move(id, each)
        if (!moved.ok) throw new Error(`${each}: ${moved.refusal.message}`)
      }
    },
    async levels() {
      const rows = await db.rows<{
        on_hand: number
        reserved: number
        ledger_on_hand: number
        ledger_reserved: number
        ordered: number
        last: readonly [number, number]
      }>(
        `select s.on_hand, s.reserved,
           (select coalesce(sum(on_hand_delta), 0)::int from stock_movements m where m.variant_id = s.variant_id) as ledger_on_hand,
           (select coalesce(sum(reserved_delta), 0)::int from stock_movements m where m.variant_id = s.variant_id) as ledger_reserved,
           (select coalesce(sum(l.quantity), 0)::int from order_lines l join orders o on o.id = l.order_id
            where l.variant_id = s.variant_id and o.status in ('pending','confirmed','processing')) as ordered,
           (select json_build_array(m.on_hand_after, m.reserved_after) from stock_movements m where m.variant_id = s.variant_id
            order by m.seq desc limit 1) as last
         from stock_levels s join variants v on v.id = s.variant_id order by v.sku`,
      )
      for (const row of rows) {
        check?.(row.ledger_on_hand === row.on_hand, 'the ledger explains what is on hand')
        check?.(row.ledger_reserved === row.reserved, 'the ledger explains what is reserved')
        check?.(row.ordered === row.reserved, 'open orders explain what is reserved')
        check?.(row.last[0] === row.on_hand && row.last[1] === row.reserved, 'the last movement says what there is')
      }
      return rows.map((row) => [row.on_hand, row.reserved])
    },
    notices: (id) =>
      db.rows(
        `select m.text, o.state, o.next_at as "nextAt" from outbox o join messages m on m.id = o.message_id
         where o.notice_of = ? order by o.seq`,
        [id],
      ),
  }
  return desk
}
