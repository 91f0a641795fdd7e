import fc from 'fast-check'
import t from 'tap'
import { type Command, parseCommand } from '../../../src/domain/bot/command.ts'
import { keysOf, resolveOrder } from '../../../src/domain/bot/resolve.ts'
import { demoHits } from '../../support/demo-hits.ts'

interface ExpectedItem {
  readonly sku: string | null
  readonly qty: number | null
  readonly err?: string
}

interface ChatCase {
  readonly expect: {
    readonly intent: string
    readonly outcome?: string
    readonly items?: readonly ExpectedItem[]
    readonly arg?: string
    readonly order?: number
  }
}

// Sold out in the demo shop must not matter to what a text means.
const hits = demoHits().map((each) => ({ ...each, available: 10_000 }))

/** What a text means in the demo shop, in the words of the cases. */
function meaning(input: string): ChatCase['expect'] {
  const command = parseCommand(input)
  switch (command.kind) {
    case 'order':
      return orderMeaning(command)
    case 'order-usage':
      return { intent: 'order', outcome: 'usage', items: [] }
    case 'catalog':
      return command.argument === null ? { intent: 'catalog' } : { intent: 'catalog', arg: command.argument }
    case 'status':
      return command.orderNumber === null ? { intent: 'status' } : { intent: 'status', order: command.orderNumber }
    default:
      return { intent: command.kind }
  }
}

function orderMeaning(command: Extract<Command, { kind: 'order' }>): ChatCase['expect'] {
  const { lines, problems } = resolveOrder(command.items, hits)
  const fine = lines.map(({ variant, quantity }): ExpectedItem => ({ sku: variant.sku, qty: quantity }))
  const wrong = problems.map((problem): ExpectedItem => {
    if (problem.kind !== 'quantity') return { sku: null, qty: null }
    return { sku: problem.variant?.sku ?? null, qty: null, err: problem.problem }
  })
  return { intent: 'order', outcome: problems.length === 0 ? 'place' : 'ask', items: [...fine, ...wrong] }
}

const anyHit = fc.constantFrom(...hits)
const anyQuantity = fc.integer({ min: 1, max: 999 })

t.test('every product can be ordered by name, SKU or alias in every exact form', (t) => {
  const forms = [
    (name: string, count: number) => `${name}:${count}`,
    (name: string, count: number) => `${name} : ${count}`,
    (name: string, count: number) => `${name} x${count}`,
    (name: string, count: number) => `${name} x ${count}`,
    (name: string, count: number) => `${name} - ${count}`,
    (name: string, count: number) => `${count} x ${name}`,
    (name: string, count: number) => `x${count} ${name}`,
    (name: string, count: number) => `${name} ${count} pcs`,
  ]
  for (const each of hits) {
    for (const name of [each.fullName, each.sku, each.fullName.toUpperCase(), each.fullName.normalize('NFD')]) {
      for (const form of forms) {
        const text = `ORDER ${form(name, 7)}`
        const got = meaning(text)
        t.same(got, { intent: 'order', outcome: 'place', items: [{ sku: each.sku, qty: 7 }] }, text)
      }
    }
  }
  t.end()
})

t.test('several items with any separator give exactly those items', (t) => {
  const separators = ['\n', ';', ', ', ' and ', ' & ', ' + ', '; ', '\n- ']
  const join = fc.constantFrom(...separators)
  const form = fc.constantFrom(
    (name: string, count: number) => `${name}:${count}`,
    (name: string, count: number) => `${name} x${count}`,
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(anyHit, anyQuantity, form, join), { minLength: 1, maxLength: 6 }), (items) => {
      const wanted = new Map<string, number>()
      let text = 'ORDER '
      for (const [index, [each, count, write, separator]] of items.entries()) {
        text += `${index === 0 ? '' : separator}${write(each.fullName, count)}`
        wanted.set(each.sku, (wanted.get(each.sku) ?? 0) + count)
      }
      if ([...wanted.values()].some((count) => count > 999)) return
      const got = meaning(text)
      t.same(got.outcome, 'place', text)
      t.same(new Map(got.items?.map((item) => [item.sku, item.qty])), wanted, text)
    }),
    { numRuns: 400 },
  )
  t.end()
})

t.test('case, spaces, invisible marks and the script of digits change nothing', (t) => {
  const zeros = [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10, 0x1d7ce, 0x1e950]
  const write = (count: number, zero: number) =>
    [...String(count)].map((digit) => String.fromCodePoint(zero + Number(digit))).join('')
  fc.assert(
    fc.property(anyHit, anyQuantity, fc.constantFrom(...zeros), fc.boolean(), (each, count, zero, decorated) => {
      const name = decorated ? each.fullName.replaceAll(' ', ' \u200b\u00a0 \u200e') : each.fullName
      const text = `  oRdEr  ${name} ：\u2066${write(count, zero)}\u2069`
      t.same(meaning(text).items, [{ sku: each.sku, qty: count }], text)
    }),
  )
  t.end()
})

t.test('any text gives a command, quickly', (t) => {
  const pieces = fc.constantFrom(
    'ORDER',
    ' ',
    ':',
    ',',
    ' and ',
    '2',
    'x',
    '-',
    '*',
    '\n',
    ';',
    'é',
    '١',
    '😀',
    'Gaming',
  )
  const words = fc.array(pieces, { maxLength: 2_000 }).map((all) => `ORDER ${all.join('')}`)
  const anything = fc.oneof(fc.string({ unit: 'binary', maxLength: 3_000 }), words)
  fc.assert(
    fc.property(anything, (text) => {
      const from = performance.now()
      const command = parseCommand(text)
      if (command.kind === 'order') resolveOrder(command.items, hits)
      t.ok(performance.now() - from < 500, 'within half a second')
    }),
    { numRuns: 500 },
  )
  t.end()
})

t.test('hostile shapes of the longest text do not slow the parser down', (t) => {
  const shapes = [
    ':',
    ' x ',
    '1 ',
    '*',
    '_a',
    ', ',
    ' - ',
    '1,',
    'a ',
    ' \u200b',
    '\n',
    '💥',
    '1:',
    'x1 ',
    '2 x ',
    'please ',
  ]
  for (const shape of shapes) {
    for (const size of [999, 60_000]) {
      const text = `ORDER ${shape.repeat(size)}`.slice(0, size)
      const from = performance.now()
      parseCommand(text)
      t.ok(performance.now() - from < 500, `${JSON.stringify(shape)} × ${size}`)
    }
  }
  t.end()
})

t.test('an order that was cut off places nothing', (t) => {
  const long = `ORDER Gaming Mouse:1\n${'Blue Mug:1\n'.repeat(200)}`
  t.same(parseCommand(long), { kind: 'order-usage', problem: 'too_long' })
  t.same(parseCommand(`ORDER\n${'Mug:1\n'.repeat(25)}`), { kind: 'order-usage', problem: 'too_long' })
  const many = `ORDER ${'A:1,'.repeat(21)}`
  t.same(parseCommand(many), { kind: 'order-usage', problem: 'too_many_lines' })
  t.same(parseCommand('a'.repeat(60_000)), { kind: 'unknown' })
  // Normalisation makes some characters longer: what then no longer fits is cut as well.
  t.same(parseCommand(`ORDER Mug${'\ufdfa'.repeat(900)}:1`), { kind: 'order-usage', problem: 'too_long' })
  t.end()
})

t.test('what stands around a command may be polite', (t) => {
  for (const text of [
    'Catalogue',
    'CATALOG!',
    'hi, catalog',
    'Hello! products',
    'please catalog',
    '*catalog*',
    '📦 catalog',
  ]) {
    t.same(parseCommand(text), { kind: 'catalog', argument: null }, text)
  }
  for (const text of ['Hi there', 'hello', 'HEY!!!', 'Good morning', '👋 hi']) {
    t.same(parseCommand(text), { kind: 'hello' }, text)
  }
  for (const text of ['status', 'Status?', 'my order', 'order status', 'where is my order?']) {
    t.same(parseCommand(text), { kind: 'status', orderNumber: null }, text)
  }
  for (const text of ['status ORD-001042', 'my order #1042', 'order status 1042']) {
    t.same(parseCommand(text), { kind: 'status', orderNumber: 1042 }, text)
  }
  for (const text of ['help', 'HELP!', '??']) t.same(parseCommand(text), { kind: 'help' }, text)
  for (const text of ['contact', 'Contact us']) t.same(parseCommand(text), { kind: 'contact' }, text)
  t.end()
})

t.test('thanks at the end of an order are no item', (t) => {
  for (const end of [' please', ', please!', '\nThank you!', '\nthanks', ' pls. ', '; thx']) {
    const text = `ORDER Gaming Mouse:2\nBlue Mug:1${end}`
    const items = [
      { sku: 'MOU-GAM-01', qty: 2 },
      { sku: 'MUG-BLU', qty: 1 },
    ]
    t.same(meaning(text), { intent: 'order', outcome: 'place', items }, JSON.stringify(text))
  }
  t.end()
})

t.test('words that only look like commands are not', (t) => {
  const prose = [
    '',
    ' ',
    '👍',
    'highway',
    'helpful',
    'contact lenses',
    'reorder mug:1',
    'ordered mug:1',
    'buyer',
    'statuses',
  ]
  for (const text of prose) t.same(parseCommand(text), { kind: 'unknown' }, text)
  t.end()
})

t.test('the keys of an order are those of its readings, each once', (t) => {
  const command = parseCommand('ORDER Blue Mug:1, Blue Mug:2')
  t.ok(command.kind === 'order')
  if (command.kind === 'order') t.same(keysOf(command.items), ['bluemug', 'bluemug1', 'bluemug2'])
  t.end()
})
