import fc from 'fast-check'
import t from 'tap'
import { interpret, type OpenPrompt } from '../../../src/domain/bot/interpret.ts'
import { meaningOf } from '../../../src/domain/bot/meaning.ts'
import { nameOf, namesOf } from '../../../src/domain/bot/names.ts'
import { chatCases, checkCase } from '../../support/chat-cases.ts'
import { demoNames, demoVariants, named } from '../../support/demo-names.ts'
import { OPEN_PROMPTS } from '../../support/open-prompts.ts'
import { REWRITES, writtenOrder, ZEROS } from '../../support/written-orders.ts'

const names = demoNames()
const variants = demoVariants()
const means = (text: string, prompt: OpenPrompt | null = null, of = names) =>
  meaningOf(interpret(text, { names: of, prompt }))
const skus = (text: string, of = names) => means(text, null, of).items?.map(({ sku, qty }) => [sku, qty])

t.test('every sample of the chat means what it should', (t) => {
  t.ok(chatCases.length > 100)
  for (const each of chatCases) checkCase(t, each, means(each.input, each.context?.pending ?? null))
  t.end()
})

const anyVariant = fc.constantFrom(...variants)
const anyQuantity = fc.integer({ min: 1, max: 999 })

t.test('every product can be ordered by name, SKU or alias in every exact form', (t) => {
  const forms = [
    (name: string) => `${name}:7`,
    (name: string) => `${name} : 7`,
    (name: string) => `${name} x7`,
    (name: string) => `${name} x 7`,
    (name: string) => `${name} *7`,
    (name: string) => `${name} - 7`,
    (name: string) => `7 x ${name}`,
    (name: string) => `x7 ${name}`,
    (name: string) => `7 pcs of ${name}`,
    (name: string) => `${name} 7 pcs`,
    (name: string) => `${name}:seven`,
    (name: string) => `${name}:siete`,
    (name: string) => `${name}:سبعة`,
  ]
  for (const each of variants) {
    for (const name of [
      nameOf(each),
      each.sku,
      ...each.aliases,
      nameOf(each).toUpperCase(),
      nameOf(each).normalize('NFD'),
    ]) {
      for (const form of forms) {
        const text = `ORDER ${form(name)}`
        const got = means(text)
        t.same(
          got.items?.map(({ sku, qty }) => [sku, qty]),
          [[each.sku, 7]],
          text,
        )
        // Variants of one product that differ in one letter ask, by whatever name but the SKU.
        const sized = each.variantName !== '' && name !== each.sku
        t.equal(got.outcome, sized ? 'confirm' : 'place', text)
      }
    }
  }
  t.end()
})

t.test('several items with any separator give exactly those items', (t) => {
  const join = fc.constantFrom('\n', ';', ', ', ' and ', ' & ', ' + ', '; ', '\n- ', ' y ', ' plus ')
  const form = fc.constantFrom(
    (name: string, count: number) => `${name}:${count}`,
    (name: string, count: number) => `${name} x${count}`,
    (name: string, count: number) => `${count} x ${name}`,
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(anyVariant, anyQuantity, form, join), { minLength: 1, maxLength: 6 }), (items) => {
      const called = items.map(([variant, count, write, separator]) => {
        return { variant, name: nameOf(variant), count, write, separator }
      })
      const written = writtenOrder('ORDER', called)
      if (written !== null) t.same(skus(written.text), written.wanted, written.text)
    }),
    { numRuns: 300 },
  )
  t.end()
})

t.test('what is placed was named exactly, with a quantity from 1 to 999', (t) => {
  const piece = fc.constantFrom(
    'Gaming',
    'Mouse',
    'Blue',
    'Mug',
    'Set',
    'of',
    '4',
    ':',
    ':2',
    ' x3',
    ', ',
    ' and ',
    '\n',
    '15',
    'iPhone',
    'Case',
    '-',
    '0',
    '1.5',
  )
  const texts = fc.array(piece, { maxLength: 14 }).map((pieces) => `ORDER ${pieces.join(' ')}`)
  fc.assert(
    fc.property(texts, (text) => {
      const meant = interpret(text, { names, prompt: null })
      if (meant.intent !== 'order' || meant.outcome !== 'place') return
      for (const { match, quantity, variant, guessed } of meant.items) {
        t.ok(variant !== null && !guessed && ['sku', 'name', 'alias', 'plural'].includes(match), text)
        t.ok(quantity !== null && quantity >= 1 && quantity <= 999, text)
      }
    }),
    { numRuns: 500 },
  )
  t.end()
})

t.test('case, spaces, composed letters, invisible marks and the script of digits change nothing', (t) => {
  const samples = fc.constantFrom(
    ...chatCases.map(({ input }) => input),
    'طلب تمر:٢ وقهوة عربية:١',
    'pedir café grinder:dos',
  )
  fc.assert(
    fc.property(samples, fc.constantFrom(...ZEROS), fc.constantFrom(...REWRITES), (text, zero, rewrite) => {
      const written = rewrite(text, zero)
      t.same(means(written), means(text), JSON.stringify(written))
    }),
    { numRuns: 500 },
  )
  t.end()
})

t.test('numbers are never guessed', (t) => {
  for (const text of [
    'ORDER iPhone 16 Case:1',
    'ORDER iPhone 16 Case',
    'ORDER iPhone 16',
    'ORDER iPhone 150 Case x2',
  ]) {
    const { outcome, items } = means(text)
    t.equal(outcome, 'ask', text)
    t.same(
      items?.map(({ sku, match }) => [sku, match]),
      [[null, 'suggest']],
      text,
    )
  }
  t.end()
})

t.test('a longer name is never taken for a shorter one in it', (t) => {
  t.same(skus('ORDER Blue Mug Set of 4:1'), [['MUG-BLU-4', 1]])
  const teas = namesOf([
    named('Tea', 'T'),
    named('Coffee Set', 'C'),
    named('Tea and Coffee Set', 'TC'),
    named('Mug', 'M'),
  ])
  t.same(skus('ORDER Tea and Coffee Set:1', teas), [['TC', 1]])
  t.same(skus('ORDER Tea:1 and Coffee Set:1', teas), [
    ['T', 1],
    ['C', 1],
  ])
  t.same(skus('ORDER Tea and Coffee Set:2 and Mug:1', teas), [
    ['TC', 2],
    ['M', 1],
  ])
  t.end()
})

t.test('a plural is the same name, a typo is asked, a part is asked, parts of many are a list', (t) => {
  t.same([means('ORDER gaming mouses:2').outcome, skus('ORDER gaming mouses:2')], ['place', [['MOU-GAM-01', 2]]])
  t.equal(means('ORDER gamng mose:1').outcome, 'confirm')
  t.same(means('ORDER speaker:1').items, [{ sku: 'SPK-BT-01', qty: 1, match: 'words' }])
  t.equal(means('ORDER speaker:1').outcome, 'confirm')
  const shirts = means('ORDER Kids T-Shirt:2')
  t.same([shirts.outcome, shirts.items?.[0]?.match, shirts.items?.[0]?.suggest?.length], ['ask', 'ambiguous', 6])
  t.equal(means('ORDER Kids T-Shirt Red S:1').outcome, 'confirm', 'one letter from its sibling')
  t.end()
})

t.test('all languages are understood at all times', (t) => {
  const same: readonly (readonly [string, object])[] = [
    ['catálogo', { intent: 'catalog' }],
    ['Catalogo computers', { intent: 'catalog', arg: 'computers' }],
    ['كتالوج ٢', { intent: 'catalog', arg: '2' }],
    ['¿Dónde está mi pedido?', { intent: 'status' }],
    ['estado 1042', { intent: 'status', order: 1042 }],
    ['حالة الطلب ١٠٤٢', { intent: 'status', order: 1042 }],
    ['أين طلبي؟', { intent: 'status' }],
    ['cancelar pedido #1042', { intent: 'cancel', order: 1042 }],
    ['إلغاء الطلب رقم 1042', { intent: 'cancel', order: 1042 }],
    ['الغاء', { intent: 'cancel' }],
    ['ORD-001042', { intent: 'status', order: 1042 }],
    ['ayuda', { intent: 'help' }],
    ['مساعدة', { intent: 'help' }],
    ['؟', { intent: 'help' }],
    ['¡Hola!', { intent: 'hello' }],
    ['السلام عليكم', { intent: 'hello' }],
    ['مرحبااا', { intent: 'hello' }],
    ['agente', { intent: 'agent' }],
    ['أريد التحدث مع موظف', { intent: 'agent' }],
    ['talk to a person please', { intent: 'agent' }],
    ['BAJA', { intent: 'stop' }],
    ['توقف', { intent: 'stop' }],
    ['contacto', { intent: 'contact' }],
    ['تواصل معنا', { intent: 'contact' }],
    ['language العربية', { intent: 'language', language: 'ar' }],
    ['idioma español', { intent: 'language', language: 'es' }],
    ['لغة الانجليزية', { intent: 'language', language: 'en' }],
    ['language klingon', { intent: 'language' }],
    ['más', { intent: 'more' }],
    ['المزيد', { intent: 'more' }],
  ]
  for (const [text, meaning] of same) t.same(means(text), meaning, text)
  t.same(skus('PEDIR gaming mouse:dos y blue mug x3 por favor'), [
    ['MOU-GAM-01', 2],
    ['MUG-BLU', 3],
  ])
  t.same(skus('Hola, quiero pedir 2 unidades de gaming mouse'), [['MOU-GAM-01', 2]])
  t.same(skus('أطلب تمر:٢ وقهوة عربية:١ من فضلك'), [
    ['SNK-DATE-500', 2],
    ['COF-ARB-250', 1],
  ])
  t.same(skus('مرحبا، طلب ٣ حبات تمر'), [['SNK-DATE-500', 3]])
  t.end()
})

t.test('answers count only when they are asked for', (t) => {
  const confirm: OpenPrompt = { type: 'confirm' }
  for (const text of ['yes', 'YES!', 'Yes please', '👍', '👍🏽', '✅', 'sí', 'si, gracias', 'نعم', 'ok', 'yesss']) {
    t.same(means(text, confirm), { intent: 'confirm' }, text)
    t.same(means(text), { intent: 'nothing_pending' }, text)
    t.same(means(text, { type: 'qty' }), { intent: 'unknown' }, text)
  }
  for (const text of ['no', 'No thanks', 'لا', 'no gracias', '👎', '❌']) {
    t.same(means(text, confirm), { intent: 'reject' }, text)
    t.same(means(text, { type: 'choice', options: 3 }), { intent: 'reject' }, text)
    t.same(means(text), { intent: 'nothing_pending' }, text)
  }
  for (const [text, index] of [
    ['2', 2],
    ['2)', 2],
    ['#3', 3],
    ['three', 3],
    ['uno', 1],
    ['٣', 3],
  ] as const)
    t.same(means(text, { type: 'choice', options: 3 }), { intent: 'select', index }, text)
  for (const text of ['4', '0', 'banana', '2 x'])
    t.same(means(text, { type: 'choice', options: 3 }), { intent: 'unknown' }, text)
  t.same(means('2', { type: 'page', options: 10 }), { intent: 'select', index: 2 })
  t.same(means('more', { type: 'page', options: 10 }), { intent: 'more' })
  t.same(means('0', { type: 'qty' }), { intent: 'qty', qty: null, err: 'qty_zero' })
  t.same(means('1.5', { type: 'qty' }), { intent: 'qty', qty: null, err: 'qty_not_whole' })
  t.same(means('5000', { type: 'qty' }), { intent: 'qty', qty: null, err: 'qty_too_large' })
  t.same(means('dos', { type: 'qty' }), { intent: 'qty', qty: 2 })
  t.same(means('yes but make it 2', confirm), { intent: 'unknown' })
  t.same(means('3', confirm), { intent: 'unknown' })
  t.end()
})

t.test('a command beats an open question, and an order replaces it', (t) => {
  for (const prompt of OPEN_PROMPTS) {
    for (const [text, intent] of [
      ['status', 'status'],
      ['cancel', 'cancel'],
      ['STOP', 'stop'],
      ['agent', 'agent'],
      ['hi', 'hello'],
    ] as const)
      t.equal(means(text, prompt).intent, intent, `${text} at ${prompt.type}`)
    t.equal(means('ORDER Blue Mug:1', prompt).outcome, 'place')
  }
  t.end()
})

t.test('an opt-out is the whole message and nothing else', (t) => {
  for (const text of ['STOP', 'stop.', 'Stop!!', 'unsubscribe', '*STOP*']) t.same(means(text), { intent: 'stop' }, text)
  for (const text of ['stop sending it to the wrong address', "don't stop", 'bus stop', 'hi stop', 'stop please'])
    t.same(means(text), { intent: 'unknown' }, text)
  t.end()
})

t.test('more than twenty items, and what was cut off, are for a person', (t) => {
  const tooMany = { intent: 'order', outcome: 'too_many_lines', items: [] }
  const list = (count: number) =>
    Array.from({ length: count }, (_, index) => `${nameOf(variants[index] ?? named('', ''))}:1`)
  t.equal(means(`ORDER\n${list(20).join('\n')}`).outcome, 'place')
  t.same(means(`ORDER\n${list(21).join('\n')}`), tooMany)
  t.same(means(`ORDER ${list(21).join(', ')}`), tooMany)
  t.same(means(`ORDER Gaming Mouse:1\n${'Blue Mug:1\n'.repeat(200)}`), tooMany)
  t.same(means(`ORDER Mug${'\ufdfa'.repeat(900)}:1`), tooMany)
  t.same(means('a'.repeat(60_000)), { intent: 'unknown' })
  t.end()
})

t.test('the same item twice adds up, up to the most there may be', (t) => {
  t.same(skus('ORDER Gaming Mouse:2\nMOU-GAM-01 x3'), [['MOU-GAM-01', 5]])
  t.same(means('ORDER Gaming Mouse:600, Gaming Mouse:600').items?.[0]?.err, 'qty_too_large')
  t.end()
})

t.test('what stands around a command or behind an order may be polite', (t) => {
  for (const [intent, texts] of Object.entries({
    catalog: ['Catalogue', 'CATALOG!', 'hi, catalog', 'Hello! products', 'please catalog', '*catalog*', '📦 catalog'],
    hello: ['Hi there', 'HEY!!!', 'Good morning', '👋 hi'],
    status: ['Status?', 'my order', 'order status', 'where is my order?'],
    help: ['HELP!', '??'],
    contact: ['Contact us'],
  }))
    for (const text of texts) t.same(means(text), { intent }, text)
  for (const text of ['status ORD-001042', 'my order #1042', 'order status 1042'])
    t.same(means(text), { intent: 'status', order: 1042 }, text)
  for (const end of [' please', ', please!', '\nThank you!', '\nthanks', ' pls. ', '; thx']) {
    const text = `ORDER Gaming Mouse:2\nBlue Mug:1${end}`
    t.equal(means(text).outcome, 'place', JSON.stringify(text))
    t.same(
      skus(text),
      [
        ['MOU-GAM-01', 2],
        ['MUG-BLU', 1],
      ],
      JSON.stringify(text),
    )
  }
  t.end()
})

t.test('words that only look like commands are not', (t) => {
  const prose = [
    '',
    ' ',
    'highway',
    'helpful',
    'contact lenses',
    'reorder mug:1',
    'ordered mug:1',
    'buyer',
    'statuses',
    'pedidos raros',
    'order-taker',
    'esto no',
    'I want ORDER mug:1',
  ]
  for (const text of prose) t.same(means(text), { intent: 'unknown' }, text)
  t.end()
})
