// Turns the parameters of a list into a page for the store, and the store's answer into the envelope, cursors signed on both ways.

import { ok, type Result } from '../domain/result.ts'
import type { Page, Paged } from '../persistence/page.ts'
import type { Cursors } from './cursor.ts'

/** @param list the list and its order: a cursor of another is refused */
export function readPage(
  cursors: Cursors,
  list: string,
  query: { readonly limit: number; readonly cursor?: string | undefined },
): Result<Page, 'invalid-cursor'> {
  if (query.cursor === undefined) return ok({ limit: query.limit })
  const position = cursors.decode(list, query.cursor)
  return position.ok ? ok({ limit: query.limit, cursor: position.value }) : position
}

/** The envelope of a list. */
export function writePage<T, V>(
  cursors: Cursors,
  list: string,
  page: Page,
  found: Paged<T>,
  view: (row: T) => V,
): { data: V[]; page: { limit: number; nextCursor: string | null } } {
  const nextCursor = found.next === null ? null : cursors.encode(list, found.next)
  return { data: found.rows.map(view), page: { limit: page.limit, nextCursor } }
}
