// A catalogue file as rows: those that can be read, and what is wrong with the others.

import { setImmediate } from 'node:timers/promises'
import { readHeader } from '../domain/catalogue/csv-columns.ts'
import { type ImportRow, type RowFault, readRow } from '../domain/catalogue/csv-row.ts'
import { ok, type Result } from '../domain/result.ts'
import type { ImportInput } from '../persistence/catalogue-import.ts'
import type { FilePolicy } from '../policy.ts'
import { readTable } from './csv/read.ts'

export interface ImportRows extends Pick<ImportInput, 'rows' | 'unreadable' | 'spoiled'> {
  /** The SKU of each line, also of those that could not be read. */
  readonly skus: ReadonlyMap<number, string>
  readonly count: number
}

/** @param currency the organisation's */
export async function readImportRows(
  bytes: Buffer,
  currency: string,
  { importRows, importBreath }: Pick<FilePolicy, 'importRows' | 'importBreath'>,
): Promise<Result<ImportRows, 'invalid-csv'>> {
  const table = await readTable(bytes, { rows: importRows, breath: importBreath })
  if (!table.ok) return table
  const layout = readHeader(table.value.header)
  if (!layout.ok) return layout
  const rows: ImportRow[] = []
  const unreadable: RowFault[] = []
  const skus = new Map<number, string>()
  const spoiled = { skus: new Set<string>(), products: new Set<string>() }
  for (const [index, { line, cells }] of table.value.rows.entries()) {
    if (index % importBreath === 0) await setImmediate()
    const read = readRow(layout.value, cells, line, currency)
    skus.set(line, read.ok ? read.row.sku : read.sku)
    if (read.ok) rows.push(read.row)
    else {
      unreadable.push(...read.faults)
      if (read.sku !== '') spoiled.skus.add(read.sku.toLowerCase())
      if (read.product !== '') spoiled.products.add(read.product.toLowerCase())
    }
  }
  return ok({ rows, unreadable, spoiled, skus, count: table.value.rows.length })
}
