import fc from 'fast-check'
import t from 'tap'
import { type TestApp, testApp } from '../../support/app.ts'
import { demoCatalogue } from '../../support/demo-catalogue.ts'
import { form } from '../../support/pictures.ts'

type Call = TestApp['call']

function importing(call: Call, as: string, text: string, query = '', headers: Record<string, string> = {}) {
  const url = `/api/products/import${query}`
  return call({ method: 'POST', url, payload: text, headers: { 'content-type': 'text/csv', ...headers }, as })
}

const LEDGER = `select count(*)::int as n from stock_levels s cross join lateral (
    select coalesce(sum(m.on_hand_delta), 0) as on_hand, coalesce(sum(m.reserved_delta), 0) as reserved
    from stock_movements m where m.variant_id = s.variant_id) l
  where s.on_hand <> l.on_hand or s.reserved <> l.reserved`

const FILE = `sku,product,variant,category,price,tax_rate,stock,aliases,option:colour
MUG,Blue Mug,,Home > Kitchen,12.00,19,5,cup | beaker,
T-R,T-Shirt,Red,Fashion,14,,3,,red
T-B,T-Shirt,Blue,,15.50,,0,,blue
`

t.test('a file is tried first, then carried out, and says nothing changes when it comes again', async (t) => {
  const { call, person, db } = await testApp(t)
  const me = await person('employee')
  const keyed = { 'idempotency-key': 'monday' }
  const tried = await importing(call, me.token, FILE, '?dryRun=true', keyed)
  t.match(tried.body.import, {
    dryRun: true,
    written: false,
    rows: 3,
    created: 3,
    newCategories: ['Home', 'Home > Kitchen', 'Fashion'],
    results: [
      { line: 2, sku: 'MUG', action: 'create' },
      { line: 3, sku: 'T-R', action: 'create' },
      { line: 4, sku: 'T-B', action: 'create' },
    ],
  })
  t.same(await db.rows('select from products union all select from categories'), [], 'nothing was written')

  const under = await importing(call, me.token, FILE, '', keyed)
  t.match(under.body, { status: 422, code: 'idempotency-key-reused' }, 'the real one is not answered with the trial')
  const again = await importing(call, me.token, FILE, '?dryRun=true', keyed)
  t.same([again.headers['idempotency-replayed'], again.body], ['true', tried.body])
  const done = await importing(call, me.token, FILE)
  t.match(done.body.import, { dryRun: false, written: true, created: 3, updated: 0, results: [] })
  const { data } = (await call({ url: '/api/products', as: me.token })).body
  t.match(data, [
    {
      name: 'Blue Mug',
      slug: 'blue-mug',
      category: { name: 'Kitchen' },
      sku: 'MUG',
      price: { amount: 1_200 },
      stock: { onHand: 5, reserved: 0 },
    },
    {
      name: 'T-Shirt',
      category: { name: 'Fashion' },
      variants: [
        { name: 'T-Shirt Red', options: { colour: 'red' }, stock: { onHand: 3 } },
        { name: 'T-Shirt Blue', availability: 'out_of_stock' },
      ],
    },
  ])
  t.same(await db.rows('select tax_rate_bp, aliases, search_keys from variants where sku = ?', ['MUG']), [
    { tax_rate_bp: 1_900, aliases: ['cup', 'beaker'], search_keys: ['mug', 'bluemug', 'cup', 'beaker'] },
  ])
  t.same(await db.rows(LEDGER), [{ n: 0 }])
  t.same(await db.rows('select count(*)::int as n from price_history where changed_by = ?', [me.id]), [{ n: 3 }])
  t.same(
    (await db.rows<{ action: string }>('select action from audit_log order by id')).map(({ action }) => action),
    ['user.signed-up', 'product.create', 'product.create', 'catalogue.import'],
  )
  for (const query of ['?dryRun=true', '']) {
    const again = await importing(call, me.token, FILE, query)
    t.match(again.body.import, { written: false, unchanged: 3, created: 0, updated: 0, results: [], newCategories: [] })
  }
  t.equal((await call({ url: `/api/products/${data[0].id}` })).body.product.version, 1)
})

t.test('what is there is changed by SKU, and only what the file says', async (t) => {
  const { call, person, db } = await testApp(t)
  const me = await person('manager')
  await importing(call, me.token, FILE)
  const change = `sku;price;stock;status;option:colour;Max per order
mug;13.00;99;;;3
T-B;;;archived;;
T-R;;;archived;crimson;
`
  const tried = await importing(call, me.token, change, '?dryRun=true')
  t.match(tried.body.import.results, [
    {
      line: 2,
      action: 'update',
      changes: ['price', 'max_per_order'],
      notes: [{ column: 'stock', code: 'stock-not-imported' }],
    },
    { line: 3, action: 'update', changes: ['status', 'option:colour'] },
    { line: 4, action: 'update', changes: ['option:colour'] },
  ])
  t.match((await importing(call, me.token, change)).body.import, { written: true, updated: 3 })
  t.match(
    await db.rows(`select price_minor, max_per_order, tax_rate_bp, aliases, version from variants where sku = 'MUG'`),
    [{ price_minor: '1300', max_per_order: 3, tax_rate_bp: 1_900, aliases: ['cup', 'beaker'], version: 2 }],
  )
  t.same(await db.rows(`select sku, options from variants where sku <> 'MUG' order by sku`), [
    { sku: 'T-B', options: {} },
    { sku: 'T-R', options: { colour: 'crimson' } },
  ])
  t.same(await db.rows(LEDGER), [{ n: 0 }])
  t.same(await db.rows('select on_hand from stock_levels order by on_hand'), [
    { on_hand: 0 },
    { on_hand: 3 },
    { on_hand: 5 },
  ])
  const prices = await db.rows(
    `select h.price_minor from price_history h join variants v on v.id = h.variant_id where sku = 'MUG' order by h.id`,
  )
  t.same(prices, [{ price_minor: '1200' }, { price_minor: '1300' }])
  t.same(await db.rows(`select name, status, version from products order by name`), [
    { name: 'Blue Mug', status: 'active', version: 2 },
    { name: 'T-Shirt', status: 'archived', version: 2 },
  ])
  const [entry] = await db.rows(
    `select before, after from audit_log where action = 'product.update' order by id limit 1`,
  )
  t.match(entry, { before: { variants: [{ priceMinor: 1_200 }] }, after: { variants: [{ priceMinor: 1_300 }] } })
})

t.test('a product is renamed with all its names, and gets variants more', async (t) => {
  const { call, person, db } = await testApp(t)
  const me = await person('employee')
  await importing(call, me.token, FILE)
  const more = 'sku,product,variant,price\nT-R,Tee,Red,14\nT-G,Tee,Green,14\nMUG-2,Blue Mug,Large,20\n'
  t.match((await importing(call, me.token, more)).body.import, { written: true, created: 2, updated: 1 })
  t.same(
    await db.rows(`select sku, position, search_keys, version from variants where sku like 'T-%' order by position`),
    [
      { sku: 'T-R', position: 0, search_keys: ['tr', 'teered', 'tee'], version: 1 },
      { sku: 'T-B', position: 1, search_keys: ['tb', 'teeblue', 'tee'], version: 1 },
      { sku: 'T-G', position: 2, search_keys: ['tg', 'teegreen', 'tee'], version: 1 },
    ],
  )
  t.same(await db.rows('select name from products order by name'), [{ name: 'Blue Mug' }, { name: 'Tee' }])
})

t.test('wrong rows stop everything and are named; skipErrors carries out the products without one', async (t) => {
  const { call, person, db } = await testApp(t)
  const me = await person('employee')
  await call({
    method: 'POST',
    url: '/api/products',
    payload: { name: 'Tea', price: 3, sku: 'TEA', aliases: ['brew'] },
    as: me.token,
  })
  const bad = `sku,product,variant,price,aliases,status,category
A1,Anvil,,10,,,
B1,Bell,Small,"1,50",,,
B2,Bell,Large,2,,,
C1,help,,1,,,
D1,Drum,,1,brew,,
E1,Egg,,1,,,
E1,Egg,,1,,,
F1,Fan,,1,gong,,
G1,Gong,,1,,,
H1,,,1,,,
TEA,Tea,,4,,archived,
I1,Ink,,,,,
J1,Jug,Red,1,,,
J2,Jug,Red,1,,,
K1,Kit,,1,,,a>b>c>d>e>f
L1,Lid,,1,,draft,
L2,Lid,Big,1,,active,
`
  const refused = await importing(call, me.token, bad)
  t.match(refused.body, { status: 422, code: 'import-has-errors' })
  const places = [
    ['line 3, price', 'decimal-comma'],
    ['line 5, product', 'name-is-command'],
    ['line 6, product', 'name-taken'],
    ['line 8, sku', 'duplicate-sku'],
    ['line 10, product', 'name-taken'],
    ['line 11, product', 'product-missing'],
    ['line 12, status', 'forbidden'],
    ['line 13, price', 'price-missing'],
    ['line 15, variant', 'name-taken'],
    ['line 16, category', 'invalid-category'],
    ['line 18, status', 'product-differs'],
  ]
  t.same(
    refused.body.errors.map(({ path, code }: { path: string; code: string }) => [path, code]),
    places,
  )
  t.same(await db.rows('select name from products'), [{ name: 'Tea' }], 'nothing was written')

  const tried = (await importing(call, me.token, bad, '?dryRun=true')).body.import
  t.match(tried, { rows: 17, failed: 11, skipped: 3, created: 3, updated: 0, unchanged: 0 })
  const some = (await importing(call, me.token, bad, '?skipErrors=true')).body.import
  t.match(some, { written: true, failed: 11, skipped: 3, created: 3 })
  t.same(
    some.results
      .filter(({ action }: { action: string }) => action === 'skipped')
      .map(({ sku }: { sku: string }) => sku),
    ['B2', 'J1', 'L1'],
  )
  t.same(await db.rows('select name from products order by name'), [
    { name: 'Anvil' },
    { name: 'Egg' },
    { name: 'Fan' },
    { name: 'Tea' },
  ])
  const manager = await person('manager')
  t.match((await importing(call, manager.token, 'sku,status\nTEA,archived')).body.import, { written: true, updated: 1 })
})

t.test('a name is free for what comes when what had it goes, and not before', async (t) => {
  const { call, person } = await testApp(t)
  const me = await person('employee')
  await importing(call, me.token, 'sku,product,price\nA,Anvil,1\n')
  const both = await importing(call, me.token, 'sku,product,price\nA,Old Anvil,1\nB,Anvil Two,1\n', '?dryRun=true')
  t.match(both.body.import, { failed: 0, updated: 1, created: 1 })
  const draft = await importing(call, me.token, 'sku,product,status,price\nB,Anvil!,draft,1\n', '?dryRun=true')
  t.match(draft.body.import, { failed: 0, created: 1 }, 'what is not for sale takes no name')
  const clash = await importing(call, me.token, 'sku,product,price\nA,Old Anvil,x\nB,Anvil!,1\n', '?dryRun=true')
  t.match(clash.body.import, { failed: 2, created: 0 }, 'the old name stays, for its new one is not written')
})

t.test('forms, files of a spreadsheet and their trouble', async (t) => {
  const { call, person } = await testApp(t)
  const me = await person('employee')
  const { payload, headers } = form([
    { name: 'file', value: `\ufeff${FILE.replaceAll(',', '\t').replaceAll('\n', '\r\n')}`, filename: 'x.csv' },
  ])
  const sent = await call({ method: 'POST', url: '/api/products/import?dryRun=true', payload, headers, as: me.token })
  t.match(sent.body.import, { created: 3, failed: 0 })
  const cases: readonly [string, string][] = [
    ['sku,colour\nA,red', 'unknown-column'],
    ['product,price\nA,1', 'column-missing'],
    ['', 'empty'],
    ['sku,product\nA,"x', 'unreadable'],
  ]
  for (const [text, code] of cases)
    t.match(
      (await importing(call, me.token, text)).body,
      { status: 422, code: 'invalid-csv', errors: [{ code }] },
      code,
    )
  t.match((await importing(call, me.token, FILE, '?dryrun=true')).body, { status: 400, code: 'invalid-parameter' })
  const json = await call({ method: 'POST', url: '/api/products/import', payload: { a: 1 }, as: me.token })
  t.match(json.body, { status: 415, detail: /text\/csv/ })
  t.match((await importing(call, me.token, 'sku,product,price\nA,Anvil\0,1')).body, {
    status: 422,
    errors: [{ code: 'nul' }],
  })
})

t.test('with lines as the answer it tells how far it is, and ends with the result or the problem', async (t) => {
  const { app, person, db } = await testApp(t)
  const me = await person('employee')
  const linesOf = async (payload: string) => {
    const headers = {
      accept: 'application/x-ndjson',
      'content-type': 'text/csv',
      authorization: `Bearer ${me.token}`,
    }
    const answer = await app.inject({ method: 'POST', url: '/api/products/import', payload, headers })
    t.match(answer, { statusCode: 200, headers: { 'content-type': 'application/x-ndjson' } })
    return answer.body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  }
  const rows = Array.from({ length: 2_500 }, (_, n) => `S${n},Thing ${n} of many,${n}.50,${n % 3}`)
  const lines = await linesOf(`sku,product,price,stock\n${rows.join('\n')}`)
  t.match(lines.at(-1), { type: 'result', import: { written: true, created: 2_500 } })
  const progress = lines.slice(0, -1)
  t.ok(progress.length > 4 && progress.every(({ type, of }) => type === 'progress' && of === 2_500))
  t.match(progress.at(-1), { phase: 'write', rows: 2_500 })
  t.same(await db.rows(LEDGER), [{ n: 0 }])
  t.match((await linesOf('sku,price\nS1,x')).at(-1), { type: 'problem', problem: { code: 'import-has-errors' } })
})

t.test('two imports at once do not both make a product', async (t) => {
  const { call, person, db } = await testApp(t)
  const me = await person('employee')
  const answers = await Promise.all(
    ['A', 'B', 'C'].map((sku) => importing(call, me.token, `sku,product,price,category\n${sku},Anvil,1,Tools`)),
  )
  t.same(answers.map(({ status }) => status).sort(), [200, 422, 422], JSON.stringify(answers.map(({ body }) => body)))
  t.same(await db.rows('select count(*)::int as n from categories'), [{ n: 1 }])
})

t.test('the demo catalogue goes out and comes in again into an empty shop', async (t) => {
  const from = await testApp(t)
  await demoCatalogue(from.db, from.organization)
  const me = await from.person('employee')
  const file = await from.call({ url: '/api/products/export', as: me.token })
  t.match(file, { status: 200, headers: { 'content-type': 'text/csv; charset=utf-8' } })
  t.match(file.headers['content-disposition'], /attachment; filename="catalogue-\d{4}-\d\d-\d\d\.csv"/)
  t.equal(file.text.split('\r\n').length, 49)
  t.match((await importing(from.call, me.token, file.text, '?dryRun=true')).body.import, {
    rows: 47,
    unchanged: 47,
    failed: 0,
  })
  const active = await from.call({ url: '/api/products/export?status=archived', as: me.token })
  t.match(active.text, /Gel Pens/)
  t.equal(active.text.split('\r\n').length, 3)
  t.match(await from.db.rows(`select from audit_log where action = 'catalogue.export'`), [{}, {}])

  const to = await testApp(t)
  const you = await to.person('employee')
  t.match((await importing(to.call, you.token, file.text)).body.import, { created: 47, written: true, failed: 0 })
  t.equal((await to.call({ url: '/api/products/export', as: you.token })).text, file.text)
  t.same(await to.db.rows(LEDGER), [{ n: 0 }])
})

t.test('any catalogue that can be made comes back unchanged', async (t) => {
  const { call, person, db } = await testApp(t)
  const me = await person('manager')
  const sign = fc.constantFrom(...'abé=+-@,;"\'|>\\\t٣#%()= \n'.split(''))
  const text = (max: number) => fc.string({ unit: sign, minLength: 1, maxLength: max })
  const variant = fc.record({
    name: text(8),
    price: fc.nat(99_999).map((minor) => ({ amount: minor, currency: 'USD' })),
    sku: text(5),
    stock: fc.nat(9),
    lowStockThreshold: fc.nat(9),
    aliases: fc.array(text(6), { maxLength: 2 }),
    options: fc.dictionary(fc.constantFrom('colour', '=size', "it's"), text(5), { maxKeys: 2 }),
  })
  const product = fc.record({
    name: text(8),
    description: text(20),
    status: fc.constantFrom('draft', 'active', 'archived'),
    taxRate: fc.constantFrom('0', '7.5', '19', '0.05'),
    variants: fc.array(variant, { minLength: 1, maxLength: 3 }),
  })
  let made = 0
  await fc.assert(
    fc.asyncProperty(product, fc.nat(), async (input, salt) => {
      const name = `Thing ${salt} ${input.name}`
      const variants = input.variants.map((each, n) => ({
        ...each,
        name: `v${n} ${each.name}`,
        sku: `s${salt}${n}${each.sku}`,
      }))
      const answer = await call({
        method: 'POST',
        url: '/api/products',
        payload: { ...input, name, variants },
        as: me.token,
      })
      if (answer.status === 201) made += 1
    }),
    { numRuns: 200, seed: 5 },
  )
  t.ok(made > 10, `${made} products were made`)
  await db.run(`update variants set tax_included = false, max_per_order = 7 where sku like '%1%'`)
  const file = await call({ url: '/api/products/export', as: me.token })
  const tried = await importing(call, me.token, file.text, '?dryRun=true')
  t.match(
    tried.body.import,
    { failed: 0, skipped: 0, created: 0, updated: 0 },
    JSON.stringify(tried.body.import?.results),
  )
  t.ok(tried.body.import.unchanged >= made)
})
