import t from 'tap'
import { PLENTY, SCARCE } from '../../../scripts/proof/cast.ts'
import { check } from '../../../scripts/proof/check.ts'
import type { Accepted, History, Received } from '../../../scripts/proof/history.ts'

const ACCOUNT = '15550100000'
const ANNA = '15550101000'
const [MUG] = PLENTY
const SHOP = { plenty: PLENTY, scarce: { ...SCARCE, stock: 1 } }

const accepted = (id: string, text: string): Accepted => ({ id, account: ACCOUNT, customer: ANNA, text })
const received = (id: string, text: string, count = 1): Received => ({
  account: ACCOUNT,
  customer: ANNA,
  id,
  text,
  count,
})
const order = (label: string, sourceId: string | null, product = MUG.name, quantity = 2) => ({
  label,
  account: ACCOUNT,
  sourceId,
  lines: [{ product, quantity }],
})
const levels = (taken: Readonly<Record<string, number>>) =>
  [...SHOP.plenty, SHOP.scarce].map(({ name, stock }) => ({ product: name, onHand: stock, reserved: taken[name] ?? 0 }))

/** One of everything, and all of it well. */
const GOOD: History = {
  accepted: [
    accepted('M1', `ORDER ${MUG.name}:2`),
    accepted('M2', 'catalog zz2zz'),
    accepted('M3', 'hi'),
    accepted('M4', `ORDER ${SCARCE.name}:1`),
    accepted('M5', `ORDER ${SCARCE.name}:1`),
    accepted('M6', 'ORDER zz6zz:1'),
  ],
  stored: new Set(['M1', 'M2', 'M3', 'M4', 'M5', 'M6'].map((id) => `${ACCOUNT}/${id}`)),
  receiptsTooEarly: new Set(),
  orders: [order('ORD-001001', 'M1'), order('ORD-001002', 'M5', SCARCE.name, 1)],
  levels: levels({ [MUG.name]: 2, [SCARCE.name]: 1 }),
  received: [
    received('R1', '✅ Thank you, Anna! We got ORD-001001\n2 × Blue Mug – $12.00 each, $24.00'),
    received('R2', '🛍️ I could not find "zz2zz". Send catalog to see everything.'),
    received('R3', '👋 Welcome to My shop, Anna! You can write:'),
    received('R4', `⚠️ Sold out: ${SCARCE.name}. Send catalog to see what we have.`),
    received('R5', '✅ Thank you, Anna! We got ORD-001002', 2),
    received('R6', '⚠️ I could not find "zz6zz". Send catalog to see everything.'),
    received('R7', 'A note from us: zz0notezz'),
  ],
  staff: [{ account: ACCOUNT, customer: ANNA, text: 'A note from us: zz0notezz', accepted: true }],
  unreadable: new Set(),
}

const counts = {
  messages: 6,
  lost: 0,
  ordersExpected: 2,
  ordersLost: 0,
  ordersDuplicated: 0,
  repliesLost: 0,
  repliesDuplicated: 0,
  resends: 1,
  undecryptable: 0,
}

const without = (id: string) => GOOD.received.filter((one) => one.id !== id)

t.test('when everything is there once, nothing is counted but the sizes and the resends', async (t) => {
  t.same(check(GOOD, SHOP), { counts, findings: [] })
})

const CASES: readonly (readonly [string, Partial<History>, Partial<typeof counts>])[] = [
  [
    'a message without a row is lost',
    { stored: new Set([...GOOD.stored].filter((key) => !key.endsWith('M3'))) },
    { lost: 1 },
  ],
  [
    'a message confirmed before it was stored is lost, though it came later',
    { receiptsTooEarly: new Set([`${ACCOUNT}/M2`]) },
    { lost: 1 },
  ],
  [
    'an order that nobody placed is lost, and so is its answer',
    { orders: GOOD.orders.slice(1), levels: levels({ [SCARCE.name]: 1 }), received: without('R1') },
    { ordersLost: 1, repliesLost: 1 },
  ],
  [
    'a unit that was there and not sold is a lost order',
    {
      orders: GOOD.orders.slice(0, 1),
      levels: levels({ [MUG.name]: 2 }),
      received: [...without('R5'), received('R8', `⚠️ Sold out: ${SCARCE.name}.`)],
    },
    { ordersLost: 1, resends: 0 },
  ],
  [
    'a second order of one message is a duplicate',
    {
      orders: [...GOOD.orders, order('ORD-001003', 'M1')],
      levels: levels({ [MUG.name]: 4, [SCARCE.name]: 1 }),
      received: [...without('R1'), received('R9', '✅ Thank you, Anna! We got ORD-001003')],
    },
    { ordersDuplicated: 1 },
  ],
  [
    'an order of no message at all is a duplicate',
    { orders: [...GOOD.orders, order('ORD-001003', null)], levels: levels({ [MUG.name]: 4, [SCARCE.name]: 1 }) },
    { ordersDuplicated: 1 },
  ],
  [
    'stock that was taken twice is a duplicate',
    { levels: levels({ [MUG.name]: 4, [SCARCE.name]: 1 }) },
    { ordersDuplicated: 1 },
  ],
  [
    'selling more than there was is a duplicate',
    {
      orders: [...GOOD.orders, order('ORD-001003', 'M4', SCARCE.name, 1)],
      levels: levels({ [MUG.name]: 2, [SCARCE.name]: 2 }),
      received: [...without('R4'), received('R9', '✅ Thank you, Anna! We got ORD-001003')],
    },
    { ordersDuplicated: 1 },
  ],
  ['a question without an answer is a lost reply', { received: without('R2') }, { repliesLost: 1 }],
  [
    'a second id for one answer is a duplicate reply, and not a resend',
    { received: [...GOOD.received, received('R9', '👋 Welcome to My shop, Anna! You can write:')] },
    { repliesDuplicated: 1 },
  ],
  [
    'an answer that nobody asked for is a duplicate reply',
    { received: [...GOOD.received, received('R9', '🤔 Sorry, I did not get that.')] },
    { repliesDuplicated: 1 },
  ],
  ['a note of the staff that the API took and nobody got is lost', { received: without('R7') }, { repliesLost: 1 }],
  [
    'a note under two ids is a duplicate',
    { received: [...GOOD.received, received('R9', 'A note from us: zz0notezz')] },
    { repliesDuplicated: 1 },
  ],
  [
    'the same id three times is two resends',
    { received: [...without('R5'), received('R5', GOOD.received[4]?.text ?? '', 3)] },
    { resends: 2 },
  ],
  ['what somebody could not read is undecryptable', { unreadable: new Set(['M1', 'R2']) }, { undecryptable: 2 }],
]

for (const [name, change, expected] of CASES)
  t.test(name, async (t) => {
    const verdict = check({ ...GOOD, ...change }, SHOP)
    t.same(verdict.counts, { ...counts, ...expected })
    const wrong = Object.entries(expected).some(([column]) => column !== 'resends')
    t.equal(verdict.findings.length > 0, wrong, 'it says in words what is wrong')
  })

t.test('a note that the API never took may have arrived once, and need not', async (t) => {
  const staff = GOOD.staff.map((note) => ({ ...note, accepted: false }))
  t.same(check({ ...GOOD, staff }, SHOP).counts, counts)
  t.same(check({ ...GOOD, staff, received: without('R7') }, SHOP).counts, counts)
  const twice = [...GOOD.received, received('R9', 'A note from us: zz0notezz')]
  t.match(check({ ...GOOD, staff, received: twice }, SHOP).counts, { repliesLost: 0, repliesDuplicated: 1 })
})
