// What becomes of goods that come back: on the shelf again, or written off, line by line.
import { ok, type Result, refuse } from '../result.ts'

/** So many pieces of a line go back on the shelf; left out, all that were sold of it. */
export interface Restock {
  readonly lineId: string
  readonly quantity?: number | undefined
}

export interface SoldLine {
  readonly lineId: string
  readonly sold: number
}

export interface ReturnedLine extends SoldLine {
  /** Of those sold: the rest is written off. */
  readonly restocked: number
}

/**
 * @param wanted null: everything goes back on the shelf; else what is named does, and all else is written off
 */
export function returnedLines(
  sold: readonly SoldLine[],
  wanted: readonly Restock[] | null,
): Result<readonly ReturnedLine[], 'invalid-restock'> {
  if (wanted === null) return ok(sold.map((line) => ({ ...line, restocked: line.sold })))
  for (const [index, { lineId, quantity = 0 }] of wanted.entries()) {
    const line = sold.find((each) => each.lineId === lineId)
    if (line === undefined) return fault(index, 'lineId', 'The order sold no counted goods in such a line.')
    if (wanted.findIndex((each) => each.lineId === lineId) !== index)
      return fault(index, 'lineId', 'This line is named twice.')
    if (quantity > line.sold)
      return fault(index, 'quantity', `Only ${line.sold} were sold: no more can go back on the shelf.`)
  }
  return ok(
    sold.map((line) => {
      const named = wanted.find(({ lineId }) => lineId === line.lineId)
      return { ...line, restocked: named === undefined ? 0 : (named.quantity ?? line.sold) }
    }),
  )
}

function fault(index: number, field: string, message: string) {
  return refuse('invalid-restock', message, {
    errors: [{ path: `restock[${index}].${field}`, code: 'invalid-restock', message }],
  })
}
