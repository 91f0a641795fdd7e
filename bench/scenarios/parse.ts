// How long the bot takes to read a text, by the size of the catalogue, the worst of a million characters made to be bad, and of one text of a
// million. Measured in time of this thread's processor: what else runs on the machine is not in it. No server, no database.

import { interpret } from '../../src/domain/bot/interpret.ts'
import { type CatalogueNames, type NamedVariant, nameOf, namesOf } from '../../src/domain/bot/names.ts'
import { asId } from '../../src/domain/ids.ts'
import { type Figure, figure, rounded } from '../figures.ts'

export interface ParseOptions {
  /** Catalogues, in SKUs. */
  readonly sizes: readonly number[]
  readonly texts: number
  /** Of hostile text, for the largest catalogue. */
  readonly characters: number
}

const KINDS =
  'Gaming Blue Red Wireless Bluetooth Electric Dark Kids Sports Office Large Small Premium Classic Portable Steel'.split(
    ' ',
  )
const THINGS =
  'Laptop Mouse Mug Speaker Headphones Kettle Charger Cable Case Lamp Coffee Tea Dates Nuts T-Shirt Notebook Pan'.split(
    ' ',
  )
const ENDS = ['S', 'M', 'XL', '2-Pack', '6-Pack', '250g', '1kg', '2m', '15', '27"', 'A5', 'Set, Salted', '& Co']
const HOSTILE = [
  ':',
  ' x ',
  '1 ',
  '*',
  ', ',
  ' - ',
  '1,',
  'a ',
  '\n',
  ' and ',
  'x1 ',
  '2 x ',
  'a+',
  ' و',
  '_a',
  '😀',
  '١',
  ';',
  'é',
  "'",
]

export async function parse({ sizes, texts, characters }: ParseOptions): Promise<Figure[]> {
  const random = seeded(20)
  const figures: Figure[] = []
  let largest: { readonly names: CatalogueNames; readonly variants: readonly NamedVariant[] } | null = null
  for (const size of sizes) {
    const variants = catalogue(size, random)
    const names = namesOf(variants)
    largest = { names, variants }
    const samples = Array.from({ length: texts }, (_, index) => ordinary(index, variants, random))
    for (const text of samples.slice(0, texts / 4)) interpret(text, { names, prompt: null })
    const times = samples.map((text) => timed(text, names)).sort((a, b) => a - b)
    const at = (part: number) => times[Math.floor(part * (times.length - 1))] ?? 0
    const note = `p50 ${rounded(at(0.5))} ms, p99 ${rounded(at(0.99))} ms, longest ${rounded(at(1))} ms; reach: p99 of 5 ms at 20,000 SKUs`
    figures.push(
      figure({
        name: `parse at ${size.toLocaleString('en')} SKUs`,
        better: 'lower',
        unit: 'ms',
        ours: [at(0.99)],
        note,
      }),
    )
  }
  if (largest === null) throw new Error('no catalogue to measure with')
  let worst = 0
  for (let left = characters; left > 0; ) {
    const text = hostile(largest.variants, random)
    left -= text.length
    worst = Math.max(worst, timed(text, largest.names))
  }
  const note = `longest of ${characters.toLocaleString('en')} characters; reach: 50 ms`
  figures.push(figure({ name: 'parse, worst of fuzzed text', better: 'lower', unit: 'ms', ours: [worst], note }))
  let longest = 0
  for (const shape of [...HOSTILE, ' ', 'x', ...HOSTILE.map((each) => `ORDER ${each}`)]) {
    const text = shape.repeat(Math.ceil(characters / shape.length)).slice(0, characters)
    longest = Math.max(longest, timed(text, largest.names), timed(`ORDER ${text}`, largest.names))
  }
  figures.push(
    figure({
      name: 'parse, one text of a million characters',
      better: 'lower',
      unit: 'ms',
      ours: [longest],
      note: `worst of ${2 * (2 * HOSTILE.length + 2)} texts of ${characters.toLocaleString('en')} characters each; reach: 50 ms`,
    }),
  )
  return figures
}

function timed(text: string, names: CatalogueNames): number {
  const before = process.threadCpuUsage()
  const from = performance.now()
  interpret(text, { names, prompt: null })
  const wall = performance.now() - from
  const { user, system } = process.threadCpuUsage(before)
  // The processor's clock is coarse: of what took no time by it, the wall tells.
  const cpu = (user + system) / 1_000
  return cpu === 0 ? wall : Math.min(cpu, wall)
}

function catalogue(size: number, random: () => number): readonly NamedVariant[] {
  const found = new Map<string, NamedVariant>()
  while (found.size < size) {
    const number = random() < 0.5 ? ` ${100 + Math.floor(random() * 900)}` : ''
    const productName = `${one(KINDS, random)} ${one(KINDS, random)} ${one(THINGS, random)} ${one(ENDS, random)}${number}`
    const sku = `SKU-${found.size}`
    found.set(productName, {
      variantId: asId(sku),
      productId: asId(sku),
      sku,
      productName,
      variantName: '',
      aliases: [],
    })
  }
  return [...found.values()]
}

function ordinary(index: number, variants: readonly NamedVariant[], random: () => number): string {
  const name = () => nameOf(one(variants, random))
  const forms = [
    () => `ORDER ${name()}:2`,
    () => `ORDER ${misspelt(name(), random)}:1`,
    () => `ORDER ${name()} x2, ${name()}:3 and ${name()}`,
    () => `ORDER ${name()}\n${misspelt(name(), random)}:3\n2 ${misspelt(name(), random)}`,
    () => `ORDER ${one(KINDS, random)} ${one(THINGS, random)}:1`,
  ]
  return forms[index % forms.length]?.() ?? ''
}

function hostile(variants: readonly NamedVariant[], random: () => number): string {
  const kind = Math.floor(random() * 4)
  const length = Math.floor(random() * 1_000)
  const shape = one(HOSTILE, random)
  let text = 'ORDER '
  while (text.length < length) {
    if (kind === 0) text += one(HOSTILE, random)
    else if (kind === 1) text += shape
    else if (kind === 2) text += one(THINGS, random) + one(HOSTILE, random)
    else text += misspelt(nameOf(one(variants, random)), random) + one([', ', ' and ', '\n', ':2;'], random)
  }
  return text
}

function misspelt(name: string, random: () => number): string {
  const at = 1 + Math.floor(random() * (name.length - 2))
  return random() < 0.5 ? name.slice(0, at) + name.slice(at + 1) : `${name.slice(0, at)}e${name.slice(at)}`
}

function one<T>(of: readonly T[], random: () => number): T {
  const found = of[Math.floor(random() * of.length)]
  if (found === undefined) throw new Error('one of nothing')
  return found
}

/** The same texts each time. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x80000000
  }
}
