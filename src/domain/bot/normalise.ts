// Makes one plain form of whatever a phone's keyboard produces, before anything is parsed: the same words typed with
// other digits, colons, quotes, widths or invisible marks read the same. Names have a second, stricter form in
// catalogue/search.ts.

/**
 * What the parser looks at, in UTF-16 units and lines. Regular expressions never see more: unbounded input took 1 s. Twenty items may stand
 * on lines of their own under a line with the verb.
 */
export const MAX_TEXT_CHARS = 1_000
export const MAX_LINES = 21

// Soft hyphen, joiners, bidi marks, keycap, variation selectors: what the eye does not see.
const INVISIBLE =
  /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]|\u20e3|[\ufe00-\ufe0f]/g

export interface Normal {
  readonly text: string
  /** More was written than is looked at: nothing may be bought from the part that was seen. */
  readonly cut: boolean
}

/** The plain form of a customer's text: one space between words, `\n` between lines, ASCII digits, colons and quotes. */
export function normalise(input: string): Normal {
  // Compatibility forms may be eighteen times as long: cut before and after.
  const wide = input.slice(0, MAX_TEXT_CHARS).toWellFormed().normalize('NFKC')
  const plain = plainCharacters(wide.slice(0, MAX_TEXT_CHARS).toWellFormed())
  const lines = tidy(stripEmoji(stripMarkup(plain))).split('\n')
  return {
    text: lines.slice(0, MAX_LINES).join('\n'),
    cut: input.trimEnd().length > MAX_TEXT_CHARS || wide.length > MAX_TEXT_CHARS || lines.length > MAX_LINES,
  }
}

/** Character by character: width, invisible marks, digits, colons, commas, quotes, dashes, multiplication signs. */
export function plainCharacters(input: string): string {
  if (isAscii(input)) return input.replace(/\r\n?/g, '\n').replace(/`/g, "'")
  return asciiDigits(input.normalize('NFKC'))
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(INVISIBLE, '')
    .replace(/[\u2236\u02d0\ua789\u05c3\u0589]/g, ':')
    .replace(/\u060c|\u3001/g, ',')
    .replace(/\u061b/g, ';')
    .replace(/[\u2018-\u201b\u2032\u00b4`\u02bc]/g, "'")
    .replace(/[\u201c-\u201f\u2033\u00ab\u00bb]/g, '"')
    .replace(/[\u2010-\u2015\u2212\u2e3a\u2e3b]/g, '-')
    .replace(/\u2044/g, '/')
    .replace(/[×✕✖]/g, 'x')
    .replace(/(?<=\d ?)[хХ]|[хХ](?= ?\d)/g, 'x')
}

/** Most texts and names are: of them few characters have another form, and most of what is done to the others is nothing. */
export function isAscii(text: string): boolean {
  return !/[\u0080-\uffff]/.test(text)
}

/**
 * Every decimal digit of any script becomes 0-9. Unicode keeps each script's ten digits together and in order, so a
 * digit's value is its place in the run of digits it stands in.
 */
export function asciiDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0
    if (code <= 0x39) return digit
    let first = code
    while (isDigit(first - 1)) first -= 1
    return String((code - first) % 10)
  })
}

function isDigit(code: number): boolean {
  return /^\p{Nd}$/u.test(String.fromCodePoint(code))
}

const WORD_CHARACTER = /[\p{L}\p{N}]/u

/** WhatsApp's `*bold*`, `_italic_`, `~struck~`, where they stand around words; a lone star stays. One pass a line. */
function stripMarkup(text: string): string {
  return /[*_~]/.test(text) ? text.split('\n').map(stripLine).join('\n') : text
}

function stripLine(line: string): string {
  const characters = [...line]
  const openers = new Map<string, number>()
  for (const [index, mark] of characters.entries()) {
    if (mark !== '*' && mark !== '_' && mark !== '~') continue
    const before = characters[index - 1] ?? ' '
    const after = characters[index + 1] ?? ' '
    const opener = openers.get(mark)
    if (opener !== undefined && index - opener > 1 && !/\s/.test(before) && !WORD_CHARACTER.test(after)) {
      characters[opener] = ''
      characters[index] = ''
      openers.delete(mark)
    } else if (opener === undefined && !/\s/.test(after) && !WORD_CHARACTER.test(before)) openers.set(mark, index)
  }
  return characters.join('')
}

function stripEmoji(text: string): string {
  return text.replace(/[\p{Extended_Pictographic}\p{Emoji_Modifier}\u{1f1e6}-\u{1f1ff}\u{e0020}-\u{e007f}]/gu, ' ')
}

function tidy(text: string): string {
  return text
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n[ \n]*/g, '\n')
    .trim()
}
