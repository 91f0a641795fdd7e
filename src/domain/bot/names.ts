// The names of what is sold, prepared so that chat can find them: exactly, or nearly. Holds names only: prices and stock are read fresh by id.
// Built once and kept up to date product by product; finding is bounded for any text. Which way of reading an item is tried is resolve-item.ts.
import { fullName, keyOfWords, normalName } from '../catalogue/search.ts'
import type { ProductId, VariantId } from '../ids.ts'
import { SOFT_SEPARATOR } from './lexicon.ts'
import { plainCharacters } from './normalise.ts'
import { makePostings } from './postings.ts'
import { dice, edits, numbersIn, oneEditApart, samePlural, stem, trigramsOf } from './similar.ts'

/** What of a variant is a name. */
export interface NamedVariant {
  readonly variantId: VariantId
  readonly productId: ProductId
  readonly sku: string
  readonly productName: string
  /** The variant's own part; empty for the single variant of a product. */
  readonly variantName: string
  readonly aliases: readonly string[]
}

/** How a name was found: the first four are exact, `words` and `fuzzy` are guesses that ask. */
export type Match = 'sku' | 'name' | 'alias' | 'plural' | 'words' | 'fuzzy'

export interface Exact {
  readonly match: 'sku' | 'name' | 'alias' | 'plural'
  /** Several: the name of a product with variants. */
  readonly variants: readonly NamedVariant[]
  /** Another variant of the same product is called almost the same: one slip of the finger away. */
  readonly siblingNear: boolean
}

export type Near =
  | {
      readonly kind: 'one'
      readonly match: 'words' | 'fuzzy'
      readonly variant: NamedVariant
      /** The name has a number that was not asked for. */
      readonly moreNumbers: boolean
    }
  /** `ambiguous`: all the words are in each of these names. `suggest`: they sound alike. */
  | {
      readonly kind: 'several'
      readonly match: 'ambiguous' | 'suggest'
      readonly variants: readonly NamedVariant[]
      /** Each of the names has a number that was not asked for. */
      readonly moreNumbers: boolean
    }
  | { readonly kind: 'none' }

/** What chat asks of the catalogue. `words` are normal words (see catalogue/search.ts `wordsOf`). */
export interface CatalogueNames {
  exactly(words: string): Exact | null
  nearly(words: string): Near
  /** The most soft separators (`and`, `&`, a comma) in one name: what an item may have of them. */
  readonly joints: number
  readonly size: number
}

export interface MutableNames extends CatalogueNames {
  /** The active variants of a product are now these; none takes it out. */
  replace(product: ProductId, variants: readonly NamedVariant[]): void
}

/** A guess this alike, and this far ahead of the next, may be confirmed with one YES. */
const SURE = 0.7
const AHEAD = 0.08
/** A guess this alike may be one of the suggestions. */
const ALIKE = 0.45
const SUGGESTIONS = 3
/** Names of one list. */
const MAX_CHOICES = 10
/** Longer texts are no name. Measured in UTF-16 units. */
const LONGEST_NAME = 250
/** How many names that have all the words are looked at for the shortest. */
const LOOKED_AT = 100
/** How many names are measured letter by letter. */
const MEASURED = 12

const RANKS = ['sku', 'name', 'alias', 'product'] as const
type Rank = (typeof RANKS)[number]

interface Label {
  readonly rank: Rank
  readonly words: string
  readonly variant: NamedVariant
}

export function makeCatalogueNames(): MutableNames {
  const labels: (Label | null)[] = []
  const ofProduct = new Map<
    ProductId,
    { readonly ids: readonly number[]; readonly variants: readonly NamedVariant[] }
  >()
  const byKey = new Map<string, number[]>()
  const byStems = new Map<string, number[]>()
  const byWord = makePostings()
  const byTrigram = makePostings()
  let joints = 0

  const add = (rank: Rank, name: string, variant: NamedVariant): number | null => {
    const words = normalName(name)
    if (words === '') return null
    const id = labels.push({ rank, words, variant }) - 1
    push(byKey, keyOfWords(words), id)
    if (rank === 'sku') return id
    push(byStems, stemsOf(words), id)
    if (rank === 'product') return id
    joints = Math.max(joints, plainCharacters(name).match(SOFT_SEPARATOR)?.length ?? 0)
    for (const word of new Set(searchWords(words))) byWord.add(word, id)
    for (const trigram of trigramsOf(words)) byTrigram.add(trigram, id)
    return id
  }

  const forget = (id: number) => {
    const label = labels[id]
    if (label === null || label === undefined) return
    remove(byKey, keyOfWords(label.words), id)
    remove(byStems, stemsOf(label.words), id)
    for (const word of new Set(searchWords(label.words))) byWord.remove(word, id)
    for (const trigram of trigramsOf(label.words)) byTrigram.remove(trigram, id)
    labels[id] = null
  }

  const living = (ids: readonly number[] | undefined) => (ids ?? []).flatMap((id) => labels[id] ?? [])

  const siblingNear = ({ variant, words, rank }: Label): boolean => {
    if (rank === 'sku') return false
    const siblings = ofProduct.get(variant.productId)?.variants ?? []
    return siblings.some(
      (other) => other.variantId !== variant.variantId && oneEditApart(words, normalName(nameOf(other))),
    )
  }

  const exact = (found: readonly Label[], plural: boolean): Exact | null => {
    const rank = RANKS.find((each) => found.some((label) => label.rank === each))
    if (rank === undefined) return null
    const best = found.filter((label) => label.rank === rank)
    const variants = [...new Map(best.map(({ variant }) => [variant.variantId, variant])).values()]
    const [first] = best
    const match = plural ? 'plural' : rank === 'product' ? 'name' : rank
    return { match, variants, siblingNear: variants.length === 1 && first !== undefined && siblingNear(first) }
  }

  const byPlural = (words: string): Exact | null => {
    const asked = words.split(' ')
    const paired = living(byStems.get(stemsOf(words))).filter(({ words: name }) => {
      const own = name.split(' ')
      return own.length === asked.length && own.every((word, index) => samePlural(word, asked[index] ?? ''))
    })
    if (paired.length > 0) return exact(paired, true)
    // Written together or apart: only the end may be a plural.
    if (!/\p{L}{4}$/u.test(words)) return null
    const key = keyOfWords(words)
    const singular = [key.replace(/s$/, ''), key.replace(/es$/, ''), key.replace(/ies$/, 'y')].find(
      (each) => each !== key && byKey.has(each),
    )
    return singular === undefined
      ? null
      : exact(
          living(byKey.get(singular)).filter(({ rank }) => rank !== 'sku'),
          true,
        )
  }

  const byWords = (words: string): readonly Label[] => {
    const ids = byWord.inAll(words.split(' ').map(stem)).slice(0, LOOKED_AT)
    return living(ids).sort((a, b) => a.words.length - b.words.length)
  }

  const alike = (words: string): readonly (Label & { readonly score: number })[] => {
    const asked = trigramsOf(words)
    const best = new Map<VariantId, Label & { readonly score: number }>()
    for (const id of byTrigram.sharing(asked, (id) => (labels[id]?.words.length ?? 0) + 2, MEASURED)) {
      const label = labels[id]
      if (label === null || label === undefined) continue
      const longest = Math.max(words.length, label.words.length)
      const byLetters =
        Math.min(words.length, label.words.length) / longest < ALIKE ? 0 : 1 - edits(words, label.words) / longest
      const score = Math.max(dice(asked, trigramsOf(label.words)), byLetters)
      const before = best.get(label.variant.variantId)
      if (score >= ALIKE && (before === undefined || before.score < score)) {
        best.set(label.variant.variantId, { ...label, score })
      }
    }
    return [...best.values()].sort((a, b) => b.score - a.score || a.words.length - b.words.length)
  }

  return {
    get joints() {
      return joints
    },
    get size() {
      return ofProduct.size
    },
    replace(product, variants) {
      for (const id of ofProduct.get(product)?.ids ?? []) forget(id)
      ofProduct.delete(product)
      if (variants.length === 0) return
      const ids = variants.flatMap((variant) => {
        const names: (readonly [Rank, string])[] = [
          ['sku', variant.sku],
          ['name', nameOf(variant)],
          ...variant.aliases.map((alias): readonly [Rank, string] => ['alias', alias]),
          ...(variant.variantName === '' ? [] : [['product', variant.productName] as const]),
        ]
        return names.flatMap(([rank, name]) => add(rank, name, variant) ?? [])
      })
      ofProduct.set(product, { ids, variants })
    },
    exactly(words) {
      if (words === '' || words.length > LONGEST_NAME) return null
      return exact(living(byKey.get(keyOfWords(words))), false) ?? byPlural(words)
    },
    nearly(words) {
      if (words === '' || words.length > LONGEST_NAME) return { kind: 'none' }
      const numbers = numbersIn(words)
      const moreNumbers = (label: Label) => numbersIn(label.words).some((each) => !numbers.includes(each))
      const named = byWords(words)
      const all = [...new Map(named.map(({ variant }) => [variant.variantId, variant])).values()]
      const [first] = named
      if (first !== undefined) {
        if (all.length === 1)
          return { kind: 'one', match: 'words', variant: first.variant, moreNumbers: moreNumbers(first) }
        const choices = all.slice(0, MAX_CHOICES)
        return { kind: 'several', match: 'ambiguous', variants: choices, moreNumbers: named.every(moreNumbers) }
      }
      const found = alike(words)
      // A number that was asked for must be in the name: `iPhone 16 Case` is no `iPhone 15 Case`.
      const [best, next] = found.filter((label) => numbers.every((each) => numbersIn(label.words).includes(each)))
      if (best !== undefined && best.score >= SURE && best.score - (next?.score ?? 0) >= AHEAD)
        return { kind: 'one', match: 'fuzzy', variant: best.variant, moreNumbers: moreNumbers(best) }
      if (found.length === 0) return { kind: 'none' }
      const variants = found.slice(0, SUGGESTIONS).map(({ variant }) => variant)
      return { kind: 'several', match: 'suggest', variants, moreNumbers: found.every(moreNumbers) }
    },
  }
}

/** A catalogue of these variants, as it is now. */
export function namesOf(variants: readonly NamedVariant[]): CatalogueNames {
  const names = makeCatalogueNames()
  for (const [product, own] of Map.groupBy(variants, ({ productId }) => productId)) names.replace(product, own)
  return names
}

/** What a customer sees and types. */
export function nameOf(variant: Pick<NamedVariant, 'productName' | 'variantName'>): string {
  return fullName(variant.productName, variant.variantName)
}

function stemsOf(words: string): string {
  return words.split(' ').map(stem).join(' ')
}

/** The stems of a name's words, and of short ones with their neighbour: `t shirt` is also looked for as `tshirt`. */
function searchWords(words: string): readonly string[] {
  const all = words.split(' ')
  const joined = all.flatMap((word, index) => {
    const next = all[index + 1]
    if (next === undefined || Math.min(word.length, next.length) > 2 || /\d \d/.test(`${word} ${next}`)) return []
    return [stem(word + next)]
  })
  return [...all.map(stem), ...joined]
}

function push(map: Map<string, number[]>, key: string, id: number): void {
  const ids = map.get(key)
  if (ids === undefined) map.set(key, [id])
  else ids.push(id)
}

function remove(map: Map<string, number[]>, key: string, id: number): void {
  const left = map.get(key)?.filter((each) => each !== id) ?? []
  if (left.length === 0) map.delete(key)
  else map.set(key, left)
}
