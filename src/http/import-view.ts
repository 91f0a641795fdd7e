// What came of a catalogue file, row by row, as the answer shows it.

import { joinCell } from '../domain/catalogue/csv-columns.ts'
import type { ImportRow, RowFault } from '../domain/catalogue/csv-row.ts'
import type { FieldError } from '../domain/result.ts'
import type { ImportOutcome } from '../persistence/catalogue-import.ts'
import type { ImportView } from './schemas/product-files.ts'

type ResultView = ImportView['results'][number]
type Place = ResultView['notes'][number]

/** @param skuAt the SKU of a line, also of one that could not be read */
export function importView(
  outcome: ImportOutcome,
  rows: number,
  dryRun: boolean,
  skuAt: (line: number) => string,
): ImportView {
  const results: ResultView[] = []
  for (const plan of outcome.plans)
    for (const [index, row] of plan.rows.entries()) {
      const variant = plan.variants.find((each) => each.row === row)
      // What changes of the product itself is said once, with its first row.
      const changes = [...(index === 0 ? plan.changes : []), ...(variant?.changes ?? [])]
      const fresh = variant?.before === null
      if (fresh || changes.length > 0)
        results.push({
          ...blank(row),
          action: fresh ? 'create' : 'update',
          changes,
          notes: notesOf(row, variant?.before?.onHand),
        })
    }
  const wrong = Map.groupBy(outcome.faults, ({ line }) => line)
  const failed = [...wrong].map(
    ([line, faults]): ResultView => ({
      ...blank({ line, sku: skuAt(line) }),
      action: 'failed',
      errors: faults.map(placeOf),
    }),
  )
  const skipped = outcome.skipped.map((row): ResultView => ({ ...blank(row), action: 'skipped' }))
  const count = (action: ResultView['action']) => results.filter((each) => each.action === action).length
  const [created, updated] = [count('create'), count('update')]
  return {
    dryRun,
    written: outcome.written,
    rows,
    created,
    updated,
    unchanged: rows - created - updated - failed.length - skipped.length,
    failed: failed.length,
    skipped: skipped.length,
    newCategories: outcome.newCategories.map((path) => joinCell(path, '>')),
    results: (dryRun ? [...results, ...failed, ...skipped] : [...failed, ...skipped]).toSorted(
      (a, b) => a.line - b.line,
    ),
  }
}

/** Wrong places as the errors of a refusal. @param most how many of them */
export function fieldErrorsOf(faults: readonly RowFault[], most: number): readonly FieldError[] {
  return faults.slice(0, most).map(({ line, column, code, message }) => ({
    path: column === null ? `line ${line}` : `line ${line}, ${column}`,
    code,
    message,
  }))
}

function blank({ line, sku }: Pick<ImportRow, 'line' | 'sku'>): ResultView {
  return { line, sku, action: 'update', changes: [], errors: [], notes: [] }
}

function placeOf({ column, code, message }: RowFault): Place {
  return { column, code, message }
}

function notesOf(row: ImportRow, onHand: number | undefined): Place[] {
  if (onHand === undefined || row.stock === undefined || row.stock === onHand) return []
  const message = `There are ${onHand}. Stock of what is there already is moved by receipts and counts, not by a file.`
  return [{ column: 'stock', code: 'stock-not-imported', message }]
}
