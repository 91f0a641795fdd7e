// What the bot would say to an answer, without doing anything: the question it answers, as far as it is known, and the turn the live bot would take,
// of which only the words are used. Of a question of which only the kind is known, the first products of the catalogue are what it asks about.
import type { Intent, OpenPrompt } from '../../domain/bot/interpret.ts'
import type { LanguageCode } from '../../domain/bot/languages/index.ts'
import { openPrompt, payloadFrom, type Question } from '../../domain/bot/question.ts'
import type { Voice } from '../../domain/bot/say.ts'
import { NEW_STATE } from '../../domain/bot/state.ts'
import { basketOf } from '../../domain/bot/weigh.ts'
import type { CatalogueHit } from '../../domain/catalogue/variant.ts'
import { asId, type CustomerId, type UserId } from '../../domain/ids.ts'
import { customerCancel } from '../../domain/order/customer-cancel.ts'
import { orderLabel } from '../../domain/order/order.ts'
import { never } from '../../domain/result.ts'
import { catalogPage, findActiveVariants } from '../../persistence/catalogue-search.ts'
import type { Database } from '../../persistence/database.ts'
import type { OrderDeps } from '../../persistence/order-changes.ts'
import { latestOrders } from '../../persistence/order-views.ts'
import type { BotPolicy, OrderPolicy } from '../../policy.ts'
import { undoneText } from './own-orders.ts'
import type { Talk } from './turn.ts'
import { decideTurn } from './turn-decide.ts'

export interface PreviewDeps extends Omit<OrderDeps, 'policy'> {
  readonly db: Database
  readonly policy: { readonly bot: BotPolicy; readonly orders: OrderPolicy }
  readonly now: () => Date
}

/** A product a question is about, and how many. */
export interface About {
  readonly sku: string
  readonly quantity: number | null
}

/** The question to be answered, as it was described. */
export interface Described {
  readonly prompt: OpenPrompt
  readonly about: readonly About[] | null
}

/** How many products stand for those of a question of which nothing more is known. */
const SAMPLES = 50

/** The question that is open in the customer's chat with this account; null when none is. */
export async function openQuestion(
  db: Database,
  userId: UserId,
  customerId: CustomerId,
  now: Date,
): Promise<Question | null> {
  const [row] = await db.rows<{ payload: unknown }>(
    `select p.payload from conversations v join bot_prompts p on p.conversation_id = v.id
     where v.user_id = ? and v.customer_id = ? and p.expires_at > ?`,
    [userId, customerId, now],
  )
  return payloadFrom(row?.payload)?.question ?? null
}

/** Null: the shop has nothing to ask about. */
export async function describedQuestion({ db, organization }: PreviewDeps, it: Described): Promise<Question | null> {
  const { prompt, about } = it
  const options = prompt.type === 'choice' || prompt.type === 'page' ? (prompt.options ?? SAMPLES) : 1
  const hits =
    about === null
      ? (await catalogPage(db, organization.id, { offset: 0, limit: options })).items
      : await bySku(db, organization.id, about)
  const [first] = hits
  if (first === undefined) return null
  const quantityOf = (hit: CatalogueHit) => about?.find(({ sku }) => sku === hit.sku)?.quantity ?? null
  const variants = hits.map(({ variantId }) => variantId)
  switch (prompt.type) {
    case 'confirm': {
      const lines = hits.map((variant) => ({ variant, quantity: quantityOf(variant) ?? 1 }))
      const { totalMinor, currency } = basketOf(lines)
      const asked = lines.map(({ variant, quantity }) => ({ variantId: variant.variantId, quantity }))
      return { type: 'order', lines: asked, totalMinor, currency }
    }
    case 'choice':
      return { type: 'which', choices: variants, quantity: quantityOf(first) }
    case 'qty':
      return { type: 'how-many', variantId: first.variantId }
    case 'page':
      return { type: 'page', page: 1, first: 1, variants, category: null }
    default:
      return never(prompt)
  }
}

async function bySku(db: Database, orgId: Talk['organization']['id'], about: readonly About[]) {
  const skus = about.map(({ sku }) => sku)
  const rows = await db.rows<{ id: CatalogueHit['variantId']; sku: string }>(
    'select id, sku from variants where org_id = ? and sku = any(?::text[])',
    [orgId, skus],
  )
  const hits = await findActiveVariants(
    db,
    orgId,
    rows.map(({ id }) => id),
  )
  return skus.flatMap((sku) => hits.find((hit) => hit.sku === sku) ?? [])
}

export interface Answering {
  readonly userId: UserId
  readonly customerId: CustomerId | null
  readonly language: LanguageCode
  readonly say: Voice
  readonly question: Question
  /** The number an order would get now. */
  readonly nextNumber: number
}

/** The words of the answer to an answer; null when the question has no such answer. */
export async function answerTo(deps: PreviewDeps, meant: Intent, it: Answering): Promise<string | null> {
  const { question, say } = it
  const talk = talkOf(deps, it)
  if (question.type === 'cancel' && meant.intent === 'confirm') return undone(talk, question.number)
  if (meant.intent === 'select' && meant.index > (optionsOf(question) ?? 0)) return say.unknown()
  const { text, order } = await decideTurn(talk, meant, [], deps.sealer.mac)
  return order === undefined ? text : (text?.replaceAll(order.orderId, orderLabel(it.nextNumber)) ?? null)
}

function optionsOf(question: Question): number | undefined {
  const prompt = openPrompt(question)
  return prompt.type === 'choice' || prompt.type === 'page' ? prompt.options : undefined
}

/** What undoing would come to, by how far the order is. */
async function undone({ db, organization, customerId, say }: Talk, number: number): Promise<string> {
  const [order] = await latestOrders(db, { orgId: organization.id, customerId, limit: 1, number })
  return undoneText(say, order === undefined ? 'closed' : customerCancel(order.status), number)
}

function talkOf(deps: PreviewDeps, { userId, customerId, language, say, question }: Answering): Talk {
  const { db, organization, policy, newId } = deps
  const now = deps.now()
  return {
    ...{ db, organization, userId, language, say, newId, now, at: now },
    policy: policy.bot,
    orders: { ...deps, policy: policy.orders },
    // Of a stranger nothing is asked that anybody else could answer.
    customerId: customerId ?? asId<CustomerId>(newId()),
    ...{ conversationId: null, waMessageId: '', late: false, hash: '', accountPhone: null, ordered: false },
    ...{ optedOut: false, state: NEW_STATE },
    asked: { waMessageId: '', until: now.getTime(), question },
    sayWithExample: async () => say,
  }
}
