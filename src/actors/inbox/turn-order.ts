// Turns about buying: an order that was understood, and the answers to what the bot asked about one. Prices and stock are read now, whatever was shown
// before; when something else is true now than what was shown, the customer is asked again.
import type { Intent } from '../../domain/bot/interpret.ts'
import { MAX_ITEMS } from '../../domain/bot/items.ts'
import type { AskedLine, Question } from '../../domain/bot/question.ts'
import {
  basketOf,
  offerOf,
  sayVerdict,
  type Verdict,
  variantsOf,
  type WeighedLine,
  weigh,
} from '../../domain/bot/weigh.ts'
import type { CatalogueHit } from '../../domain/catalogue/variant.ts'
import type { VariantId } from '../../domain/ids.ts'
import { orderLabel } from '../../domain/order/order.ts'
import { never } from '../../domain/result.ts'
import { alikeInStock, findActiveVariants } from '../../persistence/catalogue-search.ts'
import { createDraft } from '../../persistence/draft-orders.ts'
import { type Loss, recordLostSales } from '../../persistence/lost-sales.ts'
import { draftOrder } from '../../persistence/order-statement.ts'
import { answer, clock, opensAt, SILENT, type Talk, type Turn } from './turn.ts'

/** Products offered in place of one that is sold out. */
const INSTEAD = 3

type OrderIntent = Extract<Intent, { intent: 'order' }>

/** @param hits what is known of the variants it may mean; those that are missing are read */
export async function orderTurn(talk: Talk, order: OrderIntent, hits: readonly CatalogueHit[]): Promise<Turn> {
  if (talk.ordered) return SILENT
  const known = await withMissing(talk, hits, variantsOf(order.items))
  const verdict = weigh(order, known)
  const losses = lossesOf(order, known)
  const turn = await turnOf(talk, verdict, losses)
  return losses.length === 0 || turn.order !== undefined ? turn : withLosses(talk, turn, losses)
}

async function turnOf(talk: Talk, verdict: Verdict, losses: readonly Loss[]): Promise<Turn> {
  const { say } = talk
  const said = (voice = say): Turn => answer(sayVerdict(voice, verdict, { label: '', number: '' }))
  switch (verdict.kind) {
    case 'usage':
      return said(await talk.sayWithExample())
    case 'too-many':
      return { text: say.tooMany(MAX_ITEMS), attention: ['over-limit'] }
    case 'place':
      return talk.late ? stillWanted(talk, verdict.lines) : buy(talk, verdict.lines, true)
    case 'confirm':
      return talk.late ? stillWanted(talk, verdict.lines) : asking(say.confirm(basketOf(verdict.lines)), verdict.lines)
    case 'review':
      return review(talk, verdict.lines)
    case 'which':
      return { ...said(), ask: { type: 'which', choices: idsOf(verdict.choices), quantity: verdict.quantity } }
    case 'how-many':
      return { ...said(), ask: { type: 'how-many', variantId: verdict.variant.variantId } }
    case 'only-left':
      return asking(sayVerdict(say, verdict, { label: '', number: '' }), [
        { variant: verdict.variant, quantity: verdict.left },
      ])
    case 'troubles': {
      if (verdict.fine.length > 0) return asking(sayVerdict(say, verdict, { label: '', number: '' }), verdict.fine)
      const [loss] = losses
      const [trouble] = verdict.troubles
      if (verdict.of === 1 && trouble?.kind === 'sold-out' && loss?.reason === 'out_of_stock')
        return soldOut(talk, trouble.name, loss.variantId)
      return said()
    }
    default:
      return never(verdict)
  }
}

/** YES to an order that was shown. */
export async function confirmedTurn(talk: Talk, question: Extract<Question, { type: 'order' }>): Promise<Turn> {
  const known = await withMissing(
    talk,
    [],
    question.lines.map(({ variantId }) => variantId),
  )
  const lines = question.lines.flatMap((line) => lineOf(line, known))
  const { say } = talk
  if (lines.length < question.lines.length)
    return { text: say.troubles(await goneOf(talk, question.lines, known), null, question.lines.length), closes: true }
  const short = lines.filter(({ variant, quantity }) => variant.trackStock && variant.available < quantity)
  if (short.length > 0) {
    const losses = short.map(({ variant, quantity }) => lossOf(variant, quantity))
    return { ...(await withLosses(talk, lessOf(talk, lines, short), losses)), closes: true }
  }
  const basket = basketOf(lines)
  if (basket.totalMinor !== question.totalMinor || basket.currency !== question.currency)
    return { ...asking(say.changed(basket), lines), closes: true }
  if (lines.some(({ variant, quantity }) => quantity > variant.maxPerOrder))
    return { ...review(talk, lines), closes: true }
  if (talk.late) return { ...stillWanted(talk, lines), closes: true }
  return { ...(await buy(talk, lines, false)), closes: true }
}

/** There is less than was asked about: what there is, if anything. */
function lessOf(talk: Talk, lines: readonly WeighedLine[], short: readonly WeighedLine[]): Turn {
  const { say } = talk
  const [only] = short
  if (lines.length === 1 && only !== undefined && only.variant.available > 0) {
    const left = only.variant.available
    return asking(say.onlyLeft(only.variant.fullName, left), [{ variant: only.variant, quantity: left }])
  }
  const fine = lines.filter((line) => !short.includes(line))
  const troubles = short.map(({ variant }) =>
    variant.available > 0
      ? ({ kind: 'only-left', name: variant.fullName, left: variant.available } as const)
      : ({ kind: 'sold-out', name: variant.fullName } as const),
  )
  const text = say.troubles(troubles, fine.length === 0 ? null : basketOf(fine), lines.length)
  return fine.length === 0 ? answer(text) : asking(text, fine)
}

async function goneOf(talk: Talk, lines: readonly AskedLine[], known: readonly CatalogueHit[]) {
  const missing = lines.filter(({ variantId }) => !known.some((hit) => hit.variantId === variantId))
  const names = await talk.db.rows<{ name: string }>(
    'select p.name from variants v join products p on p.id = v.product_id where v.id = any(?::uuid[])',
    [missing.map(({ variantId }) => variantId)],
  )
  return names.map(({ name }) => ({ kind: 'gone', name }) as const)
}

/** One of a list was chosen. @param quantity null: not said yet */
export async function chosenTurn(talk: Talk, variantId: VariantId | undefined, quantity: number | null): Promise<Turn> {
  const [variant] = variantId === undefined ? [] : await withMissing(talk, [], [variantId])
  if (variant === undefined) return { text: talk.say.expired(), closes: true }
  if (variant.trackStock && variant.available <= 0)
    return { ...(await soldOut(talk, variant.fullName, variant.variantId)), closes: true }
  if (quantity === null) {
    const text = talk.say.card(offerOf(variant), variant.maxPerOrder)
    return { text, ask: { type: 'how-many', variantId: variant.variantId }, closes: true }
  }
  return { ...(await countedTurn(talk, variant.variantId, quantity)), closes: true }
}

/** How many of it was said. */
export async function countedTurn(talk: Talk, variantId: VariantId, quantity: number | null): Promise<Turn> {
  const { say } = talk
  const [variant] = await withMissing(talk, [], [variantId])
  if (variant === undefined) return { text: say.expired(), closes: true }
  // The question stays: they may try again.
  if (quantity === null) return answer(say.howMany(variant.fullName, variant.maxPerOrder))
  const line = { variant, quantity }
  if (variant.trackStock && variant.available < quantity) {
    const turn = variant.available > 0 ? lessOf(talk, [line], [line]) : await soldOut(talk, variant.fullName, variantId)
    return { ...(await withLosses(talk, turn, [lossOf(variant, quantity)])), closes: true }
  }
  if (quantity > variant.maxPerOrder) return { ...review(talk, [line]), closes: true }
  return { ...asking(say.confirm(basketOf([line])), [line]), closes: true }
}

/** @param asks whether the same order as a moment ago is asked about first */
async function buy(talk: Talk, lines: readonly WeighedLine[], asks: boolean): Promise<Turn> {
  const { organization, say } = talk
  const above = organization.settings.bot.confirmAboveMinor
  const basket = basketOf(lines)
  if (above !== null && basket.totalMinor > above) return review(talk, lines)
  if (asks) {
    const before = await sameOrder(talk)
    if (before !== null) return asking(say.sameAgain(basket, orderLabel(before)), lines)
  }
  const order = draftOrder(placing(talk, lines), talk.newId(), talk.newId, talk.now)
  return { text: say.thanks(basket, order.orderId, order.orderId, opensAt(talk)), order }
}

/** The number of the order that the same words placed a moment ago, while it is pending. */
async function sameOrder({ db, state, hash, now, policy }: Talk): Promise<number | null> {
  const { order } = state
  if (order === null || order.hash !== hash || now.getTime() - order.at >= policy.sameOrderMs) return null
  const [row] = await db.rows<{ number: number }>(`select number from orders where id = ? and status = 'pending'`, [
    order.id,
  ])
  return row?.number ?? null
}

function placing(talk: Talk, lines: readonly WeighedLine[]) {
  const { organization, userId, customerId, waMessageId } = talk
  return {
    orgId: organization.id,
    userId,
    customerId,
    channel: 'whatsapp',
    lines,
    source: { conversationId: null, waMessageId },
    actor: { type: 'customer', id: customerId },
  } as const
}

/** Larger than the bot may place: a draft that a colleague looks at. Nothing is reserved. */
function review(talk: Talk, lines: readonly WeighedLine[]): Turn {
  const { say, conversationId, waMessageId, now, policy, newId } = talk
  return {
    text: say.review(),
    attention: ['over-limit'],
    lasting: true,
    act: async (tx) => {
      const input = { ...placing(talk, lines), source: { conversationId, waMessageId } }
      await createDraft(tx, input, newId, now, policy.reviewMs)
      return say.review()
    },
  }
}

function stillWanted(talk: Talk, lines: readonly WeighedLine[]): Turn {
  const { timezone } = talk.organization
  const sameDay = clock(timezone, talk.at, true).slice(0, 5) === clock(timezone, talk.now, true).slice(0, 5)
  return asking(talk.say.stillWanted(basketOf(lines), clock(timezone, talk.at, !sameDay)), lines)
}

function asking(text: string, lines: readonly WeighedLine[]): Turn {
  const { totalMinor, currency } = basketOf(lines)
  const asked = lines.map(({ variant, quantity }) => ({ variantId: variant.variantId, quantity }))
  return { text, ask: { type: 'order', lines: asked, totalMinor, currency } }
}

async function soldOut(talk: Talk, name: string, variantId: VariantId): Promise<Turn> {
  const { db, organization, say } = talk
  const others = await alikeInStock(db, organization.id, variantId, INSTEAD)
  if (others.length === 0) return answer(say.troubles([{ kind: 'sold-out', name }], null, 1))
  return {
    text: say.soldOut(name, others.map(offerOf)),
    ask: { type: 'which', choices: idsOf(others), quantity: null },
  }
}

/** What could not be sold is written down with the message. */
function withLosses(talk: Talk, turn: Turn, losses: readonly Loss[]): Turn {
  const { organization, userId, customerId, now, newId } = talk
  return {
    ...turn,
    act: async (tx) => {
      await recordLostSales(tx, { orgId: organization.id, userId, customerId, at: now }, losses, newId)
      return turn.act === undefined ? (turn.text ?? '') : turn.act(tx)
    },
  }
}

function lossesOf({ items }: OrderIntent, hits: readonly CatalogueHit[]): readonly Loss[] {
  return items.flatMap((item): readonly Loss[] => {
    const wanted = item.quantity ?? 1
    if (item.match === 'none') return [{ reason: 'not_found', asked: item.name, wanted }]
    const hit = hits.find(({ variantId }) => variantId === item.variant?.variantId)
    return hit === undefined || !hit.trackStock || hit.available >= wanted ? [] : [lossOf(hit, wanted)]
  })
}

function lossOf({ variantId, available }: CatalogueHit, wanted: number): Loss {
  return { reason: 'out_of_stock', variantId, wanted, available: Math.max(0, available) }
}

function lineOf({ variantId, quantity }: AskedLine, hits: readonly CatalogueHit[]): readonly WeighedLine[] {
  const variant = hits.find((hit) => hit.variantId === variantId)
  return variant === undefined ? [] : [{ variant, quantity }]
}

const idsOf = (hits: readonly CatalogueHit[]) => hits.map(({ variantId }) => variantId)

async function withMissing(
  { db, organization }: Talk,
  hits: readonly CatalogueHit[],
  wanted: readonly VariantId[],
): Promise<readonly CatalogueHit[]> {
  const missing = wanted.filter((id) => !hits.some(({ variantId }) => variantId === id))
  return missing.length === 0 ? hits : [...hits, ...(await findActiveVariants(db, organization.id, missing))]
}
