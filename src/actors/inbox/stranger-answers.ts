// What may be told to anybody, because it is about the shop alone: what it sells, how to write to it, how to reach it. Nothing is read that belongs to
// somebody.

import type { Answer } from '../../domain/bot/consent.ts'
import type { Voice } from '../../domain/bot/say.ts'
import { offerOf } from '../../domain/bot/weigh.ts'
import { never } from '../../domain/result.ts'
import { catalogPage, findCategoryByWords } from '../../persistence/catalogue-search.ts'
import type { Queryable } from '../../persistence/database.ts'
import type { Organization } from '../../persistence/organization.ts'

const PAGE_SIZE = 10

/** @param phone the account's own number */
export async function answerAnybody(
  q: Queryable,
  organization: Organization,
  say: Voice,
  to: Answer,
  phone: string | null,
): Promise<string> {
  switch (to.intent) {
    case 'hello':
      return say.hello()
    case 'help':
      return say.help()
    case 'contact':
      return say.contact({ text: organization.contactText, phone })
    case 'catalog':
      return page(q, organization, say, to.argument)
    case 'more':
      // Which page they saw is not kept.
      return page(q, organization, say, '2')
    case 'status':
      return say.noOrders()
    case 'cancel':
      return say.nothingToCancel()
    case 'language':
      return say.languages()
    default:
      return never(to)
  }
}

/** The argument is a page number, or the words of a category. */
async function page(q: Queryable, { id }: Organization, say: Voice, argument: string | null): Promise<string> {
  const isPage = argument !== null && /^\d{1,6}$/.test(argument)
  const number = isPage ? Math.max(1, Number(argument)) : 1
  const category = argument === null || isPage ? null : await findCategoryByWords(q, id, argument)
  if (argument !== null && !isPage && category === null) return say.noSuchCategory(argument)
  const first = (number - 1) * PAGE_SIZE
  const found = await catalogPage(q, id, { offset: first, limit: PAGE_SIZE, categoryId: category?.id })
  return say.page({
    page: number,
    pages: Math.ceil(found.total / PAGE_SIZE),
    first: first + 1,
    category: category?.name ?? null,
    offers: found.items.map(offerOf),
  })
}
