// The words of all languages together, as patterns: whatever language a customer is answered in, every command word is understood. Decides
// how a word is recognised; what follows from it is interpret.ts.
import { wordsOf } from '../catalogue/search.ts'
import { LANGUAGE_CODES, LANGUAGES, type LanguageCode } from './languages/index.ts'
import type { Words } from './languages/language.ts'
import { plainCharacters } from './normalise.ts'

const ALL: readonly Words[] = LANGUAGE_CODES.map((code) => LANGUAGES[code].words)

type ListKey = {
  [K in keyof Required<Words>]: Required<Words>[K] extends readonly string[] ? K : never
}[keyof Words]

/** Letters that are often written for one another; applied to what is listened to and to what is heard. */
export function loosely(words: string): string {
  return words.replace(/ة/g, 'ه').replace(/ى/g, 'ي').replace(/ٱ/g, 'ا')
}

const heard = (text: string) => loosely(wordsOf(plainCharacters(text)))

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** The longest first, so that `my order` is not read as `my`. */
function listed(words: readonly string[]): string[] {
  return [...new Set(words.map(heard))].filter((each) => each !== '').sort((a, b) => b.length - a.length)
}

const all = (key: ListKey) => listed(ALL.flatMap((words) => words[key]))
const either = (words: readonly string[]) => `(?:${words.map(escaped).join('|')})`
/** The last letter may be repeated: `hellooo`. */
const drawnOut = (words: readonly string[]) => `(?:${words.map((word) => `${escaped(word)}+`).join('|')})`
const whole = (source: string) => new RegExp(`^${source}$`, 'u')

const SIGN = either(all('numberSign'))
const POLITE = either(all('polite'))
const politely = (source: string) => whole(`(?:${either(all('please'))} )*${source}(?: ${POLITE})*`)
const withNumber = (key: 'status' | 'cancel') => politely(`${either(all(key))}(?: ${SIGN})*(?: 0*(?<number>\\d{1,9}))?`)

/** Patterns over the normal words of a whole text (see `hear`). */
export const SAID = {
  hello: whole(`${drawnOut(all('greetings'))}(?: ${drawnOut(all('greetings'))})*`),
  catalog: politely(`${either(all('catalog'))}(?: (?<argument>(?!${POLITE}$).{1,60}?))?`),
  status: withNumber('status'),
  cancel: withNumber('cancel'),
  help: politely(either(all('help'))),
  contact: politely(either(all('contact'))),
  agent: politely(either(all('agent'))),
  stop: whole(either(all('stop'))),
  start: whole(either(all('start'))),
  more: politely(either(all('more'))),
  yes: politely(drawnOut(all('yes'))),
  no: politely(drawnOut(all('no'))),
  language: politely(`${either(all('language'))}(?: (?<argument>.{1,40}?))?`),
  polite: whole(`${POLITE}(?: ${POLITE})*`),
} as const

/** A text in the normal words that `SAID` is matched against. */
export function hear(plain: string): string {
  return loosely(wordsOf(plain))
}

const GREETING = whole(drawnOut(all('greetings')))
const PLEASE = whole(either(all('please')))
const ORDER = whole(either(all('order')))

/** Longest greeting or verb, in words. */
const MAX_WORDS = 4

interface Beginning {
  /** Its words as `SAID` hears them. */
  readonly words: string
  /** What follows it. */
  readonly rest: string
}

/** The first words of a text, the most first. Spaces and punctuation may stand before and between them. */
function beginnings(plain: string): readonly Beginning[] {
  const words = [...plain.slice(0, 80).matchAll(/[\p{L}\p{M}\p{N}_']+/gu)].slice(0, MAX_WORDS)
  const first = words[0]
  if (first === undefined || /[^\s,.!¡¿:;-]/u.test(plain.slice(0, first.index))) return []
  return words.toReversed().flatMap((last) => {
    const end = last.index + last[0].length
    const head = plain.slice(first.index, end)
    // `order-taker` is no order, and a line does not begin with the end of the one before.
    if (/\n/.test(head) || /^-[\p{L}\p{N}]/u.test(plain.slice(end))) return []
    return [{ words: hear(head), rest: plain.slice(end) }]
  })
}

/** What follows the most words that are one of these; null when it begins with none. */
function after(begins: readonly Beginning[], pattern: RegExp): string | null {
  return begins.find(({ words }) => pattern.test(words))?.rest ?? null
}

/** The text without a greeting and `please` before it; what is left may be empty. */
export function withoutCourtesies(plain: string): string {
  let rest = plain
  for (let turns = 0; turns < 3; turns += 1) {
    const begins = beginnings(rest)
    const next = after(begins, GREETING) ?? after(begins, PLEASE)
    if (next === null) return rest
    rest = next.replace(/^[\s,.!:;-]+/u, '')
  }
  return rest
}

/** What follows the verb of an order; null when there is none. */
export function afterOrderVerb(plain: string): string | null {
  return after(beginnings(plain), ORDER)?.replace(/^(?:[\s:,.!]|-+(?=\s|$))+/u, '') ?? null
}

/** `thanks`, `por favor` and the like, alone. */
export function isPolite(plain: string): boolean {
  return PLEASE_ONLY.test(hear(plain))
}

const PLEASE_ONLY = SAID.polite
/** At the end of an item, in letters as they are written; accents may be missing. */
const POLITE_END = new RegExp(
  `(?:[\\s,.!-]+(?:${listed(ALL.flatMap(({ polite }) => polite))
    .map(escaped)
    .join('|')}))+[\\s.!]*$`,
  'iu',
)

/** An item without `please` at its end. */
export function withoutPoliteEnd(plain: string): string {
  return plain.replace(POLITE_END, '').trim()
}

const NAMES = new Map(
  LANGUAGE_CODES.flatMap((code) =>
    LANGUAGES[code].words.ownNames.map((name): [string, LanguageCode] => [heard(name), code]),
  ),
)

/** The language of this name, in whatever language it is named; null when it is none of ours. */
export function languageNamed(words: string): LanguageCode | null {
  return NAMES.get(words) ?? null
}

const NUMBERS = new Map(
  ALL.flatMap(({ numbers }) =>
    numbers.flatMap((forms, index) => forms.map((form): [string, number] => [heard(form), index + 1])),
  ),
)

/** One to twelve in words; null for anything else. */
export function numberNamed(plain: string): number | null {
  return NUMBERS.get(hear(plain)) ?? null
}

/** For patterns over plain text: letters as written, small or large. Each is one group that does not capture. */
const typed = (lists: readonly string[]) =>
  either(
    [...new Set(lists.flatMap((each) => [each, each.normalize('NFD').replace(/\p{M}/gu, ''), loosely(each)]))].sort(
      (a, b) => b.length - a.length,
    ),
  )

export const NUMBER_WORD = typed(ALL.flatMap(({ numbers }) => numbers.flat()))
export const UNIT_WORD = typed(ALL.flatMap(({ units }) => units))
export const OF_WORD = typed(ALL.flatMap(({ of }) => of))

const AND_WORD = typed(ALL.flatMap(({ and }) => and))
const PREFIXES = ALL.flatMap(({ andPrefix }) => (andPrefix === undefined ? [] : [andPrefix]))
const ATTACHED = PREFIXES.length === 0 ? '' : `|\\s+${either(PREFIXES)}(?=\\p{L})`

/** What may stand between two items, and may be part of a name as well. */
export const SOFT_SEPARATOR = new RegExp(`\\s*,\\s*|\\s+${AND_WORD}(?=\\s)\\s*|\\s*[&+]\\s*${ATTACHED}`, 'giu')
