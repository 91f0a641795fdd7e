// How alike two names are: trigrams, edits, plurals, numbers. Pure measures; what follows from them is names.ts.
import { loosely } from './lexicon.ts'

/** The distinct three-letter pieces of a name with a space before and behind it. */
export function trigramsOf(words: string): ReadonlySet<string> {
  const padded = ` ${words} `
  const found = new Set<string>()
  for (let at = 0; at + 3 <= padded.length; at += 1) found.add(padded.slice(at, at + 3))
  return found
}

/** Dice's coefficient: 1 for the same set, 0 for nothing in common. */
export function dice(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size + b.size === 0) return 0
  let common = 0
  for (const each of a) if (b.has(each)) common += 1
  return (2 * common) / (a.size + b.size)
}

/** Three rows of the table of `edits`, used again and again: a row is as long as the longest name and one. */
const ROW = 512
const rows = new Uint16Array(3 * ROW)

/** The fewest insertions, deletions, replacements and swaps of neighbours that make one from the other; of the first 500 characters of each. */
export function edits(one: string, other: string): number {
  const [a, b] = [one.slice(0, ROW - 12), other.slice(0, ROW - 12)]
  let [before, last, now] = [0, ROW, 2 * ROW]
  for (let column = 0; column <= b.length; column += 1) rows[last + column] = column
  for (let row = 1; row <= a.length; row += 1) {
    rows[now] = row
    const letter = a.charCodeAt(row - 1)
    const letterBefore = row > 1 ? a.charCodeAt(row - 2) : -1
    let left = row
    for (let column = 1; column <= b.length; column += 1) {
      const against = b.charCodeAt(column - 1)
      let least = (rows[last + column - 1] ?? 0) + (letter === against ? 0 : 1)
      const above = (rows[last + column] ?? 0) + 1
      if (above < least) least = above
      if (left + 1 < least) least = left + 1
      if (column > 1 && letterBefore === against && letter === b.charCodeAt(column - 2)) {
        const swapped = (rows[before + column - 2] ?? 0) + 1
        if (swapped < least) least = swapped
      }
      rows[now + column] = least
      left = least
    }
    ;[before, last, now] = [last, now, before]
  }
  return rows[last + b.length] ?? 0
}

/** At most one letter is added, taken or replaced, or two neighbours swapped. Time grows with the length. */
export function oneEditApart(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  if (long.length - short.length > 1) return false
  let from = 0
  while (from < short.length && short[from] === long[from]) from += 1
  const rest = (text: string, skip: number) => text.slice(from + skip)
  if (long.length > short.length) return rest(short, 0) === rest(long, 1)
  if (rest(short, 1) === rest(long, 1)) return true
  return short[from] === long[from + 1] && short[from + 1] === long[from] && rest(short, 2) === rest(long, 2)
}

/** The groups of digits in a name. Numbers are never guessed. */
export function numbersIn(words: string): readonly string[] {
  return words.match(/\d+/g) ?? []
}

/** Words of one stem may be singular and plural of each other; `samePlural` says whether they are. */
export function stem(word: string): string {
  if (/\d/.test(word)) return word
  const bare = withoutArticle(loosely(word))
  if (bare.length < 4) return bare
  return bare
    .replace(/ies$/, 'y')
    .replace(/(?<!s)s$/, '')
    .replace(/e$/, '')
    .replace(/z$/, 'c')
    .replace(/(?:ات|ه)$/, '')
}

function withoutArticle(word: string): string {
  return word.length > 4 && word.startsWith('ال') ? word.slice(2) : word
}

/** The same word, or one the plural of the other. */
export function samePlural(one: string, other: string): boolean {
  const [a, b] = [withoutArticle(loosely(one)), withoutArticle(loosely(other))]
  if (a === b) return true
  if (/\d/.test(a + b)) return false
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  if (short.length < 3) return false
  const cut = short.slice(0, -1)
  return [
    `${short}s`,
    `${short}es`,
    `${short}ات`,
    short.endsWith('y') ? `${cut}ies` : '',
    short.endsWith('z') ? `${cut}ces` : '',
    short.endsWith('ه') ? `${cut}ات` : '',
  ].includes(long)
}
