// What the bot would do about a command: reads what the answer needs, drafts the order if it is one, and says what to send. It writes nothing;
// what it decides is carried out in one statement (process.ts). The words are domain/bot/.
import {
  CATALOG_PAGE_SIZE,
  catalogAnswer,
  notPlacedAnswer,
  type Speaker,
  STATUS_ORDERS,
  statusAnswer,
  thanksAnswer,
  usageAnswer,
} from '../../domain/bot/answer.ts'
import type { Command } from '../../domain/bot/command.ts'
import { phrases } from '../../domain/bot/phrases.ts'
import { type ItemProblem, type ResolvedOrder, resolveOrder } from '../../domain/bot/resolve.ts'
import type { CatalogueHit } from '../../domain/catalogue/variant.ts'
import type { CustomerId, UserId } from '../../domain/ids.ts'
import { never } from '../../domain/result.ts'
import { catalogPage, exampleName, findCategoryByWords } from '../../persistence/catalogue-search.ts'
import type { Queryable } from '../../persistence/database.ts'
import { draftOrder, type OrderDraft } from '../../persistence/order-statement.ts'
import { latestOrders } from '../../persistence/order-views.ts'
import type { Organization } from '../../persistence/organization.ts'
import type { ShortLine } from '../../persistence/stock.ts'

/** Who wrote what, to which account. */
export interface Chat {
  readonly organization: Organization
  readonly userId: UserId
  readonly customerId: CustomerId
  readonly customerName: string
  readonly waMessageId: string
  /** The account's own number, told to who asks how to reach us. */
  readonly accountPhone: string | null
  /** The hint how to write was given in this chat lately. */
  readonly hinted: boolean
  /** This message has placed its order before. */
  readonly ordered: boolean
  readonly newId: () => string
}

export interface Decision {
  readonly command: Command['kind']
  /** Null: nothing is said. The id of the order stands where its number will. */
  readonly text: string | null
  readonly order: {
    readonly draft: OrderDraft
    /** What is said instead when others were faster. */
    readonly instead: (short: readonly ShortLine[]) => Promise<string>
  } | null
}

/** Said when the shop has nothing to show as an example yet. */
const NO_PRODUCT = 'product'

/**
 * Decides about what a customer asks for, by what is true now.
 * @param hits what the catalogue has for the names in it
 */
export async function replyTo(
  q: Queryable,
  chat: Chat,
  command: Command,
  hits: readonly CatalogueHit[],
  now: Date,
): Promise<Decision> {
  const say = (answer: string | null): Decision => ({ command: command.kind, text: answer, order: null })
  switch (command.kind) {
    case 'hello': {
      const { customer, shop, example } = await speakerOf(q, chat)
      return say(phrases.hello({ customer, shop, example }))
    }
    case 'catalog':
      return say(await catalog(q, chat, command.argument))
    case 'order':
      return { command: command.kind, ...(await order(q, chat, resolveOrder(command.items, hits), now)) }
    case 'order-usage':
      return say(usageAnswer(await speakerOf(q, chat), command.problem))
    case 'status':
      return say(await status(q, chat, command.orderNumber))
    case 'help':
      return say(phrases.help(await speakerOf(q, chat)))
    case 'contact': {
      const { name, contactText } = chat.organization
      return say(phrases.contact({ shop: name, text: contactText, phone: chat.accountPhone }))
    }
    case 'unknown':
      return say(chat.hinted ? null : phrases.unknown())
    default:
      return never(command)
  }
}

async function speakerOf(q: Queryable, chat: Chat): Promise<Speaker> {
  const { name, locale, timezone } = chat.organization
  const example = (await exampleName(q, chat.organization.id)) ?? NO_PRODUCT
  return { shop: name, locale, timezone, customer: chat.customerName, example }
}

/** The argument is a page number, or the words of a category. */
async function catalog(q: Queryable, chat: Chat, argument: string | null): Promise<string> {
  const orgId = chat.organization.id
  const isPage = argument !== null && /^\d{1,6}$/.test(argument)
  const page = isPage ? Math.max(1, Number(argument)) : 1
  const category = argument === null || isPage ? null : await findCategoryByWords(q, orgId, argument)
  if (argument !== null && !isPage && category === null) return phrases.noSuchCategory({ name: argument })
  const found = await catalogPage(q, orgId, {
    offset: (page - 1) * CATALOG_PAGE_SIZE,
    limit: CATALOG_PAGE_SIZE,
    categoryId: category?.id,
  })
  const { locale } = chat.organization
  return catalogAnswer({ locale, example: NO_PRODUCT }, { ...found, page, category: category?.name ?? null })
}

async function status(q: Queryable, chat: Chat, wanted: number | null): Promise<string> {
  const orders = await latestOrders(q, {
    orgId: chat.organization.id,
    customerId: chat.customerId,
    limit: STATUS_ORDERS + 1,
    number: wanted ?? undefined,
  })
  const more = Math.max(0, orders.length - STATUS_ORDERS)
  return statusAnswer(await speakerOf(q, chat), orders.slice(0, STATUS_ORDERS), wanted, more)
}

async function order(q: Queryable, chat: Chat, resolved: ResolvedOrder, now: Date): Promise<Omit<Decision, 'command'>> {
  const { organization, userId, customerId, waMessageId } = chat
  if (chat.ordered) return { text: null, order: null }
  const refused = async (why: ResolvedOrder) => notPlacedAnswer(await speakerOf(q, chat), why)
  if (resolved.problems.length > 0) return { text: await refused(resolved), order: null }
  const draft = draftOrder(
    {
      orgId: organization.id,
      userId,
      customerId,
      channel: 'whatsapp',
      lines: resolved.lines,
      source: { conversationId: null, waMessageId },
      actor: { type: 'customer', id: customerId },
    },
    chat.newId(),
    chat.newId,
    now,
  )
  const speaker = { customer: chat.customerName, locale: organization.locale }
  return {
    text: thanksAnswer(speaker, { ...draft.bill, totalMinor: draft.bill.totals.totalMinor }, draft.orderId),
    order: { draft, instead: (short) => refused(shortOf(resolved, short)) },
  }
}

function shortOf(resolved: ResolvedOrder, short: readonly ShortLine[]): ResolvedOrder {
  const problems = short.flatMap(({ variantId, wanted, available }): ItemProblem[] => {
    const line = resolved.lines.find(({ variant }) => variant.variantId === variantId)
    return line === undefined ? [] : [{ kind: 'short', variant: line.variant, wanted, available }]
  })
  const gone = new Set(short.map(({ variantId }) => variantId))
  return { lines: resolved.lines.filter(({ variant }) => !gone.has(variant.variantId)), problems }
}
