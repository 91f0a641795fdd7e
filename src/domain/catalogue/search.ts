// The form in which names are compared: two names that a customer could not tell apart when typing have the same key.
// Which names a variant has is here too; looking keys up is persistence/catalogue.ts, guessing (later) is the bot's.
import { isAscii, plainCharacters } from '../bot/normalise.ts'

/** Longest name that is turned into a key, in UTF-16 units. */
const MAX_NAME_CHARS = 300

/**
 * A name in words: lower case, without accents and apostrophes, `&` as `and`, all other punctuation as spaces.
 * `Café Grinder` and `CAFE  grinder!` are both `cafe grinder`.
 */
export function normalName(name: string): string {
  return wordsOf(plainCharacters(name.slice(0, MAX_NAME_CHARS).toWellFormed()))
}

/** The same of a text whose characters are plain already (see bot/normalise.ts): cheaper, for the many pieces of one text. */
export function wordsOf(plain: string): string {
  if (isAscii(plain)) return spaced(plain.toLowerCase(), /[^a-z0-9]+/g)
  // Up and down again: what differs in case alone is the same also where a small letter has no large one of its own (ß, ı, ς).
  const folded = plain
    .toUpperCase()
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f\u064b-\u065f\u0670\u0640]/g, '')
    .normalize('NFC')
    .replace(/ς/g, 'σ')
  return spaced(folded, /[^\p{L}\p{M}\p{N}]+/gu)
}

function spaced(folded: string, between: RegExp): string {
  return folded.replace(/&/g, ' and ').replace(/'/g, '').replace(between, ' ').trim()
}

/**
 * The key under which a name is found: its words without spaces, except between digits, because numbers never blur:
 * `7 in 1` and `7-in-1` are the same, `1.7L` and `17L` are not. Empty when nothing sayable is left.
 */
export function nameKey(name: string): string {
  return keyOfWords(normalName(name))
}

/** The key of words that are in their normal form already. */
export function keyOfWords(words: string): string {
  return words.replace(/(?<!\d) | (?!\d)/g, '')
}

/** The name a customer sees and types: the product's, with the variant's own part when there is one. */
export function fullName(productName: string, variantName: string): string {
  if (variantName === '') return productName
  return startsWithName(variantName, productName) ? variantName : `${productName} ${variantName}`
}

function startsWithName(text: string, name: string): boolean {
  return text.toLowerCase().startsWith(`${name.toLowerCase()} `)
}

/**
 * Every key by which chat may name a variant: SKU, full name, aliases, and its product's name, which its siblings share;
 * without empty ones and repeats.
 */
export function searchKeys(variant: {
  readonly sku: string
  readonly fullName: string
  readonly aliases: readonly string[]
  readonly productName?: string
}): readonly string[] {
  const keys = [variant.sku, variant.fullName, ...variant.aliases, variant.productName ?? ''].map(nameKey)
  return [...new Set(keys)].filter((key) => key !== '')
}
