// What a cell of a catalogue file may hold: reads one row, and names every cell that is wrong. What rows mean together is import-plan.ts.
import { oneLine } from '../contact.ts'
import { type Minor, parseMoney } from '../money.ts'
import { type Column, type Layout, OPTION, splitCell } from './csv-columns.ts'
import { MAX_PRODUCT_NAME_CHARS, MAX_STOCK, PRODUCT_STATUSES, type ProductStatus } from './product.ts'

/** One row. A field is left out when its column is, and (numbers, yes or no, status) when its cell is empty. */
export interface ImportRow {
  /** Where it stands in the file; the header is line 1. */
  readonly line: number
  readonly sku: string
  readonly product?: string
  readonly variant?: string
  /** From the top down; none is no category. */
  readonly category?: readonly string[]
  readonly priceMinor?: Minor
  readonly taxRateBp?: number
  readonly taxIncluded?: boolean
  readonly stock?: number
  readonly lowStockThreshold?: number
  readonly maxPerOrder?: number
  readonly aliases?: readonly string[]
  readonly status?: ProductStatus
  readonly description?: string
  /** An empty one is taken away. */
  readonly options: Readonly<Record<string, string>>
}

/** A place in the file, what is wrong there, and what to do. */
export interface RowFault {
  readonly line: number
  /** A column's name; null for the row as a whole. */
  readonly column: string | null
  readonly code: string
  readonly message: string
}

export type ReadRow =
  | { readonly ok: true; readonly row: ImportRow }
  | { readonly ok: false; readonly sku: string; readonly product: string; readonly faults: readonly RowFault[] }

const MAX_DESCRIPTION_CHARS = 10_000
const MAX_OPTION_CHARS = 80
const MAX_PER_ORDER = 1_000_000
const MAX_ALIASES = 50
const YES = ['yes', 'true', '1', 'y']
const NO = ['no', 'false', '0', 'n']

/** A cell's fault: code and sentence. */
class Wrong extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** @param currency the organisation's */
export function readRow(layout: Layout, cells: readonly string[], line: number, currency: string): ReadRow {
  const faults: RowFault[] = []
  const row: { -readonly [K in keyof ImportRow]: ImportRow[K] } & { options: Record<string, string> } = {
    line,
    sku: '',
    options: {},
  }
  for (const [index, column] of layout.entries()) {
    const name = typeof column === 'string' ? column : `${OPTION}${column.option}`
    try {
      const cell = plain(cells[index] ?? '')
      if (typeof column === 'string') Object.assign(row, FIELDS[column](cell, currency))
      else row.options[column.option] = limited(oneLine(cell), MAX_OPTION_CHARS)
    } catch (error) {
      if (!(error instanceof Wrong)) throw error
      faults.push({ line, column: name, code: error.code, message: error.message })
    }
  }
  if (cells.length > layout.length)
    faults.push({
      line,
      column: null,
      code: 'too-many-cells',
      message: 'The row has more cells than the header. Is a quote missing?',
    })
  if (faults.length === 0) return { ok: true, row }
  return { ok: false, sku: row.sku, product: row.product ?? '', faults }
}

// A spreadsheet would run what begins so. An export writes an apostrophe before it, which is taken away here.
const GUARDED = /^'(?='*[=+\-@\t\r＝＋－＠])/

/** The text with the apostrophe that keeps a spreadsheet from running it. The writer puts one before plain `=`, `+`, `-` and `@` itself. */
export function guarded(text: string): string {
  return GUARDED.test(text) ? `'${text}` : text
}

function plain(cell: string): string {
  const quoted = /^="([^"]*)"$/.exec(cell.trim())
  if (quoted !== null) return quoted[1] ?? ''
  if (/^\s*[=＝]/.test(cell))
    throw new Wrong('formula', 'The cell holds a formula. Write its value, or an apostrophe before it if it is a text.')
  return cell.replace(GUARDED, '').trim()
}

type Read = (cell: string, currency: string) => Partial<ImportRow>

const FIELDS: Readonly<Record<Column, Read>> = {
  sku: (cell) => {
    const sku = oneLine(cell)
    if (sku === '')
      throw new Wrong('sku-missing', 'The row has no SKU. Every row needs one: it tells which variant is meant.')
    return { sku }
  },
  product: (cell) => ({ product: limited(oneLine(cell), MAX_PRODUCT_NAME_CHARS) }),
  variant: (cell) => ({ variant: limited(oneLine(cell), MAX_PRODUCT_NAME_CHARS) }),
  category: (cell) => {
    const category = splitCell(cell, '>').map(oneLine)
    if (category.includes(''))
      throw new Wrong('invalid', 'Write the category from the top down, like "Home > Kitchen".')
    return { category }
  },
  price: (cell, currency) => {
    if (cell === '') return {}
    if (/^\d+,\d{1,3}$/.test(cell))
      throw new Wrong(
        'decimal-comma',
        `"${cell}" has a comma. Write the price with a point, like ${cell.replace(',', '.')}.`,
      )
    const price = parseMoney(cell, currency)
    if (!price.ok) throw new Wrong(price.refusal.code, price.refusal.message)
    return { priceMinor: price.value }
  },
  currency: (cell, currency) => {
    if (cell === '' || cell.toUpperCase() === currency) return {}
    throw new Wrong('wrong-currency', `Prices here are in ${currency}.`)
  },
  tax_rate: (cell) => {
    if (cell === '') return {}
    const match = /^(\d{1,3})(?:\.(\d{1,2}))?\s*%?$/.exec(cell)
    const taxRateBp = Number(`${match?.[1] ?? '999'}${(match?.[2] ?? '').padEnd(2, '0')}`)
    if (taxRateBp > 10_000) throw new Wrong('invalid', 'Write the tax as percent between 0 and 100, like 19 or 7.5.')
    return { taxRateBp }
  },
  tax_included: (cell) => {
    if (cell === '') return {}
    const word = cell.toLowerCase()
    if (!YES.includes(word) && !NO.includes(word)) throw new Wrong('invalid', 'Write yes or no.')
    return { taxIncluded: YES.includes(word) }
  },
  stock: (cell) => (cell === '' ? {} : { stock: whole(cell, 0, MAX_STOCK) }),
  low_stock_threshold: (cell) => (cell === '' ? {} : { lowStockThreshold: whole(cell, 0, MAX_STOCK) }),
  max_per_order: (cell) => (cell === '' ? {} : { maxPerOrder: whole(cell, 1, MAX_PER_ORDER) }),
  aliases: (cell) => {
    const aliases = splitCell(cell, '|')
      .map(oneLine)
      .filter((alias) => alias !== '')
    if (aliases.length > MAX_ALIASES) throw new Wrong('too-many', `A variant has at most ${MAX_ALIASES} aliases.`)
    return { aliases }
  },
  status: (cell) => {
    if (cell === '') return {}
    const status = PRODUCT_STATUSES.find((each) => each === cell.toLowerCase())
    if (status === undefined) throw new Wrong('invalid', `Write ${PRODUCT_STATUSES.join(', ')}, or leave it empty.`)
    return { status }
  },
  description: (cell) => ({ description: limited(cell.trim(), MAX_DESCRIPTION_CHARS) }),
}

function whole(cell: string, least: number, most: number): number {
  const number = /^\d{1,9}$/.test(cell) ? Number(cell) : Number.NaN
  if (number >= least && number <= most) return number
  throw new Wrong('invalid', `Write a whole number from ${least} to ${most}, without points or commas.`)
}

function limited(text: string, most: number): string {
  if (text.length <= most) return text
  throw new Wrong('too-long', `The text has ${text.length} characters; at most ${most} are kept.`)
}
