// The checker: from the history of one trial to what was lost, doubled or unreadable. What each column means is in usage.ts. Pure.

import { type Intent, interpret } from '../../src/domain/bot/interpret.ts'
import { namesOf } from '../../src/domain/bot/names.ts'
import { asId } from '../../src/domain/ids.ts'
import { keyOfQuestion, keyOfReply, orderKey, REFUSED } from '../crash/replies.ts'
import type { Product } from './cast.ts'
import type { Accepted, Counts, History, Order } from './history.ts'

export interface Verdict {
  readonly counts: Counts
  /** A sentence for each thing that is wrong. */
  readonly findings: readonly string[]
}

interface Shop {
  readonly plenty: readonly Product[]
  /** Ordered one at a time. */
  readonly scarce: Product
}

/** What a message is to the shop. `scarce`: placed while there is stock, else refused. */
type Wish = 'order' | 'scarce' | 'question'

export function check(history: History, shop: Shop): Verdict {
  const findings: string[] = []
  const read = reader(shop)
  const wishes = new Map(history.accepted.map((message) => [message.id, wishOf(read(message.text), shop)]))
  const lost = history.accepted.filter(({ account, id }) => {
    const key = `${account}/${id}`
    const missing = !history.stored.has(key)
    if (missing) findings.push(`message ${id} of ${account} was lost`)
    if (history.receiptsTooEarly.has(key))
      findings.push(`message ${id} of ${account} was confirmed before it was stored`)
    return missing || history.receiptsTooEarly.has(key)
  }).length
  const orders = checkOrders(history, shop, wishes, findings)
  const replies = checkReplies(history, read, wishes, findings)
  for (const id of history.unreadable) findings.push(`message ${id} was unreadable to somebody`)
  return {
    counts: {
      messages: history.accepted.length,
      lost,
      ...orders,
      ...replies,
      resends: history.received.reduce((sum, { count }) => sum + count - 1, 0),
      undecryptable: history.unreadable.size,
    },
    findings,
  }
}

/** What a text means in this shop. */
type Read = (text: string) => Intent

function reader({ plenty, scarce }: Shop): Read {
  const names = namesOf(
    [...plenty, scarce].map(({ name }) => ({
      variantId: asId(name),
      productId: asId(name),
      sku: '',
      productName: name,
      variantName: '',
      aliases: [],
    })),
  )
  return (text) => interpret(text, { names, prompt: null })
}

function wishOf(meant: Intent, { scarce }: Shop): Wish {
  if (meant.intent !== 'order' || meant.outcome !== 'place') return 'question'
  return meant.items.length === 1 && meant.items[0]?.variant?.productName === scarce.name ? 'scarce' : 'order'
}

function checkOrders(history: History, shop: Shop, wishes: ReadonlyMap<string, Wish>, findings: string[]) {
  const bySource = groups(history.orders, (order) => order.sourceId ?? '')
  const wanted = history.accepted.filter(({ id }) => wishes.get(id) === 'order')
  const missing = wanted.filter(({ id }) => !bySource.has(id))
  for (const { id } of missing) findings.push(`the order of message ${id} was lost`)

  const asked = history.accepted.filter(({ id }) => wishes.get(id) === 'scarce').length
  const sold = history.orders.filter(({ sourceId }) => wishes.get(sourceId ?? '') === 'scarce').length
  const possible = Math.min(asked, shop.scarce.stock)
  if (sold < possible) findings.push(`${sold} of ${possible} units of the scarce product were sold`)
  if (sold > possible) findings.push(`${sold} units of the scarce product were sold, and there were ${possible}`)

  let doubled = Math.max(0, sold - possible)
  for (const [source, orders] of bySource) {
    const extra = orders.length - (wishes.get(source) === undefined ? 0 : 1)
    if (extra > 0) findings.push(`message ${source || '(none)'} has ${orders.length} orders`)
    doubled += extra
  }
  doubled += stockFaults(history, shop, findings)
  return {
    ordersExpected: wanted.length + possible,
    ordersLost: missing.length + Math.max(0, possible - sold),
    ordersDuplicated: doubled,
  }
}

/** Products whose reservations are not those of the orders: something was taken twice, or by nobody. */
function stockFaults({ orders, levels }: History, { plenty, scarce }: Shop, findings: string[]): number {
  const wrong = [...plenty, scarce].filter(({ name, stock }) => {
    const ordered = orders.flatMap(({ lines }) => lines.filter(({ product }) => product === name))
    const taken = ordered.reduce((sum, { quantity }) => sum + quantity, 0)
    const level = levels.find(({ product }) => product === name)
    return level?.reserved !== taken || level.onHand !== stock
  })
  for (const { name } of wrong) findings.push(`the stock of ${name} is not what its orders took`)
  return wrong.length
}

function checkReplies(history: History, read: Read, wishes: ReadonlyMap<string, Wish>, findings: string[]) {
  const expected = new Map<string, number>()
  const optional = new Set<string>()
  const chat = (one: { account: string; customer: string }, key: string) => `${one.account}/${one.customer}: ${key}`
  const expect = (key: string) => expected.set(key, (expected.get(key) ?? 0) + 1)
  const placed = new Map(history.orders.map((order) => [order.sourceId, order]))
  for (const message of history.accepted) expect(chat(message, keyOf(message, read, placed, wishes)))
  for (const note of history.staff) {
    const key = chat(note, keyOfReply(note.text))
    // The API never said yes: it may have been sent, and need not.
    if (note.accepted) expect(key)
    else optional.add(key)
  }
  const got = new Map<string, number>()
  for (const one of history.received) {
    const key = chat(one, keyOfReply(one.text))
    got.set(key, (got.get(key) ?? 0) + 1)
  }
  let [repliesLost, repliesDuplicated] = [0, 0]
  for (const key of new Set([...expected.keys(), ...got.keys()])) {
    const came = got.get(key) ?? 0
    const wanted = expected.get(key) ?? (optional.has(key) ? Math.min(came, 1) : 0)
    if (came === wanted) continue
    findings.push(`${key}: ${came} answers instead of ${wanted}`)
    repliesLost += Math.max(0, wanted - came)
    repliesDuplicated += Math.max(0, came - wanted)
  }
  return { repliesLost, repliesDuplicated }
}

function keyOf(
  message: Accepted,
  read: Read,
  placed: ReadonlyMap<string | null, Order>,
  wishes: ReadonlyMap<string, Wish>,
): string {
  const order = placed.get(message.id)
  if (order !== undefined) return orderKey(order.label)
  if (wishes.get(message.id) === 'scarce') return REFUSED
  return keyOfQuestion(message.text, read(message.text).intent) ?? `the order of ${message.id}`
}

function groups<T>(all: readonly T[], by: (one: T) => string): Map<string, T[]> {
  const found = new Map<string, T[]>()
  for (const one of all) found.set(by(one), [...(found.get(by(one)) ?? []), one])
  return found
}
