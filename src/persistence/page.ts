// Pages of lists: what a caller asks for and gets. Every list is ordered by a sort key and then by id, so that a page
// starts exactly after the row the last one ended with. Signing and encoding the cursor is the HTTP layer's business.

export interface Position {
  /** The sort key of the last row seen, as text. */
  readonly key: string
  readonly id: string
}

export interface Page {
  readonly limit: number
  readonly cursor?: Position | undefined
}

export interface Paged<T> {
  readonly rows: readonly T[]
  /** Where the next page starts; null on the last. */
  readonly next: Position | null
}

/** Cuts the one row that was read beyond the limit, and remembers where to go on. */
export function paged<R, T>(
  found: readonly R[],
  limit: number,
  position: (row: R) => Position,
  view: (row: R) => T,
): Paged<T> {
  const rows = found.slice(0, limit)
  const last = rows.at(-1)
  return { rows: rows.map(view), next: found.length > limit && last !== undefined ? position(last) : null }
}

/** A pattern for ILIKE that finds the text anywhere and takes none of its characters for a wildcard. */
export function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`
}

/** Collects conditions with their values; `sql()` joins them with `and`. */
export interface Conditions {
  add(sql: string, ...params: readonly unknown[]): void
  readonly params: readonly unknown[]
  sql(): string
}

export function conditions(): Conditions {
  const parts: string[] = []
  const params: unknown[] = []
  return {
    params,
    add(sql, ...values) {
      parts.push(`(${sql})`)
      params.push(...values)
    },
    sql: () => (parts.length === 0 ? 'true' : parts.join(' and ')),
  }
}
