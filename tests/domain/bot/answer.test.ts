import fc from 'fast-check'
import t from 'tap'
import {
  catalogAnswer,
  notPlacedAnswer,
  type PlacedOrder,
  type Speaker,
  statusAnswer,
  thanksAnswer,
  usageAnswer,
} from '../../../src/domain/bot/answer.ts'
import { parseCommand } from '../../../src/domain/bot/command.ts'
import { MAX_REPLY_CHARS, phrases } from '../../../src/domain/bot/phrases.ts'
import { QUANTITY_PROBLEMS } from '../../../src/domain/bot/quantity.ts'
import type { ItemProblem } from '../../../src/domain/bot/resolve.ts'
import type { CatalogueHit } from '../../../src/domain/catalogue/variant.ts'
import { ORDER_STATUSES, orderLabel, PAYMENT_STATUSES } from '../../../src/domain/order/order.ts'
import { demoHits, hit } from '../../support/demo-hits.ts'

const PLACED_AT = new Date('2026-03-01T12:00:00Z')

function orderOf(items: readonly CatalogueHit[], more: Partial<PlacedOrder> = {}): PlacedOrder {
  return {
    number: 1042,
    status: 'pending',
    paymentStatus: 'unpaid',
    currency: 'USD',
    totalMinor: 129_900,
    placedAt: PLACED_AT,
    lines: items.map((item) => ({
      productName: item.productName,
      variantName: item.variantName,
      quantity: 2,
      unitPriceMinor: item.priceMinor,
      totalMinor: 2 * item.priceMinor,
    })),
    ...more,
  }
}

/** Every text the bot can say, with these words from outside in it. */
function everyReply(words: {
  customer: string
  shop: string
  typed: string
  items: readonly CatalogueHit[]
}): string[] {
  const { customer, shop, typed, items } = words
  const [first = hit('Mug', 'MUG')] = items
  const speaker: Speaker = { shop, customer, locale: 'en-US', timezone: 'UTC', example: first.fullName }
  const problems: ItemProblem[] = [
    { kind: 'not-found', name: typed },
    { kind: 'ambiguous', name: typed, choices: items },
    { kind: 'short', variant: first, wanted: 5, available: 3 },
    { kind: 'short', variant: first, wanted: 5, available: 0 },
    { kind: 'quantity', problem: 'qty_missing', variant: null },
    ...QUANTITY_PROBLEMS.map((problem): ItemProblem => ({ kind: 'quantity', problem, variant: first })),
  ]
  const lines = items.map((variant) => ({ variant, quantity: 2 }))
  return [
    phrases.hello(speaker),
    phrases.help(speaker),
    phrases.contact({ shop, text: typed, phone: '+15550100100' }),
    phrases.contact({ shop, text: '', phone: null }),
    phrases.unknown(),
    phrases.noSuchCategory({ name: typed }),
    ...(['empty', 'too_long', 'too_many_lines'] as const).map((problem) => usageAnswer(speaker, problem)),
    catalogAnswer(speaker, { items, total: items.length, page: 1, category: null }),
    catalogAnswer(speaker, { items, total: 46, page: 2, category: typed }),
    catalogAnswer(speaker, { items: [], total: 46, page: 9, category: null }),
    catalogAnswer(speaker, { items: [], total: 0, page: 1, category: null }),
    thanksAnswer(speaker, orderOf(items), orderLabel(1042)),
    statusAnswer(speaker, [], null, 0),
    statusAnswer(speaker, [], 7, 0),
    ...ORDER_STATUSES.map((status) => statusAnswer(speaker, [orderOf(items, { status })], null, 1)),
    ...PAYMENT_STATUSES.map((paymentStatus) => statusAnswer(speaker, [orderOf(items, { paymentStatus })], 1042, 0)),
    ...problems.map((problem) => notPlacedAnswer(speaker, { lines, problems: [problem] })),
    notPlacedAnswer(speaker, { lines: [], problems }),
  ]
}

function isHarmless(t: Tap, replies: readonly string[]): void {
  for (const reply of replies) t.same(parseCommand(reply), { kind: 'unknown' }, reply)
}

type Tap = Pick<typeof t, 'same'>

t.test('no reply reads as a command, with the names of the demo shop in it', (t) => {
  const hits = demoHits()
  for (let from = 0; from < hits.length; from += 5) {
    isHarmless(
      t,
      everyReply({ customer: 'Amal', shop: 'Nour & Co.', typed: 'Flying Carpet', items: hits.slice(from, from + 5) }),
    )
  }
  t.end()
})

t.test('no reply reads as a command, with hostile names in it', (t) => {
  const hostile = [
    'catalog',
    'ORDER Blue Mug:1',
    'help\nORDER Blue Mug:1',
    'hi',
    '?',
    '',
    '\u202eorder',
    '*order* x:1',
    'status',
    '\n\nhelp',
  ]
  const word = fc.constantFrom(...hostile)
  fc.assert(
    fc.property(word, word, word, word, (customer, shop, typed, name) => {
      isHarmless(t, everyReply({ customer, shop, typed, items: [hit(name, 'X'), hit(typed, 'Y')] }))
    }),
    { numRuns: 60 },
  )
  t.end()
})

t.test('the thank-you states what was understood and what it costs', (t) => {
  const speaker: Speaker = { shop: 'S', customer: 'Amal', locale: 'en-US', timezone: 'UTC', example: 'Mug' }
  const laptop = hit('Gaming Laptop', 'LAP', { priceMinor: 129_900 })
  const text = thanksAnswer(speaker, orderOf([laptop], { totalMinor: 259_800 }), orderLabel(1042))
  t.equal(
    text,
    '✅ Thank you, Amal! We got ORD-001042\n2 × Gaming Laptop – $1,299.00 each, $2,598.00\nTotal: $2,598.00\n' +
      'A colleague will confirm soon. To follow it reply: status',
  )
  t.end()
})

t.test('a long order is answered in one message, with a count of what was left out', (t) => {
  const speaker: Speaker = { shop: 'S', customer: 'Amal', locale: 'en-US', timezone: 'UTC', example: 'Mug' }
  const items = Array.from({ length: 20 }, (_, index) => hit(`Product number ${index} ${'x'.repeat(90)}`, `P${index}`))
  const text = thanksAnswer(speaker, orderOf(items), orderLabel(1042))
  t.ok(text.length <= MAX_REPLY_CHARS)
  t.match(text, /\n… and \d+ more\nTotal: /)
  t.end()
})

t.test('a catalogue page numbers its items through all pages and shows how to buy', (t) => {
  const items = demoHits().slice(10, 20)
  const text = catalogAnswer({ locale: 'en-US', example: 'x' }, { items, total: 46, page: 2, category: null })
  t.match(text, /^🛍️ Page 2 of 5\n11\. Bluetooth Speaker – \$45\.00 \(in stock\)\n/)
  t.match(text, /\n20\. .*\nTo buy, reply like this:\nORDER Bluetooth Speaker:1\nFor the next page reply: catalog 3$/)
  t.end()
})
