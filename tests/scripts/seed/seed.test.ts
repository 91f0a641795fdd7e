import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { dice as makeDice } from '../../../scripts/proof/random.ts'
import { demoFile } from '../../../scripts/seed/catalogue.ts'
import { makeHistory, ORDERS, PAID, PARTLY_PAID } from '../../../scripts/seed/history.ts'
import { makeLedger } from '../../../scripts/seed/ledger.ts'
import { seedDemo } from '../../../scripts/seed/seed.ts'
import { asId, type OrgId } from '../../../src/domain/ids.ts'
import { makePasswords } from '../../../src/http/passwords.ts'
import type { Database } from '../../../src/persistence/database.ts'
import { readCurrentSettings } from '../../../src/persistence/organization.ts'
import { findUserByEmail } from '../../../src/persistence/users.ts'
import { testDatabase } from '../../support/database.ts'
import { hit } from '../../support/demo-hits.ts'

const NOW = new Date('2026-05-20T18:00:00Z')
const passwords = makePasswords()
const hash = passwords.hash('a password of a demo')

async function seed(db: Database, text = 'demo') {
  return seedDemo(db, { seed: text, now: NOW, passwordHash: await hash, newId: uuidv7 })
}

/** What breaks a rule, by the rule. */
const BROKEN: Readonly<Record<string, string>> = {
  '1: promised is never more than there':
    'select variant_id from stock_levels where reserved < 0 or reserved > on_hand',
  '1: nor was it ever': 'select id from stock_movements where reserved_after < 0 or reserved_after > on_hand_after',
  '2: a level is the sum of its movements': `select s.variant_id from stock_levels s left join (
    select variant_id, sum(on_hand_delta) as on_hand, sum(reserved_delta) as reserved from stock_movements group by 1) m using (variant_id)
    where s.on_hand <> coalesce(m.on_hand, 0) or s.reserved <> coalesce(m.reserved, 0)`,
  '2: each movement goes on from the one before': `select id from (
    select id, on_hand_after, reserved_after, sum(on_hand_delta) over w as on_hand, sum(reserved_delta) over w as reserved
    from stock_movements window w as (partition by variant_id order by at, id)) m
    where on_hand <> on_hand_after or reserved <> reserved_after`,
  '3: promised is what open orders wait for': `select s.variant_id from stock_levels s left join (
    select l.variant_id, sum(l.quantity) as quantity from order_lines l join orders o on o.id = l.order_id
    where o.status in ('pending','confirmed','processing') group by 1) w using (variant_id) where s.reserved <> coalesce(w.quantity, 0)`,
  '9: lines add up': `select id from order_lines
    where line_subtotal_minor <> unit_price_minor * quantity or line_total_minor <> line_subtotal_minor - line_discount_minor`,
  '9: and so do orders': `select o.id from orders o join (
    select order_id, sum(line_total_minor) as total, sum(line_tax_minor) as tax, sum(line_subtotal_minor) as subtotal
    from order_lines group by 1) l on l.order_id = o.id
    where o.total_minor <> l.total + o.shipping_minor or o.tax_minor <> l.tax or o.subtotal_minor <> l.subtotal`,
  '11: what was paid says the payment status': `select o.id from orders o left join (
    select order_id, coalesce(sum(amount_minor) filter (where kind = 'payment'), 0) as paid,
      coalesce(sum(amount_minor) filter (where kind = 'refund'), 0) as refunded from payments group by 1) p on p.order_id = o.id
    where coalesce(p.refunded, 0) > coalesce(p.paid, 0) or o.payment_status <> case
      when coalesce(p.paid, 0) = 0 then 'unpaid' when p.paid = p.refunded then 'refunded'
      when p.paid - p.refunded >= o.total_minor then 'paid' when p.refunded = 0 then 'partially_paid' else 'partially_refunded' end`,
  '16: the history ends with the status': `select o.id from orders o where o.status <> (
    select to_status from order_events e where e.order_id = o.id and to_status is not null order by e.at desc, e.id desc limit 1)`,
  '16: and has no gap': `select id from (
    select id, from_status, lag(to_status) over (partition by order_id order by at, id) as before
    from order_events where to_status is not null) e where from_status is distinct from before`,
  '17: numbers have no gap and follow time': `select number from (
    select number, row_number() over (order by placed_at, id) + 1000 as place from orders) o where number <> place`,
  'nothing is of tomorrow': `select id from orders where placed_at > '2026-05-20T18:00:00Z' or updated_at > '2026-05-20T18:00:00Z'
    union all select id from messages where wa_timestamp > '2026-05-20T18:00:00Z'
    union all select id from stock_movements where at > '2026-05-20T18:00:00Z'`,
  'the erased one left no name': `select id from customers where deleted_at is not null and display_name not like 'Deleted customer #%'
    union all select c.id from contacts c join customers u on u.id = c.customer_id where u.deleted_at is not null`,
  'an order by chat has its message': `select o.id from orders o where channel = 'whatsapp' and not exists (
    select from messages m where m.conversation_id = o.source_conversation_id and m.wa_message_id = o.source_wa_id and not m.from_me
      and m.user_id = o.user_id and m.order_id = o.id and m.wa_timestamp = o.placed_at)`,
  'who asked for no messages was told nothing more': `select m.id from messages m join conversations v on v.id = m.conversation_id
    join customers c on c.id = v.customer_id where c.opted_out_at is not null and m.text like '%is on its way%'`,
}

const count = async (db: Database, sql: string) =>
  (await db.rows<{ n: number }>(`select count(*)::int as n from ${sql}`))[0]?.n

t.test('the demo shop keeps every rule of a shop that lived through it', async (t) => {
  const { db } = await testDatabase(t)
  t.match(await seed(db), { kind: 'made', orders: ORDERS })
  for (const [rule, sql] of Object.entries(BROKEN)) t.same(await db.rows(sql), [], rule)
  t.same(await db.rows('select next from order_counters'), [{ next: 1_001 + ORDERS }])

  const left = await db.rows<{ sku: string; n: number }>(
    'select v.sku, s.on_hand - s.reserved as n from stock_levels s join variants v on v.id = s.variant_id order by sku',
  )
  const wanted = demoFile().variants.map(({ sku, onHand }) => ({ sku, n: onHand }))
  const bySku = (a: { sku: string }, b: { sku: string }) => (a.sku < b.sku ? -1 : 1)
  t.same(left.toSorted(bySku), wanted.toSorted(bySku), 'what may be sold today is what the catalogue says')

  t.equal(ORDERS, 180)
  const statuses = await db.rows('select status, count(*)::int as n from orders group by 1 order by 2 desc, 1')
  t.same(statuses, [
    { status: 'delivered', n: 126 },
    { status: 'cancelled', n: 14 },
    { status: 'pending', n: 12 },
    { status: 'confirmed', n: 9 },
    { status: 'processing', n: 7 },
    { status: 'shipped', n: 7 },
    { status: 'returned', n: 5 },
  ])
  t.equal(await count(db, `orders where payment_status = 'paid'`), PAID)
  t.equal(await count(db, `orders where payment_status = 'partially_paid'`), PARTLY_PAID)
  t.equal(await count(db, `orders where payment_status = 'refunded'`), 5)
  const messages = (await count(db, 'messages')) ?? 0
  t.ok(messages > 1_200 && messages < 2_000, `${messages} messages`)
  t.same(
    await db.rows(
      `select kind, count(*)::int as n from stock_movements where kind in ('adjustment','writeoff') group by 1 order by 1`,
    ),
    [
      { kind: 'adjustment', n: 2 },
      { kind: 'writeoff', n: 1 },
    ],
  )
  const contacts = await db.rows(
    `select u.email, count(*)::int as n from contacts c join users u on u.id = c.user_id group by 1 order by 2 desc`,
  )
  t.match(contacts, [{ email: 'erin@demo.test', n: 12 }, { email: 'sam@demo.test' }, { email: 'lin@demo.test' }])
  t.equal(await count(db, 'customers'), 24)
  t.equal(await count(db, '(select customer_id from contacts group by 1 having count(*) = 2) s'), 3)
  t.equal(await count(db, 'customers where opted_out_at is not null'), 2)
  t.equal(await count(db, `customers where language = 'ar'`), 4)
  t.equal(await count(db, `customers where language = 'es'`), 3)
  t.equal(await count(db, `customer_identities where kind = 'lid'`), 2)
  const [ages] = await db.rows<{ youngest: number; oldest: number }>(
    `select extract(epoch from '2026-05-20T18:00:00Z' - max(placed_at))::int as youngest,
       extract(epoch from '2026-05-20T18:00:00Z' - min(placed_at))::int / 86400 as oldest
     from orders where status in ('pending','confirmed','processing','shipped')`,
  )
  t.same(ages, { youngest: 120, oldest: 3 })
  const linked = 'select c.display_name as name from users u join customers c on c.id = u.customer_id where u.email = ?'
  t.same(
    await db.rows(linked, ['amal@demo.test']),
    [{ name: 'Amal' }],
    'the customer with an account sees their orders',
  )
  const { hours } = await readCurrentSettings(
    db,
    asId<OrgId>(String((await db.rows<{ id: string }>('select id from organizations'))[0]?.id)),
  )
  t.match(hours, { sat: [{ from: '09:00', to: '18:00' }], sun: [] })
  const owner = await findUserByEmail(db, 'nour@demo.test')
  t.match(owner, { role: 'admin', status: 'active' })
  t.ok(await passwords.matches(owner?.passwordHash ?? null, 'a password of a demo'))
})

t.test('a second run changes nothing, and the same seed makes the same shop', async (t) => {
  const [one, two] = [await testDatabase(t), await testDatabase(t)]
  await seed(one.db)
  const shopOf = async (db: Database) => [
    await db.rows('select number, status, payment_status, total_minor, placed_at, version from orders order by number'),
    await db.rows('select text, author, wa_timestamp from messages order by wa_message_id'),
    await db.rows('select kind, on_hand_after, reserved_after, at from stock_movements order by id'),
  ]
  const before = await shopOf(one.db)
  t.same(await seed(one.db), { kind: 'there' })
  t.same(await shopOf(one.db), before)
  await seed(two.db)
  t.same(await shopOf(two.db), before)
})

t.test('other seeds make shops that keep the rules too', async (t) => {
  const goods = demoFile()
    .variants.filter(({ active }) => active)
    .map(({ sku, name, onHand, priceMinor }) => hit(name, sku, { available: onHand, priceMinor }))
  const shelves = goods.map(({ variantId, available }) => ({ variantId, available }))
  for (let n = 0; n < 40; n += 1) {
    const dice = makeDice(`seed ${n}`)
    const orders = makeHistory(goods, NOW, dice)
    t.equal(orders.length, ORDERS)
    // Throws when more is taken than there is.
    const ledger = makeLedger(shelves, orders, [], new Date(NOW.getTime() - 61 * 86_400_000))
    for (const { variantId, available } of shelves) {
      const last = ledger.findLast((each) => each.variantId === variantId)
      t.equal((last?.onHandAfter ?? 0) - (last?.reservedAfter ?? 0), available)
    }
  }
})

t.test('where somebody works already nothing is done', async (t) => {
  const { db } = await testDatabase(t)
  const org = uuidv7()
  await db.run(
    `insert into organizations (id, name, currency, timezone, locale) values (?, 'Mine', 'EUR', 'UTC', 'de-DE')`,
    [org],
  )
  await db.run('insert into customers (id, org_id) values (?, ?)', [uuidv7(), org])
  t.same(await seed(db), { kind: 'not-empty' })
  t.match(await db.rows('select name, currency from organizations'), [{ name: 'Mine', currency: 'EUR' }])
  t.equal(await count(db, 'users'), 0)
})
