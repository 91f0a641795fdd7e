// What the bot would understand and say, without doing anything: no row is written, nothing is sent, no number is used up. The same grammar, index
// and sentences as for a customer's message.
import { type Intent, interpret } from '../../domain/bot/interpret.ts'
import { type LanguageCode, languageFor } from '../../domain/bot/languages/index.ts'
import { type Meaning, meaningOf } from '../../domain/bot/meaning.ts'
import { openPrompt, type Question } from '../../domain/bot/question.ts'
import { type OrderSaid, type Voice, voice } from '../../domain/bot/say.ts'
import { sayVerdict, variantsOf, weigh } from '../../domain/bot/weigh.ts'
import type { CustomerId, UserId } from '../../domain/ids.ts'
import { orderLabel } from '../../domain/order/order.ts'
import { never } from '../../domain/result.ts'
import { exampleName, findActiveVariants } from '../../persistence/catalogue-search.ts'
import type { Queryable } from '../../persistence/database.ts'
import type { Organization } from '../../persistence/organization.ts'
import type { CatalogueIndex } from './catalogue-index.ts'
import { pageText } from './catalogue-pages.ts'
import { CANCEL_ORDERS, cancellable, cancelText, ownOrders, STATUS_ORDERS } from './own-orders.ts'
import { answerTo, type Described, describedQuestion, openQuestion, type PreviewDeps } from './preview-answer.ts'

export interface Asked {
  readonly text: string
  /** The open question; null: none is, `as-is`: the one that is open in the customer's chat with this account. */
  readonly question: Described | null | 'as-is'
  /** Whose account they write to. */
  readonly userId: UserId
  /** Null: as a stranger. */
  readonly customer: { readonly id: CustomerId; readonly name: string; readonly language: string | null } | null
}

export interface Preview {
  readonly meaning: Meaning
  readonly language: LanguageCode
  /** Null: the shop has nothing that could have been asked about. */
  readonly reply: string | null
}

export async function preview(deps: PreviewDeps, index: CatalogueIndex, asked: Asked): Promise<Preview> {
  const { db: q, organization } = deps
  const { customer, question: described, userId } = asked
  const open = customer === null ? null : await openQuestion(q, userId, customer.id, deps.now())
  const actual = open === null ? null : openPrompt(open)
  const prompt = described === 'as-is' ? actual : (described?.prompt ?? null)
  const meant = interpret(asked.text, { names: await index.current(), prompt })
  const question = async (): Promise<Question | null> => {
    if (described === null || described === 'as-is') return described === null ? null : open
    return described.about === null && actual?.type === described.prompt.type
      ? open
      : describedQuestion(deps, described)
  }
  const chosen = meant.intent === 'language' ? meant.language : null
  const home = organization.settings.languageDefault
  const language = languageFor(chosen ?? customer?.language ?? null, [asked.text], home ?? organization.locale)
  const { name: shop, locale, timezone } = organization
  const example = (await exampleName(q, organization.id)) ?? ''
  const say = voice({ language, shop, locale, timezone, customer: customer?.name ?? '', example })
  const customerId = customer?.id ?? null
  if (!ANSWERS.has(meant.intent))
    return { meaning: meaningOf(meant), language, reply: await reply(q, organization, say, meant, customerId) }
  const answered = await question()
  const it = { userId, customerId, language, say, nextNumber: await nextNumber(q, organization) }
  const said = answered === null ? null : await answerTo(deps, meant, { ...it, question: answered })
  return { meaning: meaningOf(meant), language, reply: said }
}

/** What is meant as an answer to a question. */
const ANSWERS: ReadonlySet<Intent['intent']> = new Set(['confirm', 'reject', 'select', 'qty'])

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
      return pageText(q, organization.id, say, meant.argument, customerId !== null)
    case 'more':
      return pageText(q, organization.id, say, '2', customerId !== null)
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
    case 'nothing_pending':
      return say.nothingPending()
    case 'unknown':
      return say.unknown()
    case 'confirm':
    case 'reject':
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
  const orders = await ordersOf(q, organization, customerId, number, CANCEL_ORDERS)
  const choices = number === null ? cancellable(orders) : orders
  const [only] = choices
  if (only === undefined) return number === null ? say.nothingToCancel() : say.noSuchOrder(number)
  return choices.length === 1 ? cancelText(say, only) : say.cancelWhich(choices)
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
