import t from 'tap'
import { uuidv7 } from 'uuidv7'
import type { ProductChange } from '../../src/domain/catalogue/change.ts'
import { asId, type CategoryId, type ProductId, type VariantId } from '../../src/domain/ids.ts'
import { createVariant, updateProduct, updateVariant } from '../../src/persistence/catalogue.ts'
import { removeProduct, removeVariant } from '../../src/persistence/catalogue-removal.ts'
import {
  countProducts,
  findProduct,
  listProducts,
  PRODUCT_SORTS,
  type ProductFilter,
  type ProductView,
  productPage,
} from '../../src/persistence/catalogue-views.ts'
import { createCategory } from '../../src/persistence/categories.ts'
import { listPrices } from '../../src/persistence/price-history.ts'
import { makeShop, type Shop } from '../support/bot-shop.ts'
import { chat, order } from '../support/shop.ts'

const staff = { staff: true } as const

function variantOf(product: ProductView, index = 0): VariantId {
  const variant = product.variants[index]
  if (variant === undefined) throw new Error('no such variant')
  return variant.id
}

async function pricesOf(shop: Shop, id: ProductId) {
  const { rows } = await listPrices(shop.db, shop.organization.id, id, undefined, { limit: 50 })
  return rows.map(({ sku, priceMinor, changedBy }) => [sku, priceMinor, changedBy?.id ?? null])
}

const events = async ({ db }: Shop) =>
  (await db.rows<{ type: string }>('select type from event_log where type like $$product.%$$ order by id')).map(
    ({ type }) => type,
  )

t.test('a change writes what differs: a version, the price and who changed it, an audit row, an event', async (t) => {
  const shop = await makeShop(t)
  const { session } = await shop.account('erin@example.com')
  const made = await shop.product({ name: 'Blue Mug', price: '12.00', stock: 5 })
  const change = (what: ProductChange, expected: number | null = null) =>
    updateProduct(shop.db, shop.organization, made.id, what, expected, session, uuidv7)
  t.match(await change({ price: '13.50', lowStockThreshold: 9, maxPerOrder: 3 }, 1), {
    ok: true,
    value: {
      version: 2,
      priceMinor: 1350,
      availability: 'low',
      stock: { onHand: 5 },
      variants: [{ terms: { version: 2, maxPerOrder: 3, lowStockThreshold: 9 } }],
    },
  })
  t.same(await pricesOf(shop, made.id), [
    ['BLUE-MUG', 1350, session],
    ['BLUE-MUG', 1200, null],
  ])
  t.match(await change({ price: '13.50', name: 'Blue Mug' }), { ok: true, value: { version: 2 } }, 'nothing differs')
  t.match(await change({ description: ' Stoneware. ', taxRate: 19, taxIncluded: false }), {
    ok: true,
    value: {
      version: 3,
      description: 'Stoneware.',
      variants: [{ terms: { taxRateBp: 1900, taxIncluded: false, version: 3 } }],
    },
  })
  t.equal((await pricesOf(shop, made.id)).length, 2, 'no new price, no new row')
  t.same(await change({ name: 'Mug' }, 2), {
    ok: false,
    refusal: {
      code: 'stale-version',
      message: 'It was changed meanwhile and has version 3 now. Read it again, and decide again.',
    },
  })
  const [audit] = await shop.db.rows<{ before: object; after: object; actor_id: string }>(
    `select before, after, actor_id from audit_log where action = 'product.update' order by id limit 1`,
  )
  t.match(audit, {
    actor_id: session,
    before: { variants: [{ sku: 'BLUE-MUG', priceMinor: 1200, lowStockThreshold: 0, maxPerOrder: 999 }] },
    after: { variants: [{ sku: 'BLUE-MUG', priceMinor: 1350, lowStockThreshold: 9, maxPerOrder: 3 }] },
  })
  t.match(await change({ status: 'archived' }), { ok: true, value: { status: 'archived' } })
  t.same(await events(shop), ['product.created', 'product.updated', 'product.updated', 'product.archived'])
})

t.test('variants are added, changed and taken away, each with a version of its own', async (t) => {
  const shop = await makeShop(t)
  const { db, organization: org } = shop
  const made = await shop.product({
    name: 'T-Shirt',
    taxRate: 7,
    variants: [
      { name: 'Red', price: 10, stock: 3, options: { colour: 'red' } },
      { name: 'Blue', price: 12, taxRate: 19, options: { colour: 'blue' } },
    ],
  })
  t.match(made.variants, [{ terms: { taxRateBp: 700 } }, { terms: { taxRateBp: 1900 } }])
  const red = variantOf(made)
  const vary = (what: Parameters<typeof updateVariant>[3], expected: number | null = null) =>
    updateVariant(db, org, red, what, expected, null, uuidv7)
  t.match(await vary({ price: 11, name: 'Crimson', trackStock: false }, 1), {
    ok: true,
    value: {
      version: 2,
      variants: [{ name: 'T-Shirt Crimson', priceMinor: 1100, terms: { version: 2 } }, { terms: { version: 1 } }],
    },
  })
  t.match(await vary({ price: 1 }, 1), { ok: false, refusal: { code: 'stale-version' } })
  t.match(await vary({ options: { Colour: 'BLUE' } }), { ok: false, refusal: { code: 'duplicate-options' } })
  t.match(
    await updateProduct(db, org, made.id, { price: 1 }, null, null, uuidv7),
    { ok: false, refusal: { code: 'invalid-product', errors: [{ path: 'price' }] } },
    'a product with variants has no price of its own',
  )
  t.match(await updateProduct(db, org, made.id, { name: 'Shirt', taxRate: 21 }, null, null, uuidv7), {
    ok: true,
    value: {
      variants: [
        { name: 'Shirt Crimson', terms: { taxRateBp: 2100 } },
        { name: 'Shirt Blue', terms: { taxRateBp: 2100 } },
      ],
    },
  })
  const added = await createVariant(db, org, made.id, { name: 'Green', price: 9, stock: 2 }, null, null, uuidv7)
  t.match(added, {
    ok: true,
    value: { version: 4, priceMinor: 900, variants: [{}, {}, { name: 'Shirt Green', stock: { onHand: 2 } }] },
  })
  if (!added.ok) return
  const remove = (id: VariantId, expected: number | null = null) =>
    removeVariant(db, org.id, id, expected, null, uuidv7)
  const green = variantOf(added.value, 2)
  t.match(await remove(green, 7), { ok: false, refusal: { code: 'stale-version' } })
  t.match(await remove(green), { ok: true })
  t.match(await remove(green), { ok: false, refusal: { code: 'not-found' } })
  const [ledger] = await db.rows(
    'select sum(on_hand_delta)::int as sum, count(*)::int as n from stock_movements where variant_id = ?',
    [green],
  )
  t.same(ledger, { sum: 0, n: 2 }, 'the ledger outlives it and ends at nought')
  t.match(await findProduct(db, org.id, made.id, staff), { version: 5, priceMinor: 1100, variants: { length: 2 } })
  t.match(await remove(red), { ok: true })
  t.match(await remove(variantOf(made, 1)), { ok: false, refusal: { code: 'last-variant' } })
})

t.test('orders keep what they were placed with, and what they refer to', async (t) => {
  const shop = await makeShop(t)
  const { db, organization: org } = shop
  const { session } = await shop.account('erin@example.com')
  const { customerId } = await chat(db, org, session, '+15550100009', [])
  await order(db, org, session, customerId)
  const [mug] = (await listProducts(db, org.id, {}, { limit: 1 }, staff)).rows
  if (mug === undefined) throw new Error('no mug')
  const snapshot = async () =>
    db.rows('select o, l from orders o join order_lines l on l.order_id = o.id order by l.id')
  const before = await snapshot()
  t.equal(before.length, 1)
  const tea = await createCategory(db, org.id, { name: 'Tea' }, null, uuidv7)
  if (!tea.ok) throw new Error('no category')
  const changes: ProductChange[] = [
    { price: 99, taxRate: 19, taxIncluded: false },
    { name: 'Green Mug', sku: 'GREEN', categoryId: tea.value.id },
    { status: 'archived' },
  ]
  for (const change of changes) {
    t.match(await updateProduct(db, org, mug.id, change, null, null, uuidv7), { ok: true })
    t.same(await snapshot(), before, JSON.stringify(change))
  }
  await updateProduct(db, org, mug.id, { status: 'active' }, null, null, uuidv7)
  const big = await createVariant(db, org, mug.id, { name: 'Big', price: 5 }, null, null, uuidv7)
  t.match(big, { ok: true })
  t.match(await removeVariant(db, org.id, variantOf(mug), null, null, uuidv7), {
    ok: false,
    refusal: { code: 'variant-in-use' },
  })
  t.match(await removeProduct(db, org.id, mug.id, 1, null, uuidv7), { ok: false, refusal: { code: 'stale-version' } })
  t.match(await removeProduct(db, org.id, mug.id, null, null, uuidv7), { ok: true, value: { status: 'archived' } })
  t.same(await snapshot(), before)
  t.equal((await events(shop)).at(-1), 'product.archived')
})

t.test('a product that nobody ordered goes, and leaves a ledger that ends at nought', async (t) => {
  const shop = await makeShop(t)
  const { db, organization: org } = shop
  const made = await shop.product({ name: 'Blue Mug', price: 1, stock: 7 })
  t.same(await removeProduct(db, org.id, made.id, 1, null, uuidv7), { ok: true, value: null })
  t.equal(await findProduct(db, org.id, made.id, staff), null)
  t.match(await removeProduct(db, org.id, made.id, null, null, uuidv7), { ok: false, refusal: { code: 'not-found' } })
  const [left] = await db.rows(
    `select (select count(*) from variants) + (select count(*) from stock_levels) + (select count(*) from price_history)
       + (select count(*) from chat_names) as n, (select sum(on_hand_delta)::int from stock_movements) as sum`,
  )
  t.match(left, { n: '0', sum: 0 })
  t.same(await events(shop), ['product.created', 'product.deleted'])
  t.match(
    await shop.product({ name: 'Blue Mug', price: 1 }),
    { sku: 'BLUE-MUG', slug: 'blue-mug' },
    'name, SKU and slug are free',
  )
})

t.test('money has as many decimals as its currency', async (t) => {
  const shop = await makeShop(t)
  const { db } = shop
  for (const [currency, price, minor, wrong] of [
    ['JPY', '1200', 1200, '12.5'],
    ['KWD', '1.250', 1250, '1.2505'],
  ] as const) {
    const org = { ...shop.organization, currency }
    const name = `Lamp ${currency}`
    const made = await shop.product({ name, price: 1 })
    const change = (what: string) => updateProduct(db, org, made.id, { price: what }, null, null, uuidv7)
    t.match(await change(price), {
      ok: true,
      value: { priceMinor: minor, currency, variants: [{ priceMinor: minor }] },
    })
    t.match(await change(wrong), { ok: false, refusal: { code: 'invalid-money' } })
  }
})

t.test('lists search, filter, sort both ways, page and count', async (t) => {
  const shop = await makeShop(t)
  const { db, organization: org } = shop
  const category = async (name: string, parentId: CategoryId | null = null) => {
    const made = await createCategory(db, org.id, { name, parentId }, null, uuidv7)
    if (!made.ok) throw new Error(made.refusal.message)
    return made.value.id
  }
  const drinks = await category('Drinks')
  const tea = await category('Tea', drinks)
  await shop.product({ name: 'Café au Lait', price: 5, categoryId: drinks, stock: 1 })
  await shop.product({ name: 'Assam', price: 3, categoryId: tea, aliases: ['black leaf'], stock: 0 })
  await shop.product({ name: 'Mug', price: 5, sku: 'M-77_x', trackStock: false })
  await shop.product({ name: '100% Juice', price: 9, variants: undefined, stock: 4 })
  await shop.product({ name: 'Hidden', price: 1, status: 'draft' })
  const names = async (filter: ProductFilter) => {
    const { rows } = await listProducts(db, org.id, filter, { limit: 100 }, staff)
    t.equal(await countProducts(db, org.id, filter, staff), rows.length, JSON.stringify(filter))
    return rows.map(({ name }) => name)
  }
  t.same(await names({ q: 'cafe' }), ['Café au Lait'], 'without its accent')
  t.same(await names({ q: 'CAFÉ AU' }), ['Café au Lait'])
  t.same(await names({ q: 'black' }), ['Assam'])
  t.same(await names({ q: 'm-77' }), ['Mug'])
  t.same(await names({ q: '7_' }), ['Mug'], 'an underscore is itself')
  t.same(await names({ q: '0%' }), ['100% Juice'])
  t.same(await names({ q: 'nothing like it' }), [])
  t.same(await names({ categoryId: drinks }), ['Assam', 'Café au Lait'])
  t.same(await names({ categoryId: tea }), ['Assam'])
  t.same(await names({ inStock: true }), ['100% Juice', 'Café au Lait', 'Mug'])
  t.same(await names({ inStock: false }), ['Assam'])
  t.same(await names({ minPriceMinor: 400, maxPriceMinor: 500 }), ['Café au Lait', 'Mug'])
  t.same(await names({ q: 'a', inStock: true, categoryId: drinks, sort: '-price' }), ['Café au Lait'])
  t.same(await names({ status: 'draft' }), ['Hidden'])
  for (const sort of PRODUCT_SORTS) {
    const whole = await names({ sort })
    const other = sort.startsWith('-') ? sort.slice(1) : `-${sort}`
    t.same(await names({ sort: other as typeof sort }), [...whole].reverse(), `${sort} is the other way round`)
    const pages: string[] = []
    let cursor: { key: string; id: string } | undefined
    do {
      const page = await listProducts(db, org.id, { sort }, { limit: 1, cursor }, staff)
      pages.push(...page.rows.map((row) => row.name))
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    t.same(pages, whole, sort)
  }
  t.same((await names({ sort: 'price' })).slice(0, 1), ['Assam'])
  t.match(
    await updateProduct(
      db,
      org,
      (await listProducts(db, org.id, { q: 'assam' }, { limit: 1 }, staff)).rows[0]?.id ?? asId(''),
      { price: 99, name: 'Darjeeling' },
      null,
      null,
      uuidv7,
    ),
    { ok: true },
  )
  t.equal((await names({ sort: '-price' }))[0], 'Darjeeling', 'what lists go by follows the change')
  t.same(await names({ q: 'assam' }), ['Darjeeling'], 'by its SKU, which stays')
})

t.test('a page is read through an index, and so is a search', async (t) => {
  const { db, organization: org } = await makeShop(t)
  await db.run(
    `with p as (
       insert into products (id, org_id, name, slug, status)
       select gen_random_uuid(), ?, 'Thing ' || n, 'thing-' || n, 'active' from generate_series(1, 5000) n returning id, org_id, name)
     insert into variants (id, org_id, product_id, sku, name, price_minor, currency, search_keys)
     select gen_random_uuid(), org_id, id, replace(name, ' ', '-'), '', 100 + length(name), 'USD', array[lower(replace(name, ' ', ''))] from p`,
    [org.id],
  )
  await db.run('analyze products')
  const planOf = async (filter: ProductFilter) => {
    const { sql, params } = productPage(org.id, filter, { limit: 25 }, { staff: false })
    const rows = await db.rows<Record<string, string>>(`explain ${sql}`, params)
    return rows.map((row) => row['QUERY PLAN']).join('\n')
  }
  t.match(await planOf({}), /products_by_name/)
  t.match(await planOf({ sort: '-name' }), /products_by_name/)
  t.match(await planOf({ sort: 'price' }), /products_by_price/)
  t.match(await planOf({ sort: '-createdAt' }), /products_by_age|products_pkey/)
  t.match(await planOf({ q: '4711' }), /products_search/)
  t.equal(await countProducts(db, org.id, { q: 'thing 471' }, { staff: false }), 11)
})
