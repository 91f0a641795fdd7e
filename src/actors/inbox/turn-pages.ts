// Turns about the catalogue: its pages, one after the other, and the whole or one category. A number that follows means an item of the page.
import { type PageWanted, pageWanted, showPage } from './catalogue-pages.ts'
import { answer, type Talk, type Turn } from './turn.ts'

const FIRST: PageWanted = { page: 1, category: null }

/** @param argument a page number, or the words of a category; null: the first page */
export async function catalogTurn(talk: Talk, argument: string | null): Promise<Turn> {
  const wanted = await pageWanted(talk.db, talk.organization.id, argument)
  return wanted === null ? answer(talk.say.noSuchCategory(argument ?? '')) : pageTurn(talk, wanted)
}

/** The page after the one that was shown; the first when none was. */
export async function moreTurn(talk: Talk): Promise<Turn> {
  const { asked } = talk
  if (asked?.question.type !== 'page') return pageTurn(talk, FIRST)
  const { page, category } = asked.question
  const [row] =
    category === null
      ? []
      : await talk.db.rows<{ name: string }>('select name from categories where id = ? and org_id = ?', [
          category,
          talk.organization.id,
        ])
  const known = category === null || row === undefined ? null : { id: category, name: row.name }
  return pageTurn(talk, { page: page + 1, category: known })
}

/** A list that was shown is too old to choose from: a fresh one. */
export async function oldListTurn(talk: Talk): Promise<Turn> {
  const turn = await pageTurn(talk, FIRST)
  return { ...turn, text: `${talk.say.oldList()}\n${turn.text ?? ''}` }
}

async function pageTurn({ db, organization, say }: Talk, wanted: PageWanted): Promise<Turn> {
  const { text, page, first, category, items } = await showPage(db, organization.id, say, wanted, true)
  if (items.length === 0) return answer(text)
  const variants = items.map(({ variantId }) => variantId)
  return { text, ask: { type: 'page', page, first, variants, category: category?.id ?? null } }
}
