import type { Worker } from 'node:worker_threads'
import t from 'tap'
import { asId, type OrderId } from '../../../src/domain/ids.ts'
import { testApp } from '../../support/app.ts'
import { pdfText } from '../../support/pdf-text.ts'
import { chat, order } from '../../support/shop.ts'

async function sold(t: Parameters<typeof testApp>[0]) {
  const at = await testApp(t)
  const erin = await at.person('employee')
  const amal = await chat(at.db, at.organization, erin.id, '+15550100', [])
  const id = await order(at.db, at.organization, erin.id, amal.customerId)
  const invoice = async (as: string, of: OrderId = id) => {
    const { statusCode, headers, rawPayload } = await at.app.inject({
      url: `/api/orders/${of}/invoice.pdf`,
      headers: { authorization: `Bearer ${as}` },
    })
    return { status: statusCode, headers, pdf: rawPayload }
  }
  return { ...at, erin, id, amal, invoice }
}

t.test('an invoice shows seller, customer, lines, totals, payments and what is due', async (t) => {
  const { db, erin, id, invoice, organization } = await sold(t)
  Object.assign(organization, { name: 'Nour & Co.', contactText: '12 Example St\nTax no. 42' })
  await db.run(
    `insert into payments (id, order_id, kind, method, amount_minor, reference, at) values
       ('01890000-0000-7000-8000-000000000001', ?, 'payment', 'cash', 2000, 'till 3', '2026-03-01T12:00:00Z'),
       ('01890000-0000-7000-8000-000000000002', ?, 'refund', 'card', 250, '', '2026-03-02T12:00:00Z')`,
    [id, id],
  )
  const { status, headers, pdf } = await invoice(erin.token)
  t.equal(status, 200)
  t.match(headers, { 'content-type': 'application/pdf', 'content-disposition': 'inline; filename="ORD-001001.pdf"' })
  const text = pdfText(pdf)
  for (const line of [
    'Nour & Co.',
    'Tax no. 42',
    'ORD-001001',
    'Customer +15550100',
    'BLUE-MUG | Blue Mug | 3 | $12.50 | 0 % | $37.50',
    'Total | $37.50',
    '2026-03-01 | Payment, cash, till 3 | $20.00',
    '2026-03-02 | Refund, card | -$2.50',
    'Due | $20.00',
    'ORD-001001 · 1 / 1',
  ])
    t.ok(text.split('\n').includes(line), `${line}\n${text}`)
  t.ok((await invoice(erin.token)).pdf.equals(pdf), 'the same order gives the same bytes')
})

t.test('names of any script and any ill will are shown, and do nothing', async (t) => {
  const { db, erin, id, invoice, amal } = await sold(t)
  const names = [
    'قهوة عربية ٢٥٠ غ (Gold)',
    'Кружка «Синяя»',
    'Café "Crème" <b> \u202egnp.exe\u0000 =1+1 \\) Tj',
    `${'W'.repeat(300)}`,
  ]
  const [variant] = await db.rows<{ id: string }>('select id from variants')
  for (const [index, name] of names.entries())
    await db.run(
      `insert into order_lines (id, order_id, position, variant_id, sku, product_name, variant_name, quantity, unit_price_minor,
         tax_rate_bp, line_subtotal_minor, line_total_minor) values (?, ?, ?, ?, ?, ?, '', 1, 100, 0, 100, 100)`,
      [
        `01890000-0000-7000-8000-00000000000${index}`,
        id,
        index + 1,
        variant?.id,
        `S${index}`,
        name.replace('\u0000', ''),
      ],
    )
  await db.run('update contacts set name = ? where customer_id = ?', ['أمل حداد', amal.customerId])
  const text = pdfText((await invoice(erin.token)).pdf)
  const rows = text.split('\n')
  const reversed = (word: string) => [...word].reverse().join('')
  t.ok(rows.includes(`${reversed('أمل حداد')}`), text)
  t.match(
    rows.find((row) => row.startsWith('S0')),
    new RegExp(`\\( \\| Gold \\| .*${reversed('غ')}.*٢ \\| ٥ \\| ٠ .*${reversed('قهوة عربية')}`),
    'words to the left, numbers to the right',
  )
  t.ok(
    rows.some((row) => row.startsWith('S1 | Кружка «Синяя» | 1')),
    text,
  )
  t.match(text, /Café "Crème" <b>/)
  t.match(text, /gnp\.exe [\s\S]*\n=1\+1/)
  t.equal((text.match(/W/g) ?? []).length, 300, 'a word without end is broken')
})

t.test('an order of many lines goes on over pages that are counted', async (t) => {
  const { db, erin, id, invoice } = await sold(t)
  await db.run(
    `insert into order_lines (id, order_id, position, variant_id, sku, product_name, variant_name, quantity, unit_price_minor,
       tax_rate_bp, line_subtotal_minor, line_total_minor)
     select gen_random_uuid(), order_id, n, variant_id, 'LINE-' || n, 'Thing ' || n, '', 1, 100, 0, 100, 100
     from order_lines, generate_series(1, 70) n where order_id = ?`,
    [id],
  )
  const text = pdfText((await invoice(erin.token)).pdf)
  for (let n = 1; n <= 70; n += 1) if (!text.includes(`LINE-${n} | Thing ${n} |`)) t.fail(`line ${n}`)
  t.match(text, /ORD-001001 · 2 \/ [23]\n?/)
})

t.test('whoever may not see the order sees no invoice, and a draft has none', async (t) => {
  const { db, person, id, erin, invoice } = await sold(t)
  t.equal((await invoice((await person('employee')).token)).status, 404)
  t.equal((await invoice((await person('customer')).token)).status, 404)
  t.equal((await invoice((await person('admin')).token)).status, 200)
  t.equal((await invoice(erin.token, asId<OrderId>('01890000-0000-7000-8000-000000000009'))).status, 404)
  await db.run(`update orders set status = 'draft' where id = ?`, [id])
  const { status, pdf } = await invoice(erin.token)
  t.same([status, JSON.parse(pdf.toString()).code], [409, 'order-not-placed'])
})

t.test('invoices are drawn in a thread beside, which begins once, and again when it is gone', async (t) => {
  const { erin, invoice } = await sold(t)
  const threads: Worker[] = []
  const begun = (worker: Worker) => void threads.push(worker)
  process.on('worker', begun)
  t.teardown(() => process.off('worker', begun))
  const [first, second] = await Promise.all([invoice(erin.token), invoice(erin.token)])
  t.same([first.status, second.status, threads.length], [200, 200, 1])
  t.ok(first.pdf.equals(second.pdf))
  await threads[0]?.terminate()
  t.equal((await invoice(erin.token)).status, 200)
  t.equal(threads.length, 2)
})
