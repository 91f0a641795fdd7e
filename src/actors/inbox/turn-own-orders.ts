// Turns about orders that are there: where they are, and undoing one. What undoing comes to depends on how far the order is
// (domain/order/customer-cancel.ts); it is done in the transaction of the message.
import type { Question } from '../../domain/bot/question.ts'
import type { OrderId } from '../../domain/ids.ts'
import { customerCancel } from '../../domain/order/customer-cancel.ts'
import { never } from '../../domain/result.ts'
import { cancelByCustomer } from '../../persistence/customer-orders.ts'
import {
  CANCEL_ORDERS,
  cancellable,
  cancelText,
  type OwnOrder,
  ownOrders,
  STATUS_ORDERS,
  undoneText,
} from './own-orders.ts'
import { answer, type Talk, type Turn } from './turn.ts'

export async function statusTurn(talk: Talk, number: number | null): Promise<Turn> {
  const orders = await own(talk, number, STATUS_ORDERS + 1)
  if (orders.length === 0)
    return answer(number === null ? (await talk.sayWithExample()).noOrders() : talk.say.noSuchOrder(number))
  const shown = orders.slice(0, STATUS_ORDERS)
  const text = talk.say.status(shown, orders.length > STATUS_ORDERS)
  return shown.length < 2
    ? answer(text)
    : { text, ask: { type: 'details', numbers: shown.map((order) => order.number) } }
}

export async function cancelTurn(talk: Talk, number: number | null): Promise<Turn> {
  const { asked, say } = talk
  // What was just asked about is meant before an order of yesterday.
  if (number === null && asked?.question.type === 'order') return { text: say.dropped(), closes: true }
  const orders = await own(talk, number, CANCEL_ORDERS)
  if (number !== null) {
    const [order] = orders
    return order === undefined ? answer(say.noSuchOrder(number)) : cancelOne(talk, order)
  }
  const choices = cancellable(orders)
  const [only] = choices
  if (only === undefined) return answer(say.nothingToCancel())
  if (choices.length === 1) return cancelOne(talk, only)
  return {
    text: say.cancelWhich(choices),
    ask: { type: 'cancel-which', orders: choices.map(({ id, number: its }) => ({ id, number: its })) },
  }
}

/** One of a list was chosen to be undone. */
export async function cancelChosenTurn(talk: Talk, number: number | undefined): Promise<Turn> {
  const [order] = number === undefined ? [] : await own(talk, number, 1)
  return { ...(order === undefined ? answer(talk.say.nothingToCancel()) : cancelOne(talk, order)), closes: true }
}

function cancelOne(talk: Talk, order: OwnOrder): Turn {
  const text = cancelText(talk.say, order)
  const wish = customerCancel(order.status)
  switch (wish) {
    case 'drop':
    case 'cancel':
      return { text, ask: { type: 'cancel', orderId: order.id, number: order.number } }
    case 'request':
      return { ...undo(talk, order.id, order.number), attention: ['cancel-requested'] }
    case 'too-late':
    case 'closed':
      return answer(text)
    default:
      return never(wish)
  }
}

/** YES to undoing it. */
export function cancelConfirmedTurn(talk: Talk, question: Extract<Question, { type: 'cancel' }>): Turn {
  return { ...undo(talk, question.orderId, question.number), closes: true }
}

/** What comes of it is known when it is done: the order may be further than it was. */
function undo(talk: Talk, orderId: OrderId, number: number): Turn {
  const { say, orders, customerId, now } = talk
  return {
    text: say.cancelAsked(number),
    lasting: true,
    act: async (tx) => {
      const done = await cancelByCustomer(tx, orders, { orderId, customerId, at: now })
      if (!done.ok) return say.nothingToCancel()
      return undoneText(say, done.value.outcome, number)
    },
  }
}

/** NO: the order stays as it is, and is shown. */
export async function keptTurn(talk: Talk, number: number): Promise<Turn> {
  const [order] = await own(talk, number, 1)
  return { text: order === undefined ? talk.say.nothingToCancel() : talk.say.status([order], false), closes: true }
}

const own = ({ db, organization, customerId }: Talk, number: number | null, limit: number) =>
  ownOrders(db, { orgId: organization.id, customerId }, number, limit)
