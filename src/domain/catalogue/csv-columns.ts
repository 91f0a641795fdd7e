// The columns of a catalogue file: their names, in which order an export writes them, and how a header is read. What a cell may hold is
// csv-row.ts; docs/catalogue-file.md tells people.
import { ok, type Result, refuse } from '../result.ts'

export const COLUMNS = [
  'sku',
  'product',
  'variant',
  'category',
  'price',
  'currency',
  'tax_rate',
  'tax_included',
  'stock',
  'low_stock_threshold',
  'max_per_order',
  'aliases',
  'status',
  'description',
] as const
export type Column = (typeof COLUMNS)[number]

/** Begins the name of a column that holds an option: `option:colour`. */
export const OPTION = 'option:'

export interface OptionColumn {
  readonly option: string
}

/** What stands in each place of a row. */
export type Layout = readonly (Column | OptionColumn)[]

const isColumn = (name: string): name is Column => COLUMNS.some((each) => each === name)

/** Reads the first row. Names are told in any case, with spaces or underscores; the name of an option is taken as it stands. */
export function readHeader(header: readonly string[]): Result<Layout, 'invalid-csv'> {
  const layout: (Column | OptionColumn)[] = []
  const seen = new Set<string>()
  for (const [index, text] of header.entries()) {
    const column = columnOf(text)
    if (column === null) {
      const message =
        text.trim() === ''
          ? `Column ${index + 1} has no name. Give it one, or take it out.`
          : `There is no column "${text.trim()}". Take it out, or call it "${OPTION}${text.trim()}" if it tells variants apart.`
      return refuse('invalid-csv', message, {
        errors: [{ path: `column ${index + 1}`, code: 'unknown-column', message }],
      })
    }
    const name = typeof column === 'string' ? column : `${OPTION}${column.option}`
    if (seen.has(name)) {
      const message = `The column "${name}" is there twice. Take one of them out.`
      return refuse('invalid-csv', message, { errors: [{ path: name, code: 'column-twice', message }] })
    }
    seen.add(name)
    layout.push(column)
  }
  if (!seen.has('sku')) {
    const message =
      'The file has no column "sku", by which rows and variants are matched. The first row names the columns.'
    return refuse('invalid-csv', message, { errors: [{ path: 'sku', code: 'column-missing', message }] })
  }
  return ok(layout)
}

function columnOf(text: string): Column | OptionColumn | null {
  const name = text.trim()
  if (name.slice(0, OPTION.length).toLowerCase() === OPTION) {
    const option = text.trimStart().slice(OPTION.length)
    return option.trim() === '' ? null : { option }
  }
  const plain = name.toLowerCase().replace(/[\s-]+/g, '_')
  return isColumn(plain) ? plain : null
}

/** Several texts in one cell: `a | b`, or `A > B`; the separator within a text, and a backslash, are written with one before them. */
export function joinCell(parts: readonly string[], separator: '|' | '>'): string {
  return parts
    .map((part) => part.replace(/[\\|>]/g, (sign) => (sign === separator || sign === '\\' ? `\\${sign}` : sign)))
    .join(` ${separator} `)
}

/** The texts of a cell, trimmed; empty ones stay. An empty cell has none. */
export function splitCell(cell: string, separator: '|' | '>'): readonly string[] {
  if (cell.trim() === '') return []
  const parts: string[] = ['']
  for (let at = 0; at < cell.length; at += 1) {
    const sign = cell[at] ?? ''
    const next = cell[at + 1]
    if (sign === '\\' && (next === separator || next === '\\')) {
      parts.push((parts.pop() ?? '') + next)
      at += 1
    } else if (sign === separator) parts.push('')
    else parts.push((parts.pop() ?? '') + sign)
  }
  return parts.map((part) => part.trim())
}
