// Turns about the catalogue: its pages, one after the other, and the whole or one category. A number that follows means an item of the page.
import { offerOf } from '../../domain/bot/weigh.ts'
import type { CategoryId } from '../../domain/ids.ts'
import { catalogPage, findCategoryByWords } from '../../persistence/catalogue-search.ts'
import { answer, type Talk, type Turn } from './turn.ts'

/** Products on one page. */
const PAGE_SIZE = 10
const MAX_PAGE = 100_000

/** @param argument a page number, or the words of a category; null: the first page */
export async function catalogTurn(talk: Talk, argument: string | null): Promise<Turn> {
  if (argument === null) return pageTurn(talk, 1, null)
  if (/^\d{1,6}$/.test(argument)) return pageTurn(talk, Math.min(MAX_PAGE, Math.max(1, Number(argument))), null)
  const category = await findCategoryByWords(talk.db, talk.organization.id, argument)
  return category === null ? answer(talk.say.noSuchCategory(argument)) : pageTurn(talk, 1, category)
}

/** The page after the one that was shown; the first when none was. */
export async function moreTurn(talk: Talk): Promise<Turn> {
  const { asked } = talk
  if (asked?.question.type !== 'page') return pageTurn(talk, 1, null)
  const { page, category } = asked.question
  const [row] =
    category === null
      ? []
      : await talk.db.rows<{ name: string }>('select name from categories where id = ? and org_id = ?', [
          category,
          talk.organization.id,
        ])
  return pageTurn(talk, page + 1, category === null || row === undefined ? null : { id: category, name: row.name })
}

/** A list that was shown is too old to choose from: a fresh one. */
export async function oldListTurn(talk: Talk): Promise<Turn> {
  const turn = await pageTurn(talk, 1, null)
  return { ...turn, text: `${talk.say.oldList()}\n${turn.text ?? ''}` }
}

async function pageTurn(
  talk: Talk,
  page: number,
  category: { readonly id: CategoryId; readonly name: string } | null,
): Promise<Turn> {
  const first = (page - 1) * PAGE_SIZE + 1
  const found = await catalogPage(talk.db, talk.organization.id, {
    offset: first - 1,
    limit: PAGE_SIZE,
    categoryId: category?.id,
  })
  const pages = Math.ceil(found.total / PAGE_SIZE)
  const offers = found.items.map(offerOf)
  const text = talk.say.page({ page, pages, first, category: category?.name ?? null, offers, remembered: true })
  if (offers.length === 0) return answer(text)
  const variants = found.items.map(({ variantId }) => variantId)
  return { text, ask: { type: 'page', page, first, variants, category: category?.id ?? null } }
}
