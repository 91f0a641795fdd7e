// Carries out steps on a real shop: its own products and customer on a database that all runs share. What a step must answer is said here for
// those that run alone; what must hold after each is invariants.ts.

import { uuidv7 } from 'uuidv7'
import type { ProductId } from '../../src/domain/ids.ts'
import {
  asId,
  type ConversationId,
  type CustomerId,
  type OrderId,
  type UserId,
  type VariantId,
} from '../../src/domain/ids.ts'
import type { OrderStatus } from '../../src/domain/order/order.ts'
import type { E164 } from '../../src/domain/phone.ts'
import { planAdjustments } from '../../src/domain/stock/adjust.ts'
import { updateProduct } from '../../src/persistence/catalogue.ts'
import { findSellable } from '../../src/persistence/catalogue-search.ts'
import { addContact } from '../../src/persistence/contacts.ts'
import { cancelByCustomer, confirmDraft, dropDraft } from '../../src/persistence/customer-orders.ts'
import { type Database, openDatabase } from '../../src/persistence/database.ts'
import { createDraft } from '../../src/persistence/draft-orders.ts'
import type { OrderDeps } from '../../src/persistence/order-changes.ts'
import { editOrder } from '../../src/persistence/order-edit.ts'
import { expireOrders } from '../../src/persistence/order-expiry.ts'
import { type MoveOrder, moveOrder } from '../../src/persistence/order-moves.ts'
import { placeOrder } from '../../src/persistence/orders.ts'
import { recordPayment } from '../../src/persistence/payments.ts'
import { adjustStock } from '../../src/persistence/stock-adjust.ts'
import { DEFAULT_POLICY } from '../../src/policy.ts'
import { appOn, type Person, type TestApp } from '../support/app.ts'
import { makeShop, NOON, type Shop } from '../support/bot-shop.ts'
import { MOVES_OF, violation } from './invariants.ts'
import { ITEMS, type Lines, type Step } from './steps.ts'

/** Of the shop's settings. */
const PENDING_HOURS = 48

type Teardown = Parameters<typeof makeShop>[0]

/** What runs share: a database, an account, and the door over HTTP. */
export interface Ground {
  readonly shop: Shop
  readonly userId: UserId
  readonly app: TestApp
  readonly boss: Person
  /** Of a database opened anew; closes the one before. */
  reopen(): Promise<Database>
}

export async function layGround(t: Teardown): Promise<Ground> {
  const shop = await makeShop(t)
  const { session: userId } = await shop.account('erin@example.com')
  const app = await appOn(t, shop.db)
  const boss = await app.person('manager')
  await shop.db.run('update users set manager_id = ? where id = ?', [boss.id, userId])
  const [row] = await shop.db.rows<{ name: string }>('select current_database() as name')
  const { adminUrl } = await (await import('../support/server.ts')).testServer()
  const url = (await import('../support/template.ts')).databaseUrl(adminUrl, row?.name ?? '')
  let opened: Database | null = null
  t.teardown(async () => opened?.close())
  return {
    ...{ shop, userId, app, boss },
    async reopen() {
      await opened?.close()
      opened = await openDatabase({ url })
      return opened
    },
  }
}

type Keyed = Extract<Step, { kind: 'keyed' }>

export interface World {
  /** What the notes of its requests with a key begin with. */
  readonly keys: string
  /** Carries it out. @throws what did not happen as it must */
  run(step: Step): Promise<void>
}

let worlds = 0

/** A customer and goods of this run's own. */
export async function makeWorld(ground: Ground): Promise<World> {
  const { shop, userId, app, boss } = ground
  const { organization, sealer } = shop
  const run = worlds++
  let db = shop.db
  const made = await Promise.all(
    Array.from({ length: ITEMS }, (_, index) =>
      shop.product({ name: `Thing ${'abc'[index]} of ${run}`, price: 10 + index, stock: 3 * index + 2, taxRate: 19 }),
    ),
  )
  const products = made.map(({ id }) => id)
  const goods = made.map(({ variants }) => variants[0]?.id ?? asId<VariantId>('')).sort()
  const phone = `+1555${String(1_000_000 + run)}` as E164
  const { contact } = await addContact(db, { orgId: organization.id, userId, phone, name: 'Amal' }, uuidv7)
  const customerId: CustomerId = contact.customerId
  const chat = asId<ConversationId>(uuidv7())
  const customer = { type: 'customer', id: customerId } as const
  const staff = { type: 'user', id: userId } as const
  const scope = { kind: 'all' } as const
  let sent = 0
  const deps: OrderDeps = {
    ...{ organization, sealer, newId: uuidv7 },
    policy: DEFAULT_POLICY.orders,
    newWaMessageId: () => `RUN${run}-${sent++}`,
  }
  /** Of each order, what may not change unless it is edited. */
  const prints = new Map<OrderId, string>()

  const orders = () =>
    db.rows<{ id: OrderId; status: OrderStatus; number: number; paid: number; back: number }>(
      `select o.id, o.status, o.number, coalesce(sum(amount_minor) filter (where kind = 'payment'), 0)::float8 as paid,
         coalesce(sum(amount_minor) filter (where kind = 'refund'), 0)::float8 as back
       from orders o left join payments p on p.order_id = o.id where o.customer_id = ? group by o.id order by o.number`,
      [customerId],
    )
  /** The one that is meant, counted from the latest: those are the ones that still move. */
  const pick = async (index: number) => {
    const all = await orders()
    return all.at(-1 - (index % Math.max(1, all.length)))
  }
  const levels = async () => {
    const rows = await db.rows<{ variant_id: VariantId; on_hand: number; reserved: number }>(
      'select variant_id, on_hand, reserved from stock_levels where variant_id = any(?::uuid[]) order by variant_id',
      [goods],
    )
    return rows.map((row) => ({ id: row.variant_id, onHand: row.on_hand, reserved: row.reserved }))
  }
  const wanted = async (lines: Lines) => {
    const hits = await findSellable(db, organization.id, { ids: goods, skus: [] })
    return lines.flatMap(([index, quantity]) => {
      const variant = hits.find(({ variantId }) => variantId === goods[index])
      return variant === undefined ? [] : [{ variant, quantity }]
    })
  }

  const place = async (lines: Lines, message: number | null) => {
    const items = await wanted(lines)
    if (items.length === 0) return null
    const source = message === null ? {} : { source: { conversationId: chat, waMessageId: `M${message}` } }
    const input = {
      orgId: organization.id,
      userId,
      customerId,
      channel: 'whatsapp',
      lines: items,
      actor: customer,
    } as const
    return db.transaction((tx) => placeOrder(tx, { ...input, ...source }, uuidv7, NOON))
  }
  const move = (orderId: OrderId, more: Pick<MoveOrder, 'to' | 'mover'> & Partial<MoveOrder>) =>
    db.transaction((tx) =>
      moveOrder(tx, deps, { scope, orderId, actor: staff, at: NOON, reason: 'why not', notify: true, ...more }),
    )
  const adjust = async (inputs: readonly { variantId: VariantId; delta?: number; countedOnHand?: number }[]) => {
    const planned = planAdjustments(inputs.map((each) => ({ ...each, reason: 'model', path: '' })))
    return planned.ok ? adjustStock(db, { orgId: organization.id, actorId: userId }, planned.value, uuidv7) : planned
  }
  const byCustomer = (orderId: OrderId) => ({ orderId, customerId, at: NOON })
  const good = (index: number) => goods[index] ?? asId<VariantId>('')

  /** Twice at once, as a client does that hears nothing. @returns the statuses, the lower first */
  const keyed = async ({ what, key, item, amount, claims }: Keyed, order: { readonly id: OrderId } | undefined) => {
    const name = `key ${run}-${what}-${key}`
    const claimed = claims ? { total: 1 } : {}
    const items = [{ variantId: good(item), quantity: amount, ...(claims ? { price: 1 } : {}) }]
    const [url, payload] =
      what === 'stock'
        ? ['/api/stock/adjustments', { variantId: good(item), delta: amount, reason: name }]
        : what === 'order'
          ? ['/api/orders', { userId, customerId, items, note: name, ...claimed }]
          : [
              `/api/orders/${order?.id ?? goods[0]}/payments`,
              { method: 'cash', amount: `${amount}.00`, reference: name, ...claimed },
            ]
    const headers = { 'idempotency-key': name.replaceAll(' ', '-') }
    const send = () => app.call({ method: 'POST', url, headers, payload, as: boss.token })
    const answers = await Promise.all([send(), send()])
    const statuses = answers.map(({ status }) => status).sort()
    if (statuses.some((status) => ![201, 404, 409, 422].includes(status)))
      throw new Error(`19: ${what} ${statuses.join(' ')} ${answers.find(({ status }) => status >= 400)?.text}`)
    if (claims && what !== 'stock' && statuses.includes(201)) throw new Error('12: what a client computed was taken')
    return statuses.join(' ')
  }
  /** What time does, until it has done it. */
  const expire = async (hours: number) => {
    const now = new Date(NOON.getTime() + hours * 3_600_000 + 300_000)
    for (;;) {
      const { drafts, unconfirmedOrders } = await expireOrders(db, deps, now)
      if (drafts + unconfirmedOrders === 0) return
    }
  }

  /** @returns what happened, in a word, for those who know what must */
  const act = async (step: Step): Promise<string> => {
    const word = (done: { readonly ok: boolean } | null | undefined) =>
      done == null ? 'nothing' : done.ok ? 'ok' : 'refused'
    switch (step.kind) {
      case 'place':
        return word(await place(step.lines, step.message))
      case 'draft': {
        const lines = await wanted(step.lines)
        const input = {
          orgId: organization.id,
          userId,
          customerId,
          channel: 'whatsapp',
          lines,
          actor: customer,
        } as const
        if (lines.length === 0) return 'nothing'
        return word(await db.transaction((tx) => createDraft(tx, input, uuidv7, NOON, 60_000)))
      }
      case 'yes':
      case 'no':
      case 'cancel': {
        const order = await pick(step.order)
        if (order === undefined) return 'nothing'
        const answer = step.kind === 'yes' ? confirmDraft : step.kind === 'no' ? dropDraft : cancelByCustomer
        // Twice at once, as an impatient customer does it.
        const both = await Promise.all(
          [1, 2].map(() => db.transaction(async (tx) => (await answer(tx, deps, byCustomer(order.id))).ok)),
        )
        if (step.kind !== 'cancel' && both.every(Boolean))
          throw new Error(`18: two ${step.kind} at once were both taken`)
        return both.some(Boolean) ? 'ok' : 'refused'
      }
      case 'move': {
        const order = await pick(step.order)
        return order === undefined ? 'nothing' : word(await move(order.id, { to: step.to, mover: step.by }))
      }
      case 'return': {
        const order = await pick(step.order)
        if (order === undefined) return 'nothing'
        const [line] = await db.rows<{ id: string }>(
          'select id from order_lines where order_id = ? order by position',
          [order.id],
        )
        const restock = [{ lineId: line?.id ?? '', quantity: step.restocked }]
        return word(await move(order.id, { to: 'returned', mover: 'admin', restock }))
      }
      case 'edit': {
        const order = await pick(step.order)
        const items = (await wanted(step.lines)).filter(
          (each, at, all) => all.findIndex((other) => other.variant === each.variant) === at,
        )
        if (order === undefined || items.length === 0) return 'nothing'
        const input = { scope, orderId: order.id, items, terms: {}, discountLimitBp: null, actor: staff, at: NOON }
        const done = await db.transaction((tx) => editOrder(tx, deps, input))
        if (done.ok) prints.delete(order.id)
        return word(done)
      }
      case 'pay':
      case 'refund': {
        const order = await pick(step.order)
        if (order === undefined) return 'nothing'
        const kind = step.kind === 'pay' ? 'payment' : 'refund'
        const payment = {
          kind,
          method: 'cash',
          amountMinor: step.amount,
          reference: '',
          actor: staff,
          at: NOON,
        } as const
        return word(await db.transaction((tx) => recordPayment(tx, deps, { scope, orderId: order.id, ...payment })))
      }
      case 'adjust':
        return word(await adjust(step.lines.map(([index, delta]) => ({ variantId: good(index), delta }))))
      case 'count':
        return word(await adjust([{ variantId: good(step.item), countedOnHand: step.onHand }]))
      case 'keyed':
        return keyed(step, await pick(step.item))
      case 'price':
      case 'archive': {
        const change =
          step.kind === 'price'
            ? { price: step.price }
            : { status: step.active ? ('active' as const) : ('archived' as const) }
        const id = products[step.item] ?? asId<ProductId>('')
        return word(await updateProduct(db, organization, id, change, null, userId, uuidv7))
      }
      case 'rush': {
        const all = await Promise.all(Array.from({ length: step.buyers }, () => place([[step.item, 1]], null)))
        return String(all.filter((each) => each?.ok).length)
      }
      case 'expire':
        await expire(step.hours)
        return 'ok'
      case 'restart':
        db = await ground.reopen()
        return 'ok'
      case 'together':
        await Promise.all(step.steps.map(act))
        return 'ok'
    }
  }

  /** What a step that runs alone must come to; null when nothing is said of it. */
  const expected = async (step: Step): Promise<string | null> => {
    switch (step.kind) {
      case 'place': {
        const items = await wanted(step.lines)
        if (items.length === 0) return 'nothing'
        const [used] = await db.rows(
          'select 1 from orders where user_id = ? and source_conversation_id = ? and source_wa_id = ?',
          [...[userId, chat], step.message === null ? null : `M${step.message}`],
        )
        const enough = (await levels()).every(({ id, onHand, reserved }) => {
          const sum = items.reduce((all, each) => (each.variant.variantId === id ? all + each.quantity : all), 0)
          return sum <= onHand - reserved
        })
        return used === undefined && enough ? 'ok' : 'refused'
      }
      case 'move': {
        const order = await pick(step.order)
        if (order === undefined) return 'nothing'
        const never = step.to === 'expired' || (step.to === 'returned' && step.by === 'employee')
        if (never || !(MOVES_OF[order.status] ?? []).includes(step.to)) return 'refused'
        // A draft may lack stock or goods.
        return order.status === 'draft' ? null : 'ok'
      }
      case 'pay':
      case 'refund': {
        const order = await pick(step.order)
        if (order === undefined) return 'nothing'
        const placed = order.status !== 'draft' && order.status !== 'expired'
        return placed && (step.kind === 'pay' || step.amount <= order.paid - order.back) ? 'ok' : 'refused'
      }
      case 'count': {
        const level = (await levels()).find(({ id }) => id === good(step.item))
        return step.onHand >= (level?.reserved ?? 0) ? 'ok' : 'refused'
      }
      case 'rush': {
        const level = (await levels()).find(({ id }) => id === good(step.item))
        const sold = (await wanted([[step.item, 1]])).length > 0
        return String(sold ? Math.min(step.buyers, (level?.onHand ?? 0) - (level?.reserved ?? 0)) : 0)
      }
      default:
        return null
    }
  }

  /** Of the orders of that noon, none waits longer than it may. */
  const due = (hours: number) =>
    db.rows(
      `select number, status from orders where customer_id = ? and placed_at = ?
         and (status = 'draft' or status = 'pending' and coalesce(status_at, placed_at) <= ?)`,
      [customerId, NOON, new Date(NOON.getTime() + (hours - PENDING_HOURS) * 3_600_000)],
    )

  /** What was sold is not changed by anything but an edit. */
  const compare = async () => {
    const rows = await db.rows<{ id: OrderId; print: string }>(
      `select o.id, md5(concat(o.number, o.currency, o.total_minor, o.shipping_minor, json_agg(l order by l.position)::text)) as print
       from orders o join order_lines l on l.order_id = o.id where o.customer_id = ? group by o.id`,
      [customerId],
    )
    for (const { id, print } of rows) {
      const before = prints.get(id)
      if (before !== undefined && before !== print) throw new Error(`10: order ${id} was changed without being edited`)
      prints.set(id, print)
    }
  }
  let ledger: { readonly seq: string; readonly print: string } | null = null
  const reread = async () => {
    const print = async (upTo: string | null) => {
      const [row] = await db.rows<{ seq: string; print: string }>(
        `select coalesce(max(seq), 0) as seq, coalesce(md5(string_agg(m::text, '' order by seq)), '') as print from stock_movements m
         where variant_id = any(?::uuid[]) and (?::bigint is null or seq <= ?::bigint)`,
        [goods, upTo, upTo],
      )
      return row ?? null
    }
    if (ledger !== null && (await print(ledger.seq))?.print !== ledger.print)
      throw new Error('8: a movement was changed')
    ledger = await print(null)
  }

  return {
    keys: `key ${run}-`,
    async run(step) {
      const must = await expected(step)
      const did = await act(step)
      if (must !== null && must !== did) throw new Error(`${JSON.stringify(step)} must be ${must} and was ${did}`)
      if (step.kind === 'expire' && (await due(step.hours)).length > 0) throw new Error('what is overdue was left')
      await compare()
      await reread()
      const found = await violation(db, { goods, customer: customerId })
      if (found !== null) throw new Error(`${found.invariant}: ${JSON.stringify(found.rows.slice(0, 3))}`)
    },
  }
}
