import fc from 'fast-check'
import t from 'tap'
import { interpret, type OpenPrompt } from '../../../src/domain/bot/interpret.ts'
import { LANGUAGE_CODES, LANGUAGES, type LanguageCode } from '../../../src/domain/bot/languages/index.ts'
import { type NoticedOrder, noticeText } from '../../../src/domain/bot/notice.ts'
import { MAX_SAID_CHARS, voice } from '../../../src/domain/bot/say.ts'
import { FULFILLMENTS, NOT_CONFIRMED, ORDER_STATUSES, PAYMENT_STATUSES } from '../../../src/domain/order/order.ts'
import { demoNames } from '../../support/demo-names.ts'

const to = (language: LanguageCode, customer = 'Amal', shop = 'Nour & Co.') =>
  voice({ language, shop, customer, locale: 'en-US', timezone: 'UTC', example: '' })
const orderOf = (more: Partial<NoticedOrder>): NoticedOrder => ({
  number: 1_042,
  status: 'confirmed',
  paymentStatus: 'paid',
  fulfillment: 'delivery',
  at: new Date('2026-03-01T12:00:00Z'),
  currency: 'USD',
  totalMinor: 129_900,
  reason: null,
  lines: [{ name: 'Gaming Laptop', quantity: 1, unitMinor: 129_900, totalMinor: 129_900 }],
  ...more,
})

t.test('each status has its words, and what is over or was never placed has few or none', async (t) => {
  const text = (more: Partial<NoticedOrder>) => noticeText(to('en'), orderOf(more))
  t.equal(text({}), '📦 ORD-001042 is confirmed.\n1 × Gaming Laptop\nTotal: $1,299.00 (paid)')
  t.match(text({ status: 'pending' }), /^✅ Thank you, Amal! We got ORD-001042\n[\s\S]*cancel 1042$/)
  t.match(text({ status: 'shipped' }), /is on its way\./)
  t.match(text({ status: 'shipped', fulfillment: 'pickup' }), /is ready for pickup\./)
  t.equal(text({ status: 'delivered' }), '📦 ORD-001042 is delivered. Thank you!')
  t.equal(text({ status: 'cancelled' }), '📦 ORD-001042 is cancelled.')
  t.equal(text({ status: 'cancelled', reason: 'sold\n\nout' }), '📦 ORD-001042 is cancelled: sold out')
  t.match(text({ status: 'returned' }), /the return is recorded\.$/)
  t.equal(text({ status: 'draft' }), null)
  t.equal(text({ status: 'expired' }), null)
})

t.test('each is said in every language, with amounts as they are written there', async (t) => {
  const said = new Map<string, string>()
  for (const language of LANGUAGE_CODES)
    for (const status of ORDER_STATUSES)
      for (const fulfillment of FULFILLMENTS) {
        const text = noticeText(to(language, ''), orderOf({ status, fulfillment, lines: [] }))
        if (text === null) continue
        const other = said.get(text)
        t.ok(other === undefined || other === `${language} ${status}`, `${text} is said by ${other} already`)
        said.set(text, `${language} ${status}`)
      }
  const lines = [{ name: 'Gaming Laptop', quantity: 1_000, unitMinor: 130, totalMinor: 130_000 }]
  const total = (language: LanguageCode) => noticeText(to(language), orderOf({ totalMinor: 130_000, lines })) ?? ''
  t.match(total('en'), /1,000 × [\s\S]*\$1,300\.00/)
  t.match(total('es'), /^📦 ORD-001042 está confirmado\.\n[\s\S]*\(pagado\)$/)
  t.match(total('ar'), /^📦 ORD-001042 مؤكد\.\n[\s\S]*المجموع/)
})

t.test('a reason of ours is said in the language of the customer, one of the staff as they wrote it', async (t) => {
  for (const language of LANGUAGE_CODES) {
    const because = (reason: string) => noticeText(to(language), orderOf({ status: 'cancelled', reason })) ?? ''
    t.ok(because(NOT_CONFIRMED).endsWith(LANGUAGES[language].sentences.notConfirmed), language)
    t.equal(because(NOT_CONFIRMED).includes(NOT_CONFIRMED), language === 'en', language)
    t.match(because('kaputt'), /: kaputt$/)
  }
})

t.test(
  'whatever names and reasons say, no notice in any language reads as a command, and none is too long',
  async (t) => {
    const commands = LANGUAGE_CODES.flatMap((code) => Object.values(LANGUAGES[code].commands))
    const hostile = fc.oneof(
      fc.constantFrom(
        ...commands,
        ...commands.map((word) => `\n${word}\n${word} Blue Mug:1`),
        '1',
        '?',
        '👍',
        '\u202eorder',
      ),
      fc.string({ unit: 'grapheme', maxLength: 600 }),
    )
    const some = fc.record({
      language: fc.constantFrom(...LANGUAGE_CODES),
      status: fc.constantFrom(...ORDER_STATUSES),
      paymentStatus: fc.constantFrom(...PAYMENT_STATUSES),
      fulfillment: fc.constantFrom(...FULFILLMENTS),
      customer: hostile,
      shop: hostile,
      reason: fc.option(hostile),
      names: fc.array(hostile, { minLength: 1, maxLength: 30 }),
    })
    const catalogue = demoNames()
    const prompts: readonly (OpenPrompt | null)[] = [
      null,
      { type: 'confirm' },
      { type: 'choice', options: 3 },
      { type: 'qty' },
      { type: 'page', options: 10 },
    ]
    fc.assert(
      fc.property(some, ({ language, customer, shop, names, ...more }) => {
        const lines = names.map((name) => ({ name: name.slice(0, 250), quantity: 2, unitMinor: 5, totalMinor: 10 }))
        const text = noticeText(to(language, customer, shop), orderOf({ ...more, lines }))
        if (text === null) return
        t.ok(text.length <= MAX_SAID_CHARS)
        // Signs may be lost on the way.
        for (const heard of [text, text.replace(/^[^\p{L}\p{N}]+/u, '')])
          for (const prompt of prompts)
            t.same(interpret(heard, { names: catalogue, prompt }), { intent: 'unknown' }, heard)
      }),
      { numRuns: 200 },
    )
  },
)
