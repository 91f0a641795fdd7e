// What the bot would understand and say, without doing anything: no row is written, nothing is sent, no number is used up. The same grammar, index
// and sentences as for a customer's message.
import { type Intent, interpret, type OpenPrompt } from '../../domain/bot/interpret.ts'
import { type LanguageCode, languageFor } from '../../domain/bot/languages/index.ts'
import { type Meaning, meaningOf } from '../../domain/bot/meaning.ts'
import { type OrderSaid, type Voice, voice } from '../../domain/bot/say.ts'
import { offerOf, sayVerdict, variantsOf, weigh } from '../../domain/bot/weigh.ts'
import type { CustomerId } from '../../domain/ids.ts'
import { OPEN, orderLabel } from '../../domain/order/order.ts'
import { never } from '../../domain/result.ts'
import {
  catalogPage,
  exampleName,
  findActiveVariants,
  findCategoryByWords,
} from '../../persistence/catalogue-search.ts'
import type { Queryable } from '../../persistence/database.ts'
import type { Organization } from '../../persistence/organization.ts'
import type { CatalogueIndex } from './catalogue-index.ts'
import { ownOrders, STATUS_ORDERS } from './own-orders.ts'

const PAGE_SIZE = 10

export interface Asked {
  readonly text: string
  readonly prompt: OpenPrompt | null
  /** Null: as a stranger. */
  readonly customer: { readonly id: CustomerId; readonly name: string; readonly language: string | null } | null
}

export interface Preview {
  readonly meaning: Meaning
  readonly language: LanguageCode
  /** Null: what is said depends on the question that is open, and that is not known here. */
  readonly reply: string | null
}

export async function preview(
  q: Queryable,
  index: CatalogueIndex,
  organization: Organization,
  asked: Asked,
): Promise<Preview> {
  const meant = interpret(asked.text, { names: await index.current(), prompt: asked.prompt })
  const { customer } = asked
  const chosen = meant.intent === 'language' ? meant.language : null
  const home = organization.settings.languageDefault
  const language = languageFor(chosen ?? customer?.language ?? null, [asked.text], home ?? organization.locale)
  const { name: shop, locale, timezone } = organization
  const example = (await exampleName(q, organization.id)) ?? ''
  const say = voice({ language, shop, locale, timezone, customer: customer?.name ?? '', example })
  return { meaning: meaningOf(meant), language, reply: await reply(q, organization, say, meant, customer?.id ?? null) }
}

async function reply(
  q: Queryable,
  organization: Organization,
  say: Voice,
  meant: Intent,
  customerId: CustomerId | null,
): Promise<string | null> {
  switch (meant.intent) {
    case 'order': {
      const hits = await findActiveVariants(q, organization.id, variantsOf(meant.items))
      const number = await nextNumber(q, organization)
      return sayVerdict(say, weigh(meant, hits), { label: orderLabel(number), number: String(number) })
    }
    case 'catalog':
      return page(q, organization, say, meant.argument)
    case 'more':
      return page(q, organization, say, '2')
    case 'status':
      return status(q, organization, say, customerId, meant.order)
    case 'cancel':
      return cancel(q, organization, say, customerId, meant.order)
    case 'hello':
      return say.hello()
    case 'help':
      return say.help()
    case 'contact':
      return say.contact({ text: organization.contactText, phone: null })
    case 'agent':
      return say.agent('')
    case 'stop':
      return say.stopped()
    case 'start':
      return say.started()
    case 'language':
      return meant.language === null ? say.languages() : say.languageSet()
    case 'reject':
      return say.dropped()
    case 'nothing_pending':
      return say.nothingPending()
    case 'unknown':
      return say.unknown()
    case 'confirm':
    case 'select':
    case 'qty':
      return null
    default:
      return never(meant)
  }
}

/** The number an order would get now. */
async function nextNumber(q: Queryable, { id }: Organization): Promise<number> {
  const [row] = await q.rows<{ next: number }>('select next from order_counters where org_id = ?', [id])
  return row?.next ?? 1
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
    remembered: true,
  })
}

async function status(
  q: Queryable,
  organization: Organization,
  say: Voice,
  customerId: CustomerId | null,
  number: number | null,
): Promise<string> {
  const orders = await ordersOf(q, organization, customerId, number, STATUS_ORDERS + 1)
  if (orders.length === 0) return number === null ? say.noOrders() : say.noSuchOrder(number)
  return say.status(orders.slice(0, STATUS_ORDERS), orders.length > STATUS_ORDERS)
}

async function cancel(
  q: Queryable,
  organization: Organization,
  say: Voice,
  customerId: CustomerId | null,
  number: number | null,
): Promise<string> {
  const orders = await ordersOf(q, organization, customerId, number, PAGE_SIZE)
  if (number !== null) {
    const [order] = orders
    if (order === undefined) return say.noSuchOrder(number)
    if (order.status === 'draft' || order.status === 'pending') return say.cancelThis(order)
    if (order.status === 'confirmed' || order.status === 'processing') return say.cancelAsked(number)
    return OPEN.includes(order.status) || order.status === 'delivered'
      ? say.cancelTooLate(number)
      : say.nothingToCancel()
  }
  const pending = orders.filter((order) => order.status === 'pending')
  const [only] = pending
  if (only === undefined) return say.nothingToCancel()
  return pending.length === 1 ? say.cancelThis(only) : say.cancelWhich(pending)
}

async function ordersOf(
  q: Queryable,
  { id }: Organization,
  customerId: CustomerId | null,
  number: number | null,
  limit: number,
): Promise<readonly OrderSaid[]> {
  return customerId === null ? [] : ownOrders(q, { orgId: id, customerId }, number, limit)
}
