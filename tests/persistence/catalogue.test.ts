import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { makeCatalogueIndex } from '../../src/actors/inbox/catalogue-index.ts'
import { treeOf } from '../../src/domain/catalogue/category.ts'
import { wordsOf } from '../../src/domain/catalogue/search.ts'
import { asId, type CategoryId } from '../../src/domain/ids.ts'
import { createProduct } from '../../src/persistence/catalogue.ts'
import { catalogPage, findActiveVariants, findCategoryByWords } from '../../src/persistence/catalogue-search.ts'
import { findProduct, listProducts, type ProductFilter } from '../../src/persistence/catalogue-views.ts'
import { createCategory, listCategories } from '../../src/persistence/categories.ts'
import { makeShop, type Shop, warm } from '../support/bot-shop.ts'
import { demoCatalogue } from '../support/demo-catalogue.ts'
import { demoHits } from '../support/demo-hits.ts'

const staff = { staff: true } as const

async function codeOf(shop: Shop, input: Parameters<typeof createProduct>[2]): Promise<string> {
  const made = await createProduct(shop.db, shop.organization, input, null, uuidv7)
  return made.ok ? 'made' : made.refusal.code
}

t.test('a product is made with its variant, price history, stock and ledger', async (t) => {
  const shop = await makeShop(t)
  const { session } = await shop.account('erin@example.com')
  const made = await createProduct(
    shop.db,
    shop.organization,
    { name: 'Blue Mug', price: '12.00', stock: 5, lowStockThreshold: 5, aliases: ['cup'] },
    session,
    uuidv7,
  )
  t.match(made, {
    ok: true,
    value: {
      name: 'Blue Mug',
      slug: 'blue-mug',
      status: 'active',
      single: true,
      sku: 'BLUE-MUG',
      priceMinor: 1_200,
      priceToMinor: null,
      availability: 'low',
      stock: { onHand: 5, reserved: 0, available: 5 },
      variants: [{ name: 'Blue Mug', sku: 'BLUE-MUG' }],
    },
  })
  const [movement] = await shop.db.rows(
    'select kind, on_hand_delta, on_hand_after, actor_type, actor_id from stock_movements',
  )
  t.match(movement, { kind: 'receipt', on_hand_delta: 5, on_hand_after: 5, actor_type: 'user', actor_id: session })
  t.match((await shop.db.rows('select price_minor, changed_by from price_history'))[0], {
    price_minor: '1200',
    changed_by: session,
  })
  t.match((await shop.db.rows('select action, actor_id from audit_log'))[0], {
    action: 'product.create',
    actor_id: session,
  })
})

t.test('names and SKUs that are taken are refused, slugs and made SKUs step aside', async (t) => {
  const shop = await makeShop(t)
  await shop.product({ name: 'Blue Mug', sku: 'MUG-1', price: 1, aliases: ['cup'] })
  t.equal(await codeOf(shop, { name: 'BLUE  mug!', price: 1 }), 'name-taken')
  t.equal(await codeOf(shop, { name: 'Cup', price: 1 }), 'name-taken')
  t.equal(await codeOf(shop, { name: 'Mug 1', price: 1 }), 'name-taken', 'the SKU of another')
  t.equal(await codeOf(shop, { name: 'Red Mug', price: 1, aliases: ['bluemug'] }), 'name-taken')
  t.equal(await codeOf(shop, { name: 'Red Mug', sku: 'mug-1', price: 1 }), 'sku-taken')
  t.equal(
    await codeOf(shop, { name: 'Red Mug', price: 1, categoryId: asId<CategoryId>(uuidv7()) }),
    'category-not-found',
  )
  t.equal(await codeOf(shop, { name: 'status', price: 1 }), 'name-is-command')
  const archived = { status: 'archived', price: 1 } as const
  await shop.product({ name: 'Green Mug', ...archived })
  t.match(await shop.product({ name: 'Green Mug', price: 1 }), { slug: 'green-mug-2', sku: 'GREEN-MUG-2' })
  const [row] = await shop.db.rows('select count(*)::int as n from products')
  t.match(row, { n: 3 })
})

t.test('two products of one name at once: one is made', async (t) => {
  const shop = await makeShop(t)
  await warm(shop.db)
  const codes = await Promise.all(Array.from({ length: 4 }, () => codeOf(shop, { name: 'Blue Mug', price: 1 })))
  t.same(codes.sort(), ['made', 'name-taken', 'name-taken', 'name-taken'])
})

t.test('variants share a product and have their own prices and stock', async (t) => {
  const shop = await makeShop(t)
  const product = await shop.product({
    name: 'Kids T-Shirt',
    variants: [
      { name: 'Red S', sku: 'T-RS', price: '14', stock: 1, options: { colour: 'Red' } },
      { name: 'Blue S', price: '15.50', options: { colour: 'Blue' } },
    ],
  })
  t.match(product, {
    single: false,
    sku: null,
    stock: null,
    priceMinor: 1_400,
    priceToMinor: 1_550,
    availability: 'in_stock',
  })
  t.same(
    product.variants.map(({ name, sku, availability }) => [name, sku, availability]),
    [
      ['Kids T-Shirt Red S', 'T-RS', 'in_stock'],
      ['Kids T-Shirt Blue S', 'KIDS-T-SHIRT-BLUE-S', 'out_of_stock'],
    ],
  )
  const { items } = await catalogPage(shop.db, shop.organization.id, { offset: 0, limit: 10 })
  t.match(items, [{ sku: 'T-RS', fullName: 'Kids T-Shirt Red S', available: 1 }, { sku: 'KIDS-T-SHIRT-BLUE-S' }])
  t.equal(await codeOf(shop, { name: 'Kids T-Shirt', price: 1 }), 'name-taken')
})

t.test('the public sees active products and no numbers', async (t) => {
  const shop = await makeShop(t)
  const { id } = await shop.product({ name: 'Blue Mug', price: 1, stock: 5 })
  const draft = await shop.product({ name: 'Draft Mug', price: 1, status: 'draft' })
  const { rows } = await listProducts(
    shop.db,
    shop.organization.id,
    { status: 'draft' },
    { limit: 10 },
    { staff: false },
  )
  t.same(
    rows.map((row) => row.name),
    ['Blue Mug'],
  )
  t.match(rows[0], { stock: null, availability: 'in_stock', variants: [{ stock: null }] })
  t.equal(await findProduct(shop.db, shop.organization.id, draft.id, { staff: false }), null)
  t.match(await findProduct(shop.db, shop.organization.id, id, staff), { stock: { available: 5 } })
  const drafts = await listProducts(shop.db, shop.organization.id, { status: 'draft' }, { limit: 10 }, staff)
  t.same(
    drafts.rows.map((row) => row.name),
    ['Draft Mug'],
  )
})

t.test('the demo catalogue fits, once, and can be searched, filtered and paged', async (t) => {
  const shop = await makeShop(t)
  const { db, organization: org } = shop
  t.same(await demoCatalogue(db, org), { categories: 13, products: 42 })
  t.same(await demoCatalogue(db, org), { categories: 0, products: 0 })

  const known = await makeCatalogueIndex(db, org.id).current()
  for (const { sku, priceMinor, available, fullName } of demoHits())
    for (const name of [sku, fullName]) {
      const [named, ...others] = known.exactly(wordsOf(name))?.variants ?? []
      t.ok(named !== undefined && others.length === 0, name)
      const hits = named === undefined ? [] : await findActiveVariants(db, org.id, [named.variantId])
      t.match(hits, [{ sku, priceMinor, available, fullName }], name)
    }
  t.equal(known.exactly(wordsOf('Gel Pens 12-Pack')), null, 'archived')

  const first = await catalogPage(db, org.id, { offset: 0, limit: 10 })
  t.equal(first.total, 46)
  t.same(
    first.items.map((item) => item.sku),
    demoHits()
      .slice(0, 10)
      .map((each) => each.sku),
  )
  const kitchen = await findCategoryByWords(db, org.id, 'home and kitchen')
  t.match(kitchen, { name: 'Home & Kitchen' })
  t.equal((await catalogPage(db, org.id, { offset: 0, limit: 99, categoryId: kitchen?.id })).items.length, 9)

  const names = async (filter: ProductFilter) =>
    (await listProducts(db, org.id, filter, { limit: 100 }, staff)).rows.map((row) => row.name)
  t.equal((await names({})).length, 41)
  t.same(await names({ q: 'laptop', sort: 'price' }), [
    'Laptop Backpack',
    'Office Laptop 14"',
    'Gaming Laptop',
    'Gaming Laptop Pro',
  ])
  t.same(await names({ q: 'mug-blu' }), ['Blue Mug', 'Blue Mug Set of 4'])
  t.same(await names({ q: '70%' }), ['Dark Chocolate 70%'])
  t.same(await names({ inStock: false }), ['1TB External SSD'])
  t.same(await names({ minPriceMinor: 100_000, maxPriceMinor: 150_000 }), ['Gaming Laptop'])
  t.equal((await names({ categoryId: kitchen?.id ?? asId<CategoryId>('') })).length, 9)
  t.same(await names({ status: 'archived' }), ['Gel Pens 12-Pack'])
  t.equal((await names({ sort: '-createdAt' }))[0], 'Notebook A5')

  for (const sort of ['name', 'price', '-createdAt'] as const) {
    const whole = await names({ sort })
    const paged: string[] = []
    let cursor: { key: string; id: string } | undefined
    do {
      const page = await listProducts(db, org.id, { sort }, { limit: 7, cursor }, staff)
      paged.push(...page.rows.map((row) => row.name))
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    t.same(paged, whole, sort)
  }
})

t.test('categories form a tree of five levels at most', async (t) => {
  const { db, organization } = await makeShop(t)
  const make = async (name: string, parentId: CategoryId | null = null) => {
    const made = await createCategory(db, organization.id, { name, parentId }, null, uuidv7)
    return made.ok ? made.value.id : made.refusal.code
  }
  let parent: CategoryId | null = null
  for (const name of ['A', 'B', 'C', 'D', 'E']) parent = (await make(name, parent)) as CategoryId
  t.equal(await make('F', parent), 'category-too-deep')
  t.equal(await make('a'), 'slug-taken')
  t.equal(await make('G', asId<CategoryId>(uuidv7())), 'category-not-found')
  t.equal(await make('!!!'), 'invalid-category')
  const flat = await listCategories(db, organization.id)
  t.equal(flat.length, 5)
  t.match(treeOf(flat), [{ name: 'A', productCount: 0, children: [{ name: 'B', children: [{ name: 'C' }] }] }])
})
