import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { makeCatalogueIndex } from '../../src/actors/inbox/catalogue-index.ts'
import { interpret } from '../../src/domain/bot/interpret.ts'
import type { ProductStatus } from '../../src/domain/catalogue/product.ts'
import { searchKeys } from '../../src/domain/catalogue/search.ts'
import type { CatalogueHit } from '../../src/domain/catalogue/variant.ts'
import type { ProductId, VariantId } from '../../src/domain/ids.ts'
import type { Result } from '../../src/domain/result.ts'
import { createProduct, createVariant, updateProduct, updateVariant } from '../../src/persistence/catalogue.ts'
import { removeProduct } from '../../src/persistence/catalogue-removal.ts'
import { catalogPage } from '../../src/persistence/catalogue-search.ts'
import { makeShop, type Shop, warm } from '../support/bot-shop.ts'

const code = (result: Result<unknown>) => (result.ok ? 'ok' : result.refusal.code)
const said = (result: Result<unknown>) => (result.ok ? 'ok' : result.refusal.message)

function tools({ db, organization: org }: Shop) {
  const make = (input: Parameters<typeof createProduct>[2]) => createProduct(db, org, input, null, uuidv7)
  const change = (id: ProductId, what: Parameters<typeof updateProduct>[3]) =>
    updateProduct(db, org, id, what, null, null, uuidv7)
  const vary = (id: VariantId, what: Parameters<typeof updateVariant>[3]) =>
    updateVariant(db, org, id, what, null, null, uuidv7)
  const add = (id: ProductId, what: Parameters<typeof createVariant>[3]) =>
    createVariant(db, org, id, what, null, null, uuidv7)
  return { make, change, vary, add }
}

t.test('a name, alias or SKU that is another active product’s is refused, and the answer says whose', async (t) => {
  const shop = await makeShop(t)
  const { make, change, vary, add } = tools(shop)
  await shop.product({ name: 'Blue Mug', sku: 'MUG-1', price: 1, aliases: ['cup'] })
  t.equal(
    said(await make({ name: 'Red Mug', price: 1, aliases: ['CUP!'] })),
    'Chat could not tell "CUP!" from "Blue Mug". Change the name, SKU or alias.',
  )
  const red = await shop.product({ name: 'Red Mug', price: 1 })
  const [variant] = red.variants
  if (variant === undefined) throw new Error('no variant')
  t.equal(code(await change(red.id, { name: 'Blue  mug' })), 'name-taken')
  t.equal(code(await change(red.id, { name: 'Mug 1' })), 'name-taken')
  t.equal(code(await change(red.id, { aliases: ['cup'] })), 'name-taken')
  t.equal(code(await vary(variant.id, { aliases: ['bluemug'] })), 'name-taken')
  t.equal(code(await vary(variant.id, { sku: 'Cup' })), 'name-taken')
  t.equal(code(await vary(variant.id, { sku: 'mug-1' })), 'sku-taken')
  t.equal(code(await add(red.id, { name: 'Big', price: 1, aliases: ['blue mug'] })), 'name-taken')
  t.equal(code(await add(red.id, { name: 'Big', price: 1, aliases: ['red mug'] })), 'name-taken', 'its own sibling')
  t.equal(code(await change(red.id, { name: 'Help' })), 'name-is-command')
  t.equal(code(await vary(variant.id, { aliases: ['yes'] })), 'name-is-command')
  t.equal(code(await vary(variant.id, { sku: 'A:1;B' })), 'invalid-product', 'chat reads it as two')
  const [row] = await shop.db.rows<{ n: number }>('select count(*)::int as n from price_history')
  t.equal(row?.n, 2, 'what was refused left nothing')
})

t.test(
  'only active products have names: a draft takes them when it becomes active, an archived one gives them up',
  async (t) => {
    const shop = await makeShop(t)
    const { change } = tools(shop)
    const old = await shop.product({ name: 'Blue Mug', sku: 'OLD', price: 1 })
    const draft = await shop.product({ name: 'Blue Mug', sku: 'NEW', price: 1, status: 'draft' })
    t.equal(code(await change(draft.id, { status: 'active' })), 'name-taken')
    t.equal(
      code(await change(draft.id, { status: 'active', name: 'Blue Mug Deluxe' })),
      'ok',
      'with a new name in the same change',
    )
    t.equal(code(await change(draft.id, { name: 'Blue Mug' })), 'name-taken')
    t.equal(code(await change(old.id, { status: 'archived' })), 'ok')
    t.equal(code(await change(draft.id, { name: 'Blue Mug' })), 'ok')
    t.equal(code(await change(old.id, { status: 'active' })), 'name-taken')
    const names = await makeCatalogueIndex(shop.db, shop.organization.id).current()
    t.match(names.exactly('blue mug'), { variants: [{ sku: 'NEW' }] })
    const { id } = draft
    t.match(await removeProduct(shop.db, shop.organization.id, id, null, null, uuidv7), { ok: true, value: null })
    t.equal(code(await change(old.id, { status: 'active' })), 'ok')
  },
)

t.test('a SKU that is made takes no name of another', async (t) => {
  const shop = await makeShop(t)
  await shop.product({ name: 'Green Mug', price: 1, status: 'archived' })
  await shop.product({ name: 'Green Mug 2', sku: 'X', price: 1 })
  t.match(await shop.product({ name: 'Green Mug', price: 1 }), { sku: 'GREEN-MUG-3' })
})

t.test('of two that want one name at the same instant, one gets it', async (t) => {
  const shop = await makeShop(t)
  const { make, change } = tools(shop)
  const [a, b] = [await shop.product({ name: 'Mug A', price: 1 }), await shop.product({ name: 'Mug B', price: 1 })]
  await warm(shop.db)
  const made = await Promise.all([
    ...Array.from({ length: 4 }, () => make({ name: 'The Mug', price: 1 })),
    change(a.id, { name: 'The Mug' }),
    change(b.id, { aliases: ['the mug'] }),
  ])
  t.same(made.map(code).sort(), ['name-taken', 'name-taken', 'name-taken', 'name-taken', 'name-taken', 'ok'])
})

t.test('the database itself gives a name to one product only, whoever writes', async (t) => {
  const shop = await makeShop(t)
  await shop.product({ name: 'Blue Mug', price: 1 })
  const red = await shop.product({ name: 'Red Mug', price: 1 })
  const rogue = shop.db.run(`update variants set search_keys = search_keys || '{bluemug}' where product_id = ?`, [
    red.id,
  ])
  await t.rejects(rogue, { code: '23505', constraint: 'chat_names_pkey' })
})

const demo = JSON.parse(readFileSync(new URL('../../data/demo-catalog.json', import.meta.url), 'utf8')) as {
  variants: readonly { readonly name: string; readonly sku: string }[]
}
/** Hostile names of the demo shop, and names that are nearly the same, or nearly something else. */
const WORDS = [
  ...demo.variants.map(({ name }) => name).filter((name) => /[^a-z ]/i.test(name)),
  ...[
    'Mug',
    'mug!',
    'MUG',
    'Blue Mug',
    'BlueMug',
    'Mug Blue',
    'Mug 2',
    'Mug-2',
    'Mug x2',
    'x2 Mug',
    '2 x Mug',
    '2 Mugs',
  ],
  ...['Mug 2 pcs', 'Mug:2', 'Mug: 2L', 'Deal:2, Red', 'A & B', 'A and B', 'A, B', 'A + B', 'Café', 'Cafe', 'café x 3'],
  ...[
    '1.7L Kettle',
    '17L Kettle',
    '1 7L Kettle',
    '- Mug',
    '1) Mug',
    '• Mug',
    'Mug please',
    'please',
    'Order Mug',
    'buy',
  ],
  ...[
    'قهوة',
    'قَهوة',
    '٣ قهوة',
    'Кофе',
    '咖啡',
    '70%',
    '#1',
    '12',
    '1000',
    'hi',
    'Hello Kitty',
    'status 5',
    'two',
    'Two Mugs',
  ],
  ...[
    '‮Mug',
    'M​ug',
    'Ｍｕｇ',
    'Mug\nCup',
    'Mug;Cup',
    '*Mug*',
    '_Mug_',
    '~x~',
    '"Mug"',
    'Mug™',
    'ﬁne',
    'fine',
    '½ Mug',
    'Mug²',
  ],
]

t.test('whatever is accepted, every active variant is what its name, SKU and aliases order', async (t) => {
  const shop = await makeShop(t)
  const { make, change, vary, add } = tools(shop)
  const word = fc.constantFrom(...WORDS)
  const aliases = fc.option(fc.array(word, { maxLength: 2 }), { nil: undefined })
  const sku = fc.option(word, { nil: undefined })
  const status = fc.constantFrom<ProductStatus>(...Array<'active'>(11).fill('active'), 'draft')
  const which = fc.nat()
  const command = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('make' as const), name: word, aliases, sku, status }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('rename' as const), which, name: word, status }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('vary' as const), which, aliases, sku }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('add' as const), which, name: word, aliases, sku }) },
  )
  const products: ProductId[] = []
  const variants: VariantId[] = []
  const outcomes = new Map<string, number>()
  const [commands = []] = fc.sample(fc.array(command, { minLength: 200, maxLength: 200 }), { seed: 6, numRuns: 1 })
  for (const each of commands) {
    const at = <T>(all: readonly T[]) => all[('which' in each ? each.which : 0) % Math.max(1, all.length)]
    const product = at(products)
    const variant = at(variants)
    const result = await (async () => {
      if (each.do === 'make') return make({ ...each, price: 1, stock: 50 })
      if (product === undefined || variant === undefined) return null
      if (each.do === 'rename') return change(product, each)
      if (each.do === 'vary') return vary(variant, each)
      return add(product, { ...each, price: 1, stock: 50 })
    })()
    if (result === null) continue
    outcomes.set(code(result), (outcomes.get(code(result)) ?? 0) + 1)
    if (!result.ok) continue
    if (!products.includes(result.value.id)) products.push(result.value.id)
    for (const { id } of result.value.variants) if (!variants.includes(id)) variants.push(id)
  }
  for (const wanted of ['ok', 'name-taken', 'name-is-command', 'invalid-product', 'sku-taken'])
    t.ok((outcomes.get(wanted) ?? 0) > 3, `${wanted}: ${outcomes.get(wanted)}`)

  const { items } = await catalogPage(shop.db, shop.organization.id, { offset: 0, limit: 1_000 })
  t.ok(items.length > 20, `${items.length} active variants`)
  const names = await makeCatalogueIndex(shop.db, shop.organization.id).current()
  const order = (text: string) => {
    const meant = interpret(text, { names, prompt: null })
    if (meant.intent !== 'order') return meant.intent
    return meant.items.map(({ quantity, variant, match }) => `${quantity} of ${variant?.sku ?? match}`).join(', ')
  }
  const rows = await shop.db.rows<{ id: VariantId; aliases: string[]; keys: string[] }>(
    'select id, aliases, search_keys as keys from variants',
  )
  const rowOf = (hit: CatalogueHit) => rows.find(({ id }) => id === hit.variantId)
  for (const item of items) {
    const { aliases: others = [], keys = [] } = rowOf(item) ?? {}
    for (const name of [item.fullName, item.sku, ...others]) t.equal(order(`ORDER ${name}:3`), `3 of ${item.sku}`, name)
    t.same(
      searchKeys({ ...item, aliases: others }).filter((key) => !keys.includes(key)),
      [],
      'the keys stored are those of its names',
    )
  }
  for (const [index, first] of items.entries()) {
    const second = items[(index + 1) % items.length]
    if (second === undefined) continue
    const both = order(`ORDER ${first.fullName}:1\n${second.sku}:2`)
    t.equal(both, `1 of ${first.sku}, 2 of ${second.sku}`)
  }
})
