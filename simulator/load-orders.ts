// The control interface's words for many at once: link accounts, start a load of customers' messages, see how far it is, read many inboxes.
import type { Simulator } from './index.ts'
import { type Load, type LoadMessage, startLoad } from './load.ts'
import { type Body, type Order, Refusal } from './orders.ts'

const MOST_PER_SECOND = 10_000
/** As many as a client uploads at its first login. */
const MOST_PREKEYS = 812

/** The load of a simulator; a later one replaces it when it is over. */
const loads = new WeakMap<Simulator, Load>()

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

const isMessage = (value: unknown): value is LoadMessage => {
  if (typeof value !== 'object' || value === null) return false
  const { from, to, text, id, addressing } = value as Record<string, unknown>
  const known = addressing === undefined || addressing === 'lid' || addressing === 'pn'
  return known && [from, to, text, id].every(isText)
}

const listOf = <T>(body: Body, field: string, fits: (value: unknown) => value is T, what: string): readonly T[] => {
  const value = body[field]
  if (Array.isArray(value) && value.every(fits)) return value
  throw new Refusal(400, `"${field}" must be a list of ${what}.`)
}

const start = (sim: Simulator, body: Body): unknown => {
  const messages = listOf(body, 'messages', isMessage, 'messages: each with "from", "to", "text" and "id"')
  const { perSecond } = body
  if (typeof perSecond !== 'number' || !(perSecond > 0 && perSecond <= MOST_PER_SECOND)) {
    throw new Refusal(400, `"perSecond" must be a number above 0, at most ${MOST_PER_SECOND}.`)
  }
  const running = loads.get(sim)?.state()
  if (running !== undefined && running.accepted.length + running.refused.length < running.asked) {
    throw new Refusal(400, 'A load is running already: wait until GET /load says that it is over.')
  }
  loads.set(sim, startLoad(sim, messages, perSecond))
  return { asked: messages.length }
}

const link = (sim: Simulator, body: Body): unknown => {
  const numbers = listOf(body, 'numbers', isText, 'phone numbers')
  const { preKeys } = body
  if (typeof preKeys !== 'number' || !Number.isInteger(preKeys) || preKeys < 1 || preKeys > MOST_PREKEYS) {
    throw new Refusal(400, `"preKeys" must be a whole number from 1 to ${MOST_PREKEYS}.`)
  }
  return sim.provision(numbers, preKeys)
}

export const LOAD_ORDERS: readonly Order[] = [
  { method: 'POST', path: '/devices', run: (sim, _part, body) => link(sim, body) },
  { method: 'POST', path: '/load', run: (sim, _part, body) => start(sim, body) },
  {
    method: 'GET',
    path: '/load',
    run: (sim) => loads.get(sim)?.state() ?? { asked: 0, accepted: [], refused: [] },
  },
  {
    method: 'POST',
    path: '/inboxes',
    run: (sim, _part, body) => ({
      messages: listOf(body, 'numbers', isText, 'phone numbers').flatMap((customer) =>
        sim.customer(customer).inbox.map(({ id, from, text, count }) => ({ customer, id, from, text, count })),
      ),
    }),
  },
]
