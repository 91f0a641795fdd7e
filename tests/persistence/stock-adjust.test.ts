import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { asId, type CustomerId, type Fence, type VariantId } from '../../src/domain/ids.ts'
import { type AdjustmentInput, planAdjustments } from '../../src/domain/stock/adjust.ts'
import { catalogPage } from '../../src/persistence/catalogue-search.ts'
import { recogniseSender } from '../../src/persistence/contacts.ts'
import { placeOrder } from '../../src/persistence/orders.ts'
import { adjustStock } from '../../src/persistence/stock-adjust.ts'
import { checkStock, rebuildLevels } from '../../src/persistence/stock-check.ts'
import { AMAL, makeShop, NOON, type Shop, warm } from '../support/bot-shop.ts'
import { meanwhile } from '../support/meanwhile.ts'

type Correction = { readonly [K in keyof AdjustmentInput]?: AdjustmentInput[K] | undefined }

interface Store {
  readonly shop: Shop
  readonly erin: Fence
  readonly ids: readonly VariantId[]
  adjust(...inputs: readonly Correction[]): ReturnType<typeof adjustStock>
  order(lines: readonly (readonly [number, number])[]): ReturnType<typeof placeOrder>
  levels(): Promise<readonly (readonly [number, number])[]>
}

/** Products of these stocks, all of which run low at two. */
async function store(t: Parameters<typeof makeShop>[0], stocks: readonly number[]): Promise<Store> {
  const shop = await makeShop(t)
  const { db, organization } = shop
  const erin = await shop.account('erin@example.com')
  await shop.contact(erin.session, AMAL, 'Amal')
  for (const [index, stock] of stocks.entries())
    await shop.product({ name: `Thing ${'abc'[index]}`, price: 1, stock, lowStockThreshold: 2 })
  const { items } = await catalogPage(db, organization.id, { offset: 0, limit: 10 })
  const from = { orgId: organization.id, userId: erin.session, phone: AMAL, lid: null }
  const customerId = (await recogniseSender(db, from))?.customerId ?? asId<CustomerId>('')
  const ids = items.map(({ variantId }) => variantId)
  const [first = asId<VariantId>('')] = ids
  return {
    shop,
    erin,
    ids,
    adjust(...inputs) {
      const planned = planAdjustments(
        inputs.map(({ variantId = first, delta, countedOnHand, kind }, index) => ({
          ...{ variantId, delta, countedOnHand, kind },
          ...{ reason: 'test', path: `items[${index}].` },
        })),
      )
      if (!planned.ok) throw new Error(planned.refusal.message)
      return adjustStock(db, { orgId: organization.id, actorId: erin.session }, planned.value, uuidv7)
    },
    order: (lines) =>
      db.transaction((tx) =>
        placeOrder(
          tx,
          {
            orgId: organization.id,
            userId: erin.session,
            customerId,
            channel: 'api',
            lines: lines.flatMap(([index, quantity]) => {
              const variant = items[index]
              return variant === undefined ? [] : [{ variant, quantity }]
            }),
            actor: { type: 'customer', id: customerId },
          },
          uuidv7,
          NOON,
        ),
      ),
    async levels() {
      const rows = await db.rows<{ on_hand: number; reserved: number }>(
        'select on_hand, reserved from stock_levels order by variant_id',
      )
      return rows.map((row) => [row.on_hand, row.reserved] as const)
    },
  }
}

const eventsOf = async ({ shop }: Store) =>
  shop.db.rows<{ type: string; subject: string; payload: object }>(
    `select type, subject, payload from event_log where type in ('stock.low','stock.out') order by id`,
  )

t.test('a correction changes the level, and ledger, audit and events say so', async (t) => {
  const at = await store(t, [5, 5])
  const [a, b] = at.ids
  const done = await at.adjust({ variantId: b, delta: -2, kind: 'writeoff' }, { variantId: a, countedOnHand: 9 })
  t.match(done, {
    ok: true,
    value: [
      { variantId: a, kind: 'adjustment', delta: 4, onHand: 9, reserved: 0 },
      { variantId: b, kind: 'writeoff', delta: -2, onHand: 3, reserved: 0 },
    ],
  })
  t.same(await at.levels(), [
    [9, 0],
    [3, 0],
  ])
  const { db, organization } = at.shop
  t.match(await db.rows(`select * from stock_movements where kind <> 'receipt' order by seq`), [
    { variant_id: a, kind: 'adjustment', on_hand_delta: 4, on_hand_after: 9, reason: 'test' },
    { variant_id: b, kind: 'writeoff', on_hand_delta: -2, on_hand_after: 3, actor_id: at.erin.session },
  ])
  t.match(await db.rows(`select * from audit_log where action = 'stock.adjust' order by subject`), [
    { subject: a, before: { onHand: 5 }, after: { onHand: 9, kind: 'adjustment', reason: 'test' } },
    { subject: b, before: { onHand: 5 }, after: { onHand: 3 }, actor_id: at.erin.session },
  ])
  t.match(await db.rows(`select subject, payload from event_log where type = 'stock.adjusted' order by id`), [
    { subject: a, payload: { onHand: 9, reserved: 0 } },
    { subject: b },
  ])
  t.same(await checkStock(db, organization.id), [])
})

t.test('nothing is taken that orders were promised, and every line that would be is named', async (t) => {
  const at = await store(t, [5, 5, 5])
  const [a, b, c] = at.ids
  await at.order([
    [0, 3],
    [2, 1],
  ])
  const done = await at.adjust(
    { variantId: c, countedOnHand: 0 },
    { variantId: b, delta: 10 },
    { variantId: a, delta: -3 },
  )
  t.match(done, { ok: false, refusal: { code: 'below-reserved' } })
  t.same(done.ok ? [] : done.refusal.errors?.map(({ path }) => path), ['items[2].variantId', 'items[0].variantId'])
  t.same(await at.levels(), [
    [5, 3],
    [5, 0],
    [5, 1],
  ])
  t.match(await at.adjust({ variantId: a, delta: -2 }), { ok: true, value: [{ onHand: 3, reserved: 3 }] })
  t.match(await at.adjust({ variantId: asId<VariantId>(uuidv7()), delta: 1 }, { variantId: a, delta: 1 }), {
    ok: false,
    refusal: { code: 'unknown-variant' },
  })
  t.match(await at.levels(), [[3, 3]])
})

t.test('a count is right whatever is ordered and received beside it', async (t) => {
  const at = await store(t, [40, 40])
  const [a, b] = at.ids
  await warm(at.shop.db)
  const work = Array.from({ length: 30 }, (_, index) => {
    switch (index % 3) {
      case 0:
        return at.adjust({ variantId: b, delta: 1 }, { variantId: a, countedOnHand: 60 + index })
      case 1:
        return at.adjust({ variantId: a, delta: 2 }, { variantId: b, delta: -1 })
      default:
        return at.order([
          [1, 1],
          [0, 1],
        ])
    }
  })
  const done = await Promise.all(work)
  t.ok(done.every((each) => each.ok))
  t.same(await checkStock(at.shop.db, at.shop.organization.id), [], 'each movement goes on from the one before')
  const [[, reserved] = [0, 0], second] = await at.levels()
  t.equal(reserved, 10)
  t.same(second, [40, 10])
})

t.test('who comes while stock is given back, or more comes in, is served from what there is then', async (t) => {
  const at = await store(t, [5])
  const { db } = at.shop
  await at.order([[0, 5]])
  const givesBack = 'update stock_levels set reserved = 2'
  t.match(await meanwhile(db, givesBack, () => at.order([[0, 3]])), { ok: true })
  t.same(await at.levels(), [[5, 5]])
  t.match(await meanwhile(db, 'update stock_levels set on_hand = 9', () => at.order([[0, 4]])), { ok: true })
  t.same(await at.levels(), [[9, 9]])
  t.match(await meanwhile(db, givesBack, () => at.adjust({ delta: -7 })), { ok: true, value: [{ delta: -7 }] })
  t.same(await at.levels(), [[2, 2]])
})

t.test('a level that runs low or out says so once, by whatever it was taken', async (t) => {
  const at = await store(t, [5])
  const [a] = at.ids
  await at.order([[0, 2]])
  t.same(await eventsOf(at), [], 'three are left')
  await at.order([[0, 1]])
  await at.adjust({ delta: -1 })
  t.match(await eventsOf(at), [{ type: 'stock.low', subject: a, payload: { available: 2, threshold: 2 } }], 'once')
  await at.order([[0, 1]])
  t.match((await eventsOf(at)).slice(1), [{ type: 'stock.out', subject: a, payload: { available: 0 } }])
  await at.adjust({ delta: 10 })
  await at.adjust({ countedOnHand: 4 })
  t.match(
    (await eventsOf(at)).slice(2).map(({ type }) => type),
    ['stock.out'],
    'from plenty to nothing at once is out, not low and out',
  )
})

t.test('the threshold is that of the variant as it is now, and what is not counted tells nothing', async (t) => {
  const at = await store(t, [9])
  await at.shop.db.run('update variants set low_stock_threshold = 7')
  await at.order([[0, 2]])
  t.match(await eventsOf(at), [{ type: 'stock.low', payload: { available: 7, threshold: 7 } }])
  await at.shop.db.run('update variants set track_stock = false')
  await at.adjust({ countedOnHand: 2 })
  t.equal((await eventsOf(at)).length, 1)
})

t.test('fifty buyers of the last ones make one event of each kind', async (t) => {
  const at = await store(t, [10])
  await warm(at.shop.db)
  await Promise.all(Array.from({ length: 50 }, () => at.order([[0, 1]])))
  t.same(
    (await eventsOf(at)).map(({ type }) => type),
    ['stock.low', 'stock.out'],
  )
})

t.test('movements are never changed and never removed', async (t) => {
  const { db } = (await store(t, [5])).shop
  await t.rejects(db.run(`update stock_movements set reason = 'other'`), /append-only/)
  await t.rejects(db.run('delete from stock_movements'), /append-only/)
  t.match(await db.rows('select reason from stock_movements'), [{ reason: 'initial stock' }])
})

t.test('levels that differ from the ledger are found and made anew from it', async (t) => {
  const at = await store(t, [5, 7])
  const [a] = at.ids
  const { db, organization } = at.shop
  await at.order([[1, 2]])
  await db.run('update stock_levels set on_hand = 6, reserved = 1 where variant_id = ?', [a])
  t.match(await checkStock(db, organization.id), [
    { variantId: a, onHand: 6, reserved: 1, ledgerOnHand: 5, ledgerReserved: 0, ordered: 0, brokenMovements: 0 },
  ])
  t.equal(await rebuildLevels(db, organization.id), 1)
  t.same(await checkStock(db, organization.id), [])
  t.same(await at.levels(), [
    [5, 0],
    [7, 2],
  ])
  await db.run(
    `insert into stock_movements (id, variant_id, kind, on_hand_delta, reserved_delta, on_hand_after, reserved_after, actor_type)
     values (?, ?, 'adjustment', 1, 0, 9, 0, 'system')`,
    [uuidv7(), a],
  )
  t.match(await checkStock(db, organization.id), [{ onHand: 5, ledgerOnHand: 6, brokenMovements: 1 }])
})
