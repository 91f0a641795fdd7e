import fc from 'fast-check'
import t from 'tap'
import { interpret } from '../../../src/domain/bot/interpret.ts'
import { LANGUAGE_CODES, LANGUAGES, languageFor, localeFor } from '../../../src/domain/bot/languages/index.ts'
import { MAX_SAID_CHARS, voice } from '../../../src/domain/bot/say.ts'
import { demoNames } from '../../support/demo-names.ts'
import { everything } from '../../support/everything-said.ts'
import { PROMPTS } from '../../support/open-prompts.ts'

const names = demoNames()

function isHarmless(t: { same(a: unknown, b: unknown, message: string): unknown }, said: readonly string[]): void {
  // Signs may be lost on the way.
  for (const text of said.flatMap((each) => [each, each.replace(/^[^\p{L}\p{N}]+/u, '')]))
    for (const prompt of PROMPTS)
      t.same(interpret(text, { names, prompt }), { intent: 'unknown' }, `${prompt?.type ?? 'no question'}: ${text}`)
}

t.test('nothing the bot says reads as a command in any language, whatever question is open', (t) => {
  for (const language of LANGUAGE_CODES)
    isHarmless(
      t,
      everything(language, { shop: 'Nour & Co.', customer: 'Amal', product: 'Gaming Laptop', typed: 'Flying Carpet' }),
    )
  t.end()
})

t.test('nor does it with hostile names in it', (t) => {
  const commands = LANGUAGE_CODES.flatMap((code) => Object.values(LANGUAGES[code].commands))
  const hostile = [
    ...commands,
    ...commands.map((word) => `${word} Blue Mug:1`),
    'help\nORDER Blue Mug:1',
    '',
    '?',
    '1',
    '\u202eorder',
    '*order* x:1',
    '\n\nhelp',
    '👍',
    'gracias',
    'hi',
    ': ORDER Blue Mug:1',
    '! catalog',
  ]
  const word = fc.constantFrom(...hostile)
  // A name after our own "thank you", in which the rest could begin: rarely met by chance.
  const after = [': ORDER Blue Mug:1', '! catalog']
  const examples = LANGUAGE_CODES.flatMap((code) =>
    after.map((name): [typeof code, string, string, string, string] => [code, 'Nour', name, 'Mug', 'x']),
  )
  fc.assert(
    fc.property(
      fc.constantFrom(...LANGUAGE_CODES),
      word,
      word,
      word,
      word,
      (language, shop, customer, product, typed) => {
        isHarmless(t, everything(language, { shop, customer, product, typed }))
      },
    ),
    { numRuns: 25, examples },
  )
  t.end()
})

t.test('every command the bot tells people to write is understood as that command', (t) => {
  const intents = {
    catalog: 'catalog',
    status: 'status',
    cancel: 'cancel',
    contact: 'contact',
    agent: 'agent',
    stop: 'stop',
    start: 'start',
    help: 'help',
    more: 'more',
    order: 'order',
  }
  for (const code of LANGUAGE_CODES) {
    const { commands } = LANGUAGES[code]
    for (const [command, intent] of Object.entries(intents))
      t.equal(
        interpret(commands[command as keyof typeof intents], { names, prompt: null }).intent,
        intent,
        `${code} ${command}`,
      )
    t.equal(interpret(commands.yes, { names, prompt: { type: 'confirm' } }).intent, 'confirm', code)
    t.equal(interpret(commands.no, { names, prompt: { type: 'confirm' } }).intent, 'reject', code)
    for (const own of LANGUAGE_CODES) {
      const ask = `${LANGUAGES[own].words.language[0]} ${LANGUAGES[own].name}`
      t.same(interpret(ask, { names, prompt: null }), { intent: 'language', language: own }, ask)
    }
  }
  t.end()
})

t.test('no message is longer than a message may be', (t) => {
  const product = 'Product number one '.repeat(20)
  for (const language of LANGUAGE_CODES)
    for (const text of everything(language, { shop: product, customer: product, product, typed: product }))
      t.ok(text.length <= MAX_SAID_CHARS, `${text.length}: ${text}`)
  t.end()
})

t.test('a basket is told with what it costs, in one message however long it is', (t) => {
  const say = voice({ language: 'en', shop: 'S', customer: 'Amal', locale: 'en-US', timezone: 'UTC', example: '' })
  const laptops = { name: 'Gaming Laptop', quantity: 2, unitMinor: 129_900, totalMinor: 259_800 }
  const mug = { name: 'Blue Mug', quantity: 1, unitMinor: 1_200, totalMinor: 1_200 }
  const basket = { lines: [laptops, mug], currency: 'USD', totalMinor: 261_000 }
  t.equal(
    say.thanks(basket, 'ORD-001042', '1042', null),
    '✅ Thank you, Amal! We got ORD-001042\n2 × Gaming Laptop – $1,299.00 each, $2,598.00\n1 × Blue Mug – $12.00\n' +
      'Total: $2,610.00\nA colleague will confirm soon.\nTo undo it reply: cancel 1042',
  )
  const lines = Array.from({ length: 20 }, (_, at) => ({ ...mug, name: `Product number ${at} ${'x'.repeat(90)}` }))
  const long = say.thanks({ ...basket, lines }, 'ORD-001042', '1042', null)
  t.match(long, /\n… and \d+ more\nTotal: /)
  t.ok(long.length <= MAX_SAID_CHARS)
  t.end()
})

t.test('a page numbers its items through all pages, shows how to buy and how to see the next', (t) => {
  const say = voice({ language: 'en', shop: 'S', customer: '', locale: 'en-US', timezone: 'UTC', example: 'x' })
  const gone = { name: 'Old Lamp', priceMinor: 900, currency: 'USD', availability: 'out_of_stock' } as const
  const speaker = { name: 'Bluetooth Speaker', priceMinor: 4_500, currency: 'USD', availability: 'in_stock' } as const
  const page = { page: 2, pages: 5, first: 11, category: null, offers: [gone, speaker], remembered: true }
  const head = '🛍️ Page 2 of 5\n11. Old Lamp – $9.00 (out of stock)\n12. Bluetooth Speaker – $45.00 (in stock)\n'
  const buy = 'To buy, reply like this:\nORDER Bluetooth Speaker:1'
  t.equal(say.page(page), `${head}${buy}\nReply more for the next page.`)
  t.equal(say.page({ ...page, remembered: false }), `${head}${buy}\nFor the next page reply: catalog 3`)
  for (const language of LANGUAGE_CODES) {
    const own = voice({ language, shop: 'S', customer: '', locale: 'en-US', timezone: 'UTC', example: 'x' })
    const next =
      own
        .page({ ...page, remembered: false })
        .split(': ')
        .at(-1) ?? ''
    t.same(interpret(next, { names, prompt: null }), { intent: 'catalog', argument: '3' }, next)
  }
  t.notMatch(
    say.page({ ...page, category: 'Lamps', remembered: false }),
    /page reply/,
    'no word means page 3 of a category',
  )
  t.notMatch(say.page({ ...page, page: 5, remembered: false }), /page reply/)
  t.end()
})

t.test('a customer is answered in the language they chose, else of their script, else of the shop', (t) => {
  t.equal(languageFor('es', ['مرحبا'], 'en-US'), 'es')
  t.equal(languageFor(null, ['مرحبا', 'ok'], 'en-US'), 'ar')
  t.equal(languageFor(null, ['catalog', 'hi', 'hola', 'مرحبا مرحبا مرحبا'], 'es-MX'), 'es')
  t.equal(languageFor(null, ['catalog'], 'ar-EG'), 'en')
  t.equal(languageFor(null, ['👍', '2'], 'ar-EG'), 'ar')
  t.equal(languageFor('fr', [], 'de-DE'), 'en')
  t.equal(localeFor('ar', 'en-AE'), 'ar-AE')
  t.equal(localeFor('en', 'en-GB'), 'en-GB')
  t.match(
    voice({ language: 'es', shop: 'S', customer: '', locale: 'es-ES', timezone: 'UTC', example: '' }).cart(
      2,
      129_950,
      'EUR',
    ),
    /1299,50\s€/,
  )
  t.end()
})
