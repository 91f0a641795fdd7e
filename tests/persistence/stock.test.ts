import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { asId, type VariantId } from '../../src/domain/ids.ts'
import { receive, reserve } from '../../src/persistence/stock.ts'
import { makeShop, type Shop } from '../support/bot-shop.ts'

async function stocked(t: Parameters<typeof makeShop>[0], stocks: readonly number[]) {
  const shop = await makeShop(t)
  const ids: VariantId[] = []
  for (const [index, stock] of stocks.entries()) {
    const { variants } = await shop.product({ name: `Thing ${'abc'[index]}`, price: 1, stock })
    ids.push(variants[0]?.id ?? asId<VariantId>(''))
  }
  return { shop, ids }
}

async function levels(shop: Shop): Promise<readonly (readonly [number, number])[]> {
  const rows = await shop.db.rows<{ on_hand: number; reserved: number }>(
    'select on_hand, reserved from stock_levels order by variant_id',
  )
  return rows.map((row) => [row.on_hand, row.reserved])
}

t.test('every line is reserved or none, and the transaction may go on', async (t) => {
  const { shop, ids } = await stocked(t, [5, 1])
  const [a = asId<VariantId>(''), b = asId<VariantId>('')] = ids
  await shop.db.transaction(async (tx) => {
    const short = await reserve(tx, [
      { variantId: a, quantity: 2 },
      { variantId: b, quantity: 1 },
      { variantId: b, quantity: 1 },
    ])
    t.same(short, { ok: false, short: [{ variantId: b, wanted: 2, available: 1 }] })
    const fine = await reserve(tx, [
      { variantId: b, quantity: 1 },
      { variantId: a, quantity: 1 },
    ])
    t.match(fine, {
      ok: true,
      levels: [
        { variantId: a, onHand: 5, reserved: 1 },
        { variantId: b, reserved: 1 },
      ],
    })
  })
  t.same(await levels(shop), [
    [5, 1],
    [1, 1],
  ])
})

t.test('what has no level cannot be reserved or received', async (t) => {
  const { shop } = await stocked(t, [5])
  const variantId = asId<VariantId>(uuidv7())
  await shop.db.transaction(async (tx) => {
    t.same(await reserve(tx, [{ variantId, quantity: 1 }]), {
      ok: false,
      short: [{ variantId, wanted: 1, available: 0 }],
    })
    const received = await receive(tx, variantId, 1, 'test', { type: 'system', id: null }, uuidv7)
    t.match(received, { ok: false, refusal: { code: 'unknown-variant' } })
    await t.rejects(receive(tx, variantId, 0, 'test', { type: 'system', id: null }, uuidv7))
  })
})

t.test('movements are the history of a level', async (t) => {
  const { shop, ids } = await stocked(t, [5])
  const [variantId = asId<VariantId>('')] = ids
  await shop.db.transaction((tx) => receive(tx, variantId, 3, 'delivery', { type: 'system', id: null }, uuidv7))
  const rows = await shop.db.rows('select kind, on_hand_delta, on_hand_after, reason from stock_movements order by id')
  t.same(rows, [
    { kind: 'receipt', on_hand_delta: 5, on_hand_after: 5, reason: 'initial stock' },
    { kind: 'receipt', on_hand_delta: 3, on_hand_after: 8, reason: 'delivery' },
  ])
})
