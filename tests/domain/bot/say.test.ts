import fc from 'fast-check'
import t from 'tap'
import { interpret, type OpenPrompt } from '../../../src/domain/bot/interpret.ts'
import { LANGUAGE_CODES, LANGUAGES, languageFor, localeFor } from '../../../src/domain/bot/languages/index.ts'
import { MAX_SAID_CHARS, voice } from '../../../src/domain/bot/say.ts'
import { demoNames } from '../../support/demo-names.ts'
import { everything } from '../../support/everything-said.ts'

const names = demoNames()
const PROMPTS: readonly (OpenPrompt | null)[] = [
  null,
  { type: 'confirm' },
  { type: 'choice', options: 3 },
  { type: 'qty' },
  { type: 'page', options: 10 },
]

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
    { numRuns: 25 },
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
