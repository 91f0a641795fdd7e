// The pages of the catalogue that a customer asks for: which one is meant, what stands on it, how it is said.

import type { Voice } from '../../domain/bot/say.ts'
import { offerOf } from '../../domain/bot/weigh.ts'
import type { CatalogueHit } from '../../domain/catalogue/variant.ts'
import type { CategoryId, OrgId } from '../../domain/ids.ts'
import { catalogPage, findCategoryByWords } from '../../persistence/catalogue-search.ts'
import type { Queryable } from '../../persistence/database.ts'

/** Products on one page. */
export const PAGE_SIZE = 10
const MAX_PAGE = 100_000

export interface PageWanted {
  /** Counts from 1. */
  readonly page: number
  readonly category: { readonly id: CategoryId; readonly name: string } | null
}

export interface PageShown extends PageWanted {
  readonly text: string
  /** The number of the first item among all pages. */
  readonly first: number
  readonly items: readonly CatalogueHit[]
}

/** @param argument a page number, or the words of a category; null: the first page. @returns null when there is no such category */
export async function pageWanted(q: Queryable, orgId: OrgId, argument: string | null): Promise<PageWanted | null> {
  if (argument === null) return { page: 1, category: null }
  if (/^\d{1,6}$/.test(argument)) return { page: Math.min(MAX_PAGE, Math.max(1, Number(argument))), category: null }
  const category = await findCategoryByWords(q, orgId, argument)
  return category === null ? null : { page: 1, category }
}

/** @param remembered whether the page is known when they answer `more` */
export async function showPage(
  q: Queryable,
  orgId: OrgId,
  say: Voice,
  { page, category }: PageWanted,
  remembered: boolean,
): Promise<PageShown> {
  const offset = (page - 1) * PAGE_SIZE
  const found = await catalogPage(q, orgId, { offset, limit: PAGE_SIZE, categoryId: category?.id })
  const text = sayPage(say, found, page, category?.name ?? null, remembered)
  return { page, category, text, first: offset + 1, items: found.items }
}

/** Says a page that was read. `total`: of all pages. */
export function sayPage(
  say: Voice,
  { items, total }: { readonly items: readonly CatalogueHit[]; readonly total: number },
  page: number,
  category: string | null,
  remembered: boolean,
): string {
  const [pages, first] = [Math.ceil(total / PAGE_SIZE), (page - 1) * PAGE_SIZE + 1]
  return say.page({ page, pages, first, category, offers: items.map(offerOf), remembered })
}

/** The page of an argument as it is said to somebody of whom nothing is remembered. */
export async function pageText(q: Queryable, orgId: OrgId, say: Voice, argument: string | null): Promise<string> {
  const wanted = await pageWanted(q, orgId, argument)
  return wanted === null ? say.noSuchCategory(argument ?? '') : (await showPage(q, orgId, say, wanted, false)).text
}
