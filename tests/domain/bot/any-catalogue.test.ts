import fc from 'fast-check'
import t from 'tap'
import { interpret, type OpenPrompt } from '../../../src/domain/bot/interpret.ts'
import { LANGUAGE_CODES, LANGUAGES } from '../../../src/domain/bot/languages/index.ts'
import { meaningOf } from '../../../src/domain/bot/meaning.ts'
import { type CatalogueNames, type NamedVariant, nameOf, namesOf } from '../../../src/domain/bot/names.ts'
import { weigh } from '../../../src/domain/bot/weigh.ts'
import { nameKey } from '../../../src/domain/catalogue/search.ts'
import type { CatalogueHit } from '../../../src/domain/catalogue/variant.ts'
import { named } from '../../support/demo-names.ts'
import { everything } from '../../support/everything-said.ts'
import { PROMPTS } from '../../support/open-prompts.ts'
import { catalogue, hitOf, keysOf } from '../../support/random-catalogue.ts'
import { REWRITES, writtenOrder, ZEROS } from '../../support/written-orders.ts'

/** `PROPERTY_RUNS=20` looks twenty times as long. */
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 1)

const skus = (text: string, names: CatalogueNames) =>
  meaningOf(interpret(text, { names, prompt: null })).items?.map(({ sku, qty }) => [sku, qty])
const quantity = fc.integer({ min: 1, max: 999 })
const verb = fc.constantFrom(...LANGUAGE_CODES.map((code) => LANGUAGES[code].commands.order))
const one = fc.nat()
const pick = <T>(all: readonly T[], index: number): T => {
  const found = all[index % all.length]
  if (found === undefined) throw new Error('one of nothing')
  return found
}

/** A name with as many separators in it as are looked for. */
const MANY = named('a, b, c, d, e, f, g and h', 'A-TO-H')

t.test('22: whatever a shop sells can be ordered by name and SKU, alone and beside something else', (t) => {
  const forms = [
    (name: string, count: number) => `${name}:${count}`,
    (name: string, count: number) => `${name} : ${count}`,
    (name: string, count: number) => `${name} x${count}`,
  ]
  const ands = LANGUAGE_CODES.flatMap((code) => LANGUAGES[code].words.and.map((word) => ` ${word} `))
  const between = fc.constantFrom('\n', ';', '; ', ', ', ' & ', ' + ', ...ands)
  const item = fc.tuple(one, quantity, fc.constantFrom(...forms), fc.boolean())
  fc.assert(
    fc.property(
      catalogue,
      verb,
      fc.array(fc.tuple(item, between), { minLength: 1, maxLength: 4 }),
      (variants, order, items) => {
        const names = namesOf(variants)
        const written = writtenOrder(
          order,
          items.map(([[index, count, write, bySku], separator]) => {
            const variant = pick(variants, index)
            return { variant, name: bySku ? variant.sku : nameOf(variant), count, write, separator }
          }),
        )
        if (written === null) return
        const { text, wanted } = written
        if (JSON.stringify(skus(text, names)) !== JSON.stringify(wanted))
          throw new Error(`${JSON.stringify(text)} is ${JSON.stringify(skus(text, names))} in ${shelf(variants)}`)
      },
    ),
    { numRuns: 100 * RUNS },
  )
  t.end()
})

t.test('21: what is placed was named exactly, is there, and is as many as one order may hold', (t) => {
  const glue = fc.constantFrom(
    ...[
      ' ',
      ' ',
      ':',
      ':2',
      ':1, ',
      ' x3',
      ' x2 and ',
      ', ',
      ' and ',
      ' y ',
      ' و',
      '\n',
      ':1\n',
      ';',
      ' 4 ',
      '0',
      '1.5',
      ' - ',
      ' please ',
    ],
  )
  const texts = fc.array(fc.array(fc.tuple(one, one, glue), { minLength: 1, maxLength: 6 }), {
    minLength: 20,
    maxLength: 20,
  })
  const level = fc.record({
    available: fc.integer({ min: 0, max: 9 }),
    maxPerOrder: fc.integer({ min: 1, max: 6 }),
    trackStock: fc.boolean(),
  })
  let placed = 0
  fc.assert(
    fc.property(catalogue, verb, texts, level, (variants, order, all, more) => {
      const names = namesOf(variants)
      const hits = variants.map((each) => hitOf(each, more))
      for (const pieces of all) {
        // Words of names, alone and in the order they stand in.
        const text = `${order} ${pieces.map(([index, part, after]) => partOf(variants, index, part) + after).join('')}`
        if (placesRightly(text, names, variants, hits)) placed += 1
      }
    }),
    { numRuns: 60 * RUNS },
  )
  t.ok(placed > 2 * RUNS, `${placed} were placed`)
  t.end()
})

t.test(
  '24: case, spaces, composed letters, invisible marks and the script of digits change nothing in any catalogue',
  (t) => {
    fc.assert(
      fc.property(
        catalogue,
        verb,
        one,
        quantity,
        fc.constantFrom(...ZEROS),
        fc.boolean(),
        (variants, order, index, count, zero, strict) => {
          const names = namesOf(variants)
          const means = (text: string) => JSON.stringify(meaningOf(interpret(text, { names, prompt: null })))
          const text = `${order} ${nameOf(pick(variants, index))}${strict ? `:${count}` : ''}`
          for (const rewrite of REWRITES) {
            const written = rewrite(text, zero)
            if (means(written) !== means(text))
              throw new Error(
                `${JSON.stringify(written)} is ${means(written)}, and ${JSON.stringify(text)} ${means(text)}`,
              )
          }
        },
      ),
      { numRuns: 50 * RUNS },
    )
    t.end()
  },
)

t.test('23: nothing the bot says of any product reads as a command in any language', (t) => {
  fc.assert(
    fc.property(catalogue, fc.constantFrom(...LANGUAGE_CODES), one, one, (variants, language, first, second) => {
      const names = namesOf(variants)
      const [product, typed] = [nameOf(pick(variants, first)), nameOf(pick(variants, second))]
      for (const text of everything(language, { shop: typed, customer: product, product, typed }))
        for (const prompt of PROMPTS) {
          const { intent } = interpret(text, { names, prompt })
          if (intent !== 'unknown') throw new Error(`${intent} at ${prompt?.type}: ${text}`)
        }
    }),
    { numRuns: 8 * RUNS },
  )
  t.end()
})

/** How often the catalogue is asked, and with how much: what reading a text costs, whatever the machine. */
interface Work {
  exact: number
  near: number
  longest: number
}

/** What reading any text may cost: 80 parts, in stretches of up to 7, each read in some ways; 40 guesses. */
const MOST: Work = { exact: 5_000, near: 40, longest: 1_000 }
/** What costs most to read, again and again. */
const COSTLY = [
  'a+',
  '1 a 2,',
  '1 x 1 a x 2 please,',
  '1 x a:1 thanks,',
  '2 x mgu 3 and ',
  '1 1,',
  'a:1:2,',
  'Blue Mgu, ',
]

const costly = (each: string): [readonly NamedVariant[], string, boolean, string, OpenPrompt | null] => [
  [MANY],
  'ORDER',
  true,
  each.repeat(79),
  null,
]

t.test('20: any text gives an intent for a bounded number of looks at the catalogue', (t) => {
  const piece = fc.constantFrom(
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
    'Blue',
    ' و',
    '_a',
    ' x ',
    '1 ',
    "'",
  )
  const shape = fc.oneof(
    fc.constantFrom(...COSTLY),
    fc.array(piece, { minLength: 1, maxLength: 3 }).map((all) => all.join('')),
  )
  const repeated = fc.tuple(shape, fc.constantFrom(20, 79, 200, 20_000))
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 1_500 }),
    fc.array(piece, { maxLength: 600 }).map((all) => all.join('')),
    repeated.map(([each, times]) => each.repeat(times).slice(0, 60_000)),
  )
  const most: Work = { exact: 0, near: 0, longest: 0 }
  fc.assert(
    fc.property(
      catalogue,
      verb,
      fc.boolean(),
      text,
      fc.constantFrom(...PROMPTS),
      (variants, order, orders, rest, prompt) => {
        const work: Work = { exact: 0, near: 0, longest: 0 }
        const written = orders ? `${order} ${rest}` : rest
        const { intent } = interpret(written, {
          names: counted(namesOf([...variants.filter((each) => each !== MANY), MANY]), work),
          prompt,
        })
        if (typeof intent !== 'string') throw new Error('no intent')
        for (const key of ['exact', 'near', 'longest'] as const) {
          most[key] = Math.max(most[key], work[key])
          if (work[key] > MOST[key]) throw new Error(`${key} ${work[key]} for ${JSON.stringify(written)}`)
        }
      },
    ),
    { numRuns: 60 * RUNS, examples: COSTLY.map(costly) },
  )
  t.ok(most.exact > 1_000 && most.near === MOST.near, `the worst: ${JSON.stringify(most)}`)
  t.end()
})

function counted(names: CatalogueNames, work: Work): CatalogueNames {
  const see = (words: string) => {
    work.longest = Math.max(work.longest, words.length)
    return words
  }
  return {
    joints: names.joints,
    size: names.size,
    exactly(words) {
      work.exact += 1
      return names.exactly(see(words))
    },
    nearly(words) {
      work.near += 1
      return names.nearly(see(words))
    },
  }
}

/** @returns whether it was placed. @throws when it should not have been */
function placesRightly(
  text: string,
  names: CatalogueNames,
  variants: readonly NamedVariant[],
  hits: readonly CatalogueHit[],
): boolean {
  const meant = interpret(text, { names, prompt: null })
  if (meant.intent !== 'order') return false
  const verdict = weigh(meant, hits)
  if (meant.outcome !== 'place' && verdict.kind === 'place') throw new Error(`${JSON.stringify(text)} is a guess`)
  if (meant.outcome !== 'place') return false
  for (const { match, variant, quantity: count, guessed, name } of meant.items) {
    const told = `${JSON.stringify(text)}: ${JSON.stringify(name)} as ${variant?.sku} by ${match} in ${shelf(variants)}`
    if (variant === null || guessed || count === null || count < 1 || count > 999) throw new Error(told)
    const key = nameKey(name)
    const called = keysOf(variant).includes(key)
    if (!called && !(match === 'plural' && keysOf(variant).some((own) => isPlural(own, key)))) throw new Error(told)
    // Nobody else is called that.
    if (variants.some((other) => other.productId !== variant.productId && keysOf(other).includes(key)))
      throw new Error(told)
  }
  if (verdict.kind !== 'place') return false
  for (const { variant, quantity: count } of verdict.lines)
    if (count > variant.maxPerOrder || (variant.trackStock && count > variant.available))
      throw new Error(`${JSON.stringify(text)} places ${count} of ${variant.available}, at most ${variant.maxPerOrder}`)
  return true
}

function partOf(variants: readonly NamedVariant[], index: number, part: number): string {
  const variant = pick(variants, index)
  if (part % 3 === 0) return nameOf(variant)
  if (part % 3 === 1) return pick(nameOf(variant).split(' '), part)
  return pick([variant.sku, ...variant.aliases], part)
}

/** By the ways plurals are written in the three languages, of names without spaces. */
function isPlural(one: string, other: string): boolean {
  const bare = (key: string) => key.replace(/ات|ies|[sهةeyzc]/gu, '')
  return bare(one) === bare(other)
}

function shelf(variants: readonly NamedVariant[]): string {
  return JSON.stringify(variants.map((each) => [each.sku, nameOf(each), ...each.aliases]))
}
