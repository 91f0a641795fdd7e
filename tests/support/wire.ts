// A shop as its customers meet it: a node with connected accounts and the demo catalogue, customers on the simulated WhatsApp, and a player that carries
// out what a situation says, step by step, and looks at what came back to the customer's phone and at what the database holds.

import type { Test } from 'tap'
import { makeApi } from '../../scripts/demo/api.ts'
import { fillShelves } from '../../scripts/demo/shop.ts'
import type { Customer, InboxMessage, Simulator } from '../../simulator/index.ts'
import type { Database } from '../../src/persistence/database.ts'
import { DEFAULT_POLICY, type PolicyOverride } from '../../src/policy.ts'
import { type Installation, installation, QUICK, type TestNode } from './node.ts'
import { until } from './until.ts'
import { type Act, carryOut } from './wire-acts.ts'

/** Everything as it comes out of the box but for the pace, and for the guard: customers here answer within milliseconds. */
export const ON_THE_WIRE: PolicyOverride = {
  bot: { ...DEFAULT_POLICY.bot, guard: QUICK.bot?.guard ?? DEFAULT_POLICY.bot.guard },
}

export const ERIN = '+15550100000'
export const SAM = '+15550100001'

export interface WireShop {
  readonly installation: Installation
  readonly simulator: Simulator
  readonly db: Database
  readonly node: TestNode
  readonly token: string
  readonly accounts: Readonly<Record<string, { readonly userId: string; readonly token: string }>>
}

/** What the shop holds of a customer with one account. */
export interface Chat {
  /** Status of each order, oldest first. */
  readonly orders: readonly string[]
  readonly lines: readonly string[]
  readonly attention: readonly string[]
  /** Why the bot is silent now; null when it is not. */
  readonly paused: string | null
  /** Messages of the customer that are kept. */
  readonly kept: number
  readonly question: string | null
  readonly optedOut: boolean
  /** Their latest order is to be cancelled, says the customer. */
  readonly cancelRequested: boolean
  readonly lost: readonly string[]
}

export interface Step extends Act {
  /** What comes to the customer's phone, in this order and nothing else; left out: nothing. */
  readonly hears?: RegExp | readonly RegExp[]
  /** What the database holds of the chat afterwards. */
  readonly shows?: Partial<Chat>
  /** A query about the message of that name, or about the customer's number (`phone`), and its rows. */
  readonly holds?: { readonly of: string; readonly sql: string; readonly rows: readonly object[] }
}

export interface Situation {
  readonly title: string
  /** The account that is written to; Erin's when left out. */
  readonly to?: string
  /** The customer's number; one of their own when left out. */
  readonly number?: string
  /** Under which number they are a contact; null: they are none. Their own when left out. */
  readonly contact?: string | null
  readonly addressing?: 'lid' | 'pn'
  readonly withAlternative?: boolean
  readonly steps: readonly Step[]
}

/** A customer in the middle of their situation. */
export interface Guest {
  readonly shop: WireShop
  readonly customer: Customer
  readonly account: string
  /** Their number as a contact. */
  readonly phone: string
  /** WhatsApp ids by the names the steps gave them. */
  readonly ids: Map<string, string>
}

/**
 * Starts a node with two connected accounts. Everything is closed with the test.
 * @param goods what is sold; the demo catalogue when left out
 */
export async function openWireShop(t: Test, goods?: readonly object[]): Promise<WireShop> {
  const opened = await installation(t)
  const node = await opened.start({}, ON_THE_WIRE)
  const erin = await node.signUp('erin@example.com')
  const sam = await node.signUp('sam@example.com', 'employee')
  await node.pair(erin.token, ERIN)
  if (goods === undefined) await fillShelves(makeApi(() => node.url, erin.token))
  for (const body of goods ?? []) await node.call('POST', '/api/products', { token: erin.token, body })
  await node.pair(sam.token, SAM)
  const { simulator, database } = opened
  return {
    installation: opened,
    simulator,
    db: database.db,
    node,
    token: erin.token,
    accounts: { [ERIN]: erin, [SAM]: sam },
  }
}

let numbers = 0

/** Plays a situation to its end; what is not as it says is a failed assertion of this test. */
export async function play(t: Test, shop: WireShop, situation: Situation): Promise<void> {
  numbers += 1
  const { to: account = ERIN, number = `+1555012${String(numbers).padStart(4, '0')}` } = situation
  const phone = situation.contact ?? number
  const { addressing = numbers % 2 === 0 ? 'lid' : 'pn', withAlternative = true } = situation
  const customer = shop.simulator.customer(number, { addressing, withAlternative, pushName: `Guest ${numbers}` })
  if (situation.contact !== null) await addContact(shop, account, phone, `Guest ${numbers}`)
  const guest: Guest = { shop, customer, account, phone, ids: new Map() }
  let heard = 0
  for (const [index, step] of situation.steps.entries()) {
    const what = `step ${index + 1}${step.text === undefined ? '' : `, ${step.text}`}`
    const sent = await carryOut(guest, step)
    const wanted = step.hears === undefined ? [] : [step.hears].flat()
    for (const test of wanted) {
      const { text, id } = await next(shop, customer, heard, what)
      heard += 1
      if (step.as !== undefined) guest.ids.set(`answer to ${step.as}`, id)
      t.match(text, test, what)
    }
    const last = index === situation.steps.length - 1
    if (wanted.length === 0 || last || step.shows !== undefined || step.holds !== undefined)
      await settled(shop, sent, step.group === undefined ? 'client-receipt' : 'client-ack')
    t.same(
      customer.inbox.slice(heard).map(({ text }) => text),
      [],
      `${what}: nothing else`,
    )
    if (step.shows !== undefined) {
      const chat = await chatOf(shop.db, shop.accounts[account]?.userId ?? '', phone)
      const shown = Object.fromEntries(Object.entries(chat).filter(([name]) => name in (step.shows ?? {})))
      t.same(shown, step.shows, `${what}: what the shop holds`)
    }
    if (step.holds !== undefined) {
      const { of, sql, rows } = step.holds
      t.same(await shop.db.rows(sql, [guest.ids.get(of) ?? phone]), rows, `${what}: what the shop holds of ${of}`)
    }
  }
  t.same(
    customer.inbox.filter(({ count }) => count !== 1),
    [],
    'everything came once',
  )
}

export async function addContact(shop: WireShop, account: string, phone: string, name: string): Promise<string> {
  const { token } = shop.accounts[account] ?? shop
  const body = { phoneNumber: phone, name }
  const answer = await shop.node.call('POST', '/api/whatsapp/contact/add', { token, body })
  if (answer.status > 201) throw new Error(`contact: ${JSON.stringify(answer.body)}`)
  return answer.body.contact.id
}

function next(
  { simulator }: WireShop,
  customer: Customer,
  index: number,
  what: string,
): Promise<Readonly<InboxMessage>> {
  return simulator.waitFor(() => customer.inbox[index], { what: `an answer to ${what}`, timeoutMs: 10_000 })
}

/**
 * Waits until what was sent is journaled and everything that was journaled until then is worked on, and until what was to be sent then has arrived.
 * @param ids of messages to an account
 * @param by a message in a group is acknowledged, and no receipt says that it arrived
 */
export async function settled(
  { simulator, db }: WireShop,
  ids: readonly string[],
  by: 'client-receipt' | 'client-ack' = 'client-receipt',
): Promise<void> {
  for (const id of ids) {
    const seen = () => simulator.log.some((entry) => entry.kind === by && entry.id === id)
    await simulator.waitFor(seen, { what: `the receipt of ${id}`, timeoutMs: 10_000 })
  }
  const [inbox] = await db.rows<{ id: string | null }>('select max(id) as id from inbox')
  await until('what was journaled is worked on', async () => {
    const rows = await db.rows(`select from inbox where state = 'new' and id <= ? limit 1`, [inbox?.id ?? 0])
    return rows.length === 0
  })
  const [outbox] = await db.rows<{ seq: string | null }>('select max(seq) as seq from outbox')
  await until('what is to be sent has arrived', async () => {
    const waits = `select from outbox where state in ('queued', 'sending', 'sent') and next_at <= now() and seq <= ? limit 1`
    return (await db.rows(waits, [outbox?.seq ?? 0])).length === 0
  })
}

/** @param phone of the contact */
export async function chatOf(db: Database, userId: string, phone: string): Promise<Chat> {
  const [row] = await db.rows<{ chat: Chat }>(
    `select json_build_object(
       'orders', array(select o.status from orders o where o.customer_id = c.customer_id order by o.number),
       'lines', array(select l.quantity || ' × ' || concat_ws(' ', l.product_name, nullif(l.variant_name, ''))
         from order_lines l join orders o on o.id = l.order_id where o.customer_id = c.customer_id order by o.number, l.position),
       'attention', coalesce(v.attention, '{}'),
       'paused', case when v.bot_paused_until > now() then v.bot_pause_reason end,
       'kept', (select count(*) from messages m where m.conversation_id = v.id and m.author = 'customer'),
       'question', (select p.kind from bot_prompts p where p.conversation_id = v.id),
       'optedOut', u.opted_out_at is not null,
       'cancelRequested', exists (select from orders o where o.customer_id = c.customer_id and o.cancel_requested_at is not null),
       'lost', array(select s.reason || ' ' || s.quantity from lost_sales s where s.customer_id = c.customer_id order by s.id)
     ) as chat
     from customer_identities c join customers u on u.id = c.customer_id
     left join conversations v on v.customer_id = c.customer_id and v.user_id = ?
     where c.kind = 'phone' and c.value = ?`,
    [userId, phone],
  )
  if (row === undefined) throw new Error(`${phone} is no customer`)
  return row.chat
}
