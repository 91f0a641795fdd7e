// How many orders a second are placed, of one variant that everybody wants and of many: our placing in its transaction, beside the very same
// statements sent through the driver alone. And how many are moved on.

import { loadavg } from 'node:os'
import { uuidv7 } from 'uuidv7'
import type { CatalogueHit } from '../../src/domain/catalogue/variant.ts'
import type { CustomerId, OrderId, UserId } from '../../src/domain/ids.ts'
import type { E164 } from '../../src/domain/phone.ts'
import { findActiveVariants } from '../../src/persistence/catalogue-search.ts'
import { addContact } from '../../src/persistence/contacts.ts'
import { type Database, openDatabase, type Tx } from '../../src/persistence/database.ts'
import { moveOrder } from '../../src/persistence/order-moves.ts'
import { type PlaceOrder, placeOrder } from '../../src/persistence/orders.ts'
import { ensureOrganization, type Organization } from '../../src/persistence/organization.ts'
import { numbered } from '../../src/persistence/placeholders.ts'
import { makeSealer } from '../../src/persistence/sealer.ts'
import { DEFAULT_POLICY } from '../../src/policy.ts'
import { type Figure, figure } from '../figures.ts'
import type { Bench } from '../parts.ts'
import { type BarePool, barePool } from '../pg.ts'
import { timed } from '../timed.ts'

export interface OrdersOptions {
  readonly rounds: number
  /** Orders of one round. */
  readonly count: number
}

const LANES = 8
const LINES = 3

interface Statement {
  readonly name: string
  readonly text: string
  readonly values: readonly unknown[]
}

export async function orders(bench: Bench, { rounds, count }: OrdersOptions): Promise<Figure[]> {
  const db = await openDatabase({ url: bench.databaseUrl, poolMax: LANES })
  const bare = barePool(bench.databaseUrl, LANES)
  try {
    const organization = await ensureOrganization(
      db,
      { name: 'Bench', currency: 'USD', timezone: 'UTC', locale: 'en-US', contactText: '' },
      uuidv7,
    )
    const userId = await bench.shop.addUser()
    const phone = `+${bench.numbers(1)[0]}` as E164
    const { contact } = await addContact(db, { orgId: organization.id, userId, phone, name: 'Buyer' }, uuidv7)
    const items = await findActiveVariants(db, organization.id, bench.shop.items)
    const wanted = (lines: readonly CatalogueHit[]): PlaceOrder =>
      orderOf(organization, userId, contact.customerId, lines)
    const hot = () => wanted(items.slice(0, 1))
    const many = (n: number) =>
      wanted(
        Array.from({ length: LINES }, (_, line) => items[(n * 7 + line * 11) % items.length]).flatMap(
          (hit) => hit ?? [],
        ),
      )
    const shapes = [
      ['orders per second on one hot variant', hot],
      ['orders per second on many variants', many],
    ] as const
    const figures: Figure[] = []
    for (const [name, make] of shapes) {
      const ours: number[] = []
      const theirs: number[] = []
      for (let round = 0; round < rounds; round += 1) {
        ours.push(await placedByUs(db, make, count))
        theirs.push(await placedBare(bare, make, count))
      }
      const note = `${LANES} at once; the same statements through the driver; load ${loadavg()[0]?.toFixed(1)}`
      figures.push(figure({ name, better: 'higher', unit: 'orders/s', ours, bare: theirs, note }))
    }
    figures.push(await moved(db, organization, userId, rounds, count))
    return figures
  } finally {
    await bare.end()
    await db.close()
  }
}

function orderOf(
  organization: Organization,
  userId: UserId,
  customerId: CustomerId,
  lines: readonly CatalogueHit[],
): PlaceOrder {
  return {
    orgId: organization.id,
    userId,
    customerId,
    channel: 'api',
    lines: lines.map((variant) => ({ variant, quantity: 1 })),
    actor: { type: 'user', id: userId },
  }
}

async function placedByUs(db: Database, make: (n: number) => PlaceOrder, count: number): Promise<number> {
  let n = 0
  const { perSecond } = await timed({ count, lanes: LANES }, async () => {
    n += 1
    const placed = await db.transaction((tx) => placeOrder(tx, make(n), uuidv7, new Date()))
    if (!placed.ok) throw new Error(placed.code)
  })
  return perSecond
}

/** The statements are made before, so that only sending them is measured. */
async function placedBare(pool: BarePool, make: (n: number) => PlaceOrder, count: number): Promise<number> {
  const all: (readonly (string | Statement)[])[] = []
  for (let n = 0; n < count; n += 1) all.push(await statementsOf(make(n)))
  let n = 0
  const { perSecond } = await timed({ count, lanes: LANES }, async () => {
    const statements = all[n] ?? []
    n += 1
    const client = await pool.connect()
    try {
      await client.query('begin')
      for (const statement of statements) await client.query(statement)
      await client.query('commit')
    } finally {
      client.release()
    }
  })
  return perSecond
}

const names = new Map<string, string>()

/** What placing this order says to the database. */
async function statementsOf(order: PlaceOrder): Promise<readonly (string | Statement)[]> {
  const said: (string | Statement)[] = []
  const note = (sql: string, values: readonly unknown[] = []) => {
    if (values.length === 0) return void said.push(sql)
    const text = numbered(sql, values.length)
    const name = names.get(text) ?? `bare_${names.size}`
    names.set(text, name)
    said.push({ name, text, values })
  }
  const recording: Pick<Tx, 'rows' | 'run'> = {
    rows: async <R extends object>(sql: string, values?: readonly unknown[]) => {
      note(sql, values)
      return [{ number: 1, short: null }] as unknown as R[]
    },
    run: async (sql, values) => {
      note(sql, values)
      return 1
    },
  }
  await placeOrder(recording as Tx, order, uuidv7, new Date())
  return said
}

/** From pending to shipped, each with its stock, its history and its message to the customer. */
async function moved(
  db: Database,
  organization: Organization,
  userId: UserId,
  rounds: number,
  count: number,
): Promise<Figure> {
  const deps = {
    organization,
    sealer: makeSealer(Buffer.alloc(32, 1)),
    policy: DEFAULT_POLICY.orders,
    newId: uuidv7,
    newWaMessageId: () => uuidv7(),
  }
  const steps = ['confirmed', 'processing', 'shipped'] as const
  const ours: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    // Orders placed here: those of other measurements have chats, which are sealed by their server's key.
    const rows = await db.rows<{ id: OrderId }>(
      `select id from orders where status = 'pending' and user_id = ? order by id limit ?`,
      [userId, Math.ceil(count / steps.length)],
    )
    const waiting = [...rows]
    const { perSecond } = await timed({ count: rows.length, lanes: LANES }, async () => {
      const orderId = waiting.pop()?.id
      if (orderId === undefined) throw new Error('there are too few orders')
      for (const to of steps) {
        const by = { mover: 'admin', actor: { type: 'system', id: null }, notify: true, at: new Date() } as const
        const done = await db.transaction((tx) => moveOrder(tx, deps, { scope: { kind: 'all' }, orderId, to, ...by }))
        if (!done.ok) throw new Error(done.refusal.message)
      }
    })
    ours.push(perSecond * steps.length)
  }
  const note = 'stock, history, audit and message each'
  return figure({ name: 'order moves per second', better: 'higher', unit: 'moves/s', ours, note })
}
