import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { asId, type VariantId } from '../../src/domain/ids.ts'
import { receive } from '../../src/persistence/stock.ts'
import { makeShop } from '../support/bot-shop.ts'

async function stocked(t: Parameters<typeof makeShop>[0], stocks: readonly number[]) {
  const shop = await makeShop(t)
  const ids: VariantId[] = []
  for (const [index, stock] of stocks.entries()) {
    const { variants } = await shop.product({ name: `Thing ${'abc'[index]}`, price: 1, stock })
    ids.push(variants[0]?.id ?? asId<VariantId>(''))
  }
  return { shop, ids }
}

t.test('what has no level cannot be received', async (t) => {
  const { shop } = await stocked(t, [5])
  const variantId = asId<VariantId>(uuidv7())
  await shop.db.transaction(async (tx) => {
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
