// What the bot does about a text: reads what the answer needs, places the order if it is one, and says what to send. Runs
// inside the transaction of the message; the words are domain/bot/.
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
import { type Command, parseCommand } from '../../domain/bot/command.ts'
import { phrases, UNKNOWN_HINT } from '../../domain/bot/phrases.ts'
import { type ItemProblem, keysOf, type ResolvedOrder, resolveOrder } from '../../domain/bot/resolve.ts'
import type { ConversationId, CustomerId, OrderId, UserId } from '../../domain/ids.ts'
import { never } from '../../domain/result.ts'
import { catalogPage, exampleName, findByChatNames, findCategoryByWords } from '../../persistence/catalogue-search.ts'
import type { Tx } from '../../persistence/database.ts'
import { botSaidSince } from '../../persistence/messages.ts'
import { latestOrders } from '../../persistence/order-views.ts'
import { placeOrder } from '../../persistence/orders.ts'
import type { Organization } from '../../persistence/organization.ts'
import type { ShortLine } from '../../persistence/stock.ts'
import type { BotPolicy } from '../../policy.ts'

/** Who wrote what, where, to which account. */
export interface Chat {
  readonly organization: Organization
  readonly userId: UserId
  readonly customerId: CustomerId
  readonly customerName: string
  readonly conversationId: ConversationId
  readonly waMessageId: string
  /** The account's own number, told to who asks how to reach us. */
  readonly accountPhone: string | null
  readonly policy: BotPolicy
  readonly newId: () => string
}

export interface Reply {
  readonly command: Command['kind']
  /** Null: nothing is said. */
  readonly text: string | null
  readonly orderId: OrderId | null
}

/** Said when the shop has nothing to show as an example yet. */
const NO_PRODUCT = 'product'

/** Answers a customer's text. An order is placed, with its stock, in this transaction or not at all. */
export async function replyTo(tx: Tx, chat: Chat, text: string, now: Date): Promise<Reply> {
  const command = parseCommand(text)
  const say = (answer: string | null, orderId: OrderId | null = null): Reply => ({
    command: command.kind,
    text: answer,
    orderId,
  })
  switch (command.kind) {
    case 'hello': {
      const { customer, shop, example } = await speakerOf(tx, chat)
      return say(phrases.hello({ customer, shop, example }))
    }
    case 'catalog':
      return say(await catalog(tx, chat, command.argument))
    case 'order': {
      const { answer, orderId } = await order(tx, chat, command, now)
      return say(answer, orderId)
    }
    case 'order-usage':
      return say(usageAnswer(await speakerOf(tx, chat), command.problem))
    case 'status':
      return say(await status(tx, chat, command.orderNumber))
    case 'help':
      return say(phrases.help(await speakerOf(tx, chat)))
    case 'contact': {
      const { name, contactText } = chat.organization
      return say(phrases.contact({ shop: name, text: contactText, phone: chat.accountPhone }))
    }
    case 'unknown': {
      const since = new Date(now.getTime() - chat.policy.hintEveryMs)
      const saidLately = await botSaidSince(tx, chat.conversationId, UNKNOWN_HINT, since)
      return say(saidLately ? null : phrases.unknown())
    }
    default:
      return never(command)
  }
}

async function speakerOf(tx: Tx, chat: Chat): Promise<Speaker> {
  const { name, locale, timezone } = chat.organization
  const example = (await exampleName(tx, chat.organization.id)) ?? NO_PRODUCT
  return { shop: name, locale, timezone, customer: chat.customerName, example }
}

/** The argument is a page number, or the words of a category. */
async function catalog(tx: Tx, chat: Chat, argument: string | null): Promise<string> {
  const orgId = chat.organization.id
  const isPage = argument !== null && /^\d{1,6}$/.test(argument)
  const page = isPage ? Math.max(1, Number(argument)) : 1
  const category = argument === null || isPage ? null : await findCategoryByWords(tx, orgId, argument)
  if (argument !== null && !isPage && category === null) return phrases.noSuchCategory({ name: argument })
  const found = await catalogPage(tx, orgId, {
    offset: (page - 1) * CATALOG_PAGE_SIZE,
    limit: CATALOG_PAGE_SIZE,
    categoryId: category?.id,
  })
  const { locale } = chat.organization
  return catalogAnswer({ locale, example: NO_PRODUCT }, { ...found, page, category: category?.name ?? null })
}

async function status(tx: Tx, chat: Chat, wanted: number | null): Promise<string> {
  const orders = await latestOrders(tx, {
    orgId: chat.organization.id,
    customerId: chat.customerId,
    limit: STATUS_ORDERS + 1,
    number: wanted ?? undefined,
  })
  const more = Math.max(0, orders.length - STATUS_ORDERS)
  return statusAnswer(await speakerOf(tx, chat), orders.slice(0, STATUS_ORDERS), wanted, more)
}

async function order(
  tx: Tx,
  chat: Chat,
  command: Extract<Command, { kind: 'order' }>,
  now: Date,
): Promise<{ readonly answer: string | null; readonly orderId: OrderId | null }> {
  const { organization, userId, customerId, conversationId, waMessageId } = chat
  const hits = await findByChatNames(tx, organization.id, keysOf(command.items))
  const resolved = resolveOrder(command.items, hits)
  const refused = async (why: ResolvedOrder) => ({
    answer: notPlacedAnswer(await speakerOf(tx, chat), why),
    orderId: null,
  })
  if (resolved.problems.length > 0) return refused(resolved)
  const placed = await placeOrder(
    tx,
    {
      orgId: organization.id,
      userId,
      customerId,
      channel: 'whatsapp',
      lines: resolved.lines,
      source: { conversationId, waMessageId },
      actor: { type: 'customer', id: customerId },
    },
    chat.newId,
    now,
  )
  if (placed.ok) {
    const speaker = { customer: chat.customerName, locale: organization.locale }
    return { answer: thanksAnswer(speaker, placed.order), orderId: placed.order.id }
  }
  // Another customer was faster between our look and our grip.
  if (placed.code === 'insufficient-stock') return refused(shortOf(resolved, placed.short))
  return { answer: null, orderId: null }
}

function shortOf(resolved: ResolvedOrder, short: readonly ShortLine[]): ResolvedOrder {
  const problems = short.flatMap(({ variantId, wanted, available }): ItemProblem[] => {
    const line = resolved.lines.find(({ variant }) => variant.variantId === variantId)
    return line === undefined ? [] : [{ kind: 'short', variant: line.variant, wanted, available }]
  })
  const gone = new Set(short.map(({ variantId }) => variantId))
  return { lines: resolved.lines.filter(({ variant }) => !gone.has(variant.variantId)), problems }
}
