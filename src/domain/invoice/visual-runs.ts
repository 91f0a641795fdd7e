// Brings a line of text into the order in which it is drawn, from left to right: Arabic and Hebrew run to the left, numbers and Latin words
// within them to the right. The rules of the Unicode bidirectional algorithm (UAX 9) that a line of a document needs: no embeddings, whose
// marks are taken out of the text before. Shaping the letters is the font's business.

export interface VisualRun {
  /** In the order of reading; what draws it lays `rtl` runs out to the left. */
  readonly text: string
  readonly rtl: boolean
}

type Kind = 'left' | 'right' | 'number' | 'neutral'

const RIGHT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u
const ARABIC_DIGIT = /[\u0660-\u0669\u06f0-\u06f9]/
const LETTER = /\p{L}/u
const MARK = /[\p{M}\u200c\u200d]/u
/** Between digits they belong to the number. */
const SEPARATOR = /[.,:/'\u066b\u066c\u00a0\u202f-]/
/** Beside a number they belong to it. */
const SIGN = /[%$+#\p{Sc}\u066a-]/u

function kindOf(char: string): Kind {
  if (/\d/.test(char) || ARABIC_DIGIT.test(char)) return 'number'
  if (RIGHT.test(char)) return 'right'
  return LETTER.test(char) ? 'left' : 'neutral'
}

/** True when the first letter of the text is one that runs to the left: then so does its paragraph. */
export function startsRight(text: string): boolean {
  const first = [...text].map(kindOf).find((kind) => kind === 'left' || kind === 'right')
  return first === 'right'
}

/** The runs of a line from left to right. `base`: the direction of its paragraph, that of its first letter when left out. */
export function visualRuns(text: string, base: 'left' | 'right' = startsRight(text) ? 'right' : 'left'): VisualRun[] {
  const chars = [...text]
  if (!chars.some((char) => RIGHT.test(char))) return text === '' ? [] : [{ text, rtl: false }]
  const levels = levelsOf(chars, kindsOf(chars), base)
  return reordered(runsOf(chars, levels)).map(({ text, level }) => {
    const rtl = level % 2 === 1
    return rtl ? { text: drawnRight(text), rtl } : { text, rtl }
  })
}

/** The kind of each character, marks as what they stand on, separators and signs of numbers as numbers. */
function kindsOf(chars: readonly string[]): readonly Kind[] {
  const kinds = chars.map(kindOf)
  for (const [index, char] of chars.entries()) {
    if (MARK.test(char)) kinds[index] = kinds[index - 1] ?? 'neutral'
    const between = kinds[index - 1] === 'number' && kinds[index + 1] === 'number'
    if (kinds[index] === 'neutral' && between && SEPARATOR.test(char)) kinds[index] = 'number'
  }
  for (const [index, char] of chars.entries())
    if (
      kinds[index] === 'neutral' &&
      SIGN.test(char) &&
      (kinds[index - 1] === 'number' || kinds[index + 1] === 'number')
    )
      kinds[index] = 'number'
  return kinds
}

/** 0: to the right; 1: to the left; 2: to the right within what runs to the left. */
function levelsOf(chars: readonly string[], kinds: readonly Kind[], base: 'left' | 'right'): readonly number[] {
  const strong: Kind[] = [...kinds]
  let last: Kind = base
  for (const [index, kind] of kinds.entries()) {
    // A number after letters that run to the right is one of their words.
    if (kind === 'number' && last === 'left') strong[index] = 'left'
    if (kind === 'left' || kind === 'right') last = kind
  }
  // What stands between two that run the same way runs with them, else with the paragraph. Numbers count as running to the left here.
  const side = (kind: Kind | undefined) => (kind === undefined ? base : kind === 'number' ? 'right' : kind)
  for (let from = 0; from < chars.length; from += 1) {
    if (strong[from] !== 'neutral') continue
    let to = from
    while (strong[to] === 'neutral') to += 1
    const before = side(strong[from - 1])
    strong.fill(before === side(strong[to]) ? before : base, from, to)
  }
  const left = base === 'right' ? 2 : 0
  return strong.map((kind) => (kind === 'right' ? 1 : kind === 'number' ? 2 : left))
}

interface Run {
  readonly text: string
  readonly level: number
}

function runsOf(chars: readonly string[], levels: readonly number[]): readonly Run[] {
  const runs: { text: string; level: number }[] = []
  for (const [index, char] of chars.entries()) {
    const level = levels[index] ?? 0
    const last = runs.at(-1)
    if (last?.level === level) last.text += char
    else runs.push({ text: char, level })
  }
  return runs
}

/** Rule L2: from the highest level down, turns round every stretch of runs that are at that level or above. */
function reordered(runs: readonly Run[]): readonly Run[] {
  const order = [...runs]
  for (let level = 2; level >= 1; level -= 1) {
    for (let from = 0; from < order.length; from += 1) {
      let to = from
      while ((order[to]?.level ?? -1) >= level) to += 1
      order.splice(from, to - from, ...order.slice(from, to).reverse())
      from = Math.max(from, to - 1)
    }
  }
  return order
}

const MIRRORED: Readonly<Record<string, string>> = {
  '(': ')',
  ')': '(',
  '[': ']',
  ']': '[',
  '{': '}',
  '}': '{',
  '<': '>',
  '>': '<',
  '«': '»',
  '»': '«',
}

/** Brackets face the other way. What has no letters is not turned round by a font, so it is turned here. */
function drawnRight(text: string): string {
  const chars = [...text].map((char) => MIRRORED[char] ?? char)
  return RIGHT.test(text) ? chars.join('') : chars.reverse().join('')
}
