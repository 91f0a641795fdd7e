// What must be known of messages before anything is decided about them, in one look at one or several: who wrote it, which chat it belongs to,
// whether it was here before. Nothing is locked: whoever acts on it writes under conditions that hold then (inbound-statement.ts).

import { type ChatAddress, identitiesOf } from '../domain/identity.ts'
import type { ContactId, ConversationId, CustomerId, OrgId, UserId } from '../domain/ids.ts'
import { phoneVariants } from '../domain/phone.ts'
import type { Queryable } from './database.ts'
import { given, withParts } from './statement.ts'
import { noEarlierThan } from './uuid-time.ts'

export interface Question {
  readonly orgId: OrgId
  readonly userId: UserId
  readonly chat: ChatAddress
  readonly waMessageId: string
  readonly fromMe: boolean
  /** What the bot said since then may be answered by a machine. */
  readonly lately: Date
}

/** A message of a contact. */
export interface Admission {
  readonly customerId: CustomerId
  readonly contactId: ContactId
  /** The contact's name for this user. */
  readonly name: string
  /** Null: nothing was said between them yet. */
  readonly conversationId: ConversationId | null
  /** The message is stored. */
  readonly stored: boolean
  /** The message has placed an order. It may be gone while its order is not. */
  readonly placed: boolean
  /** The other side is an account connected here: bots must not talk to each other. */
  readonly ownAccount: boolean
  /** The LID of the chat is somebody's already; true when it has none. */
  readonly lidKnown: boolean
  /** The customer's: as they chose it, and since when they want no message they did not ask for. */
  readonly language: string | null
  readonly optedOutAt: Date | null
  /** Until then the bot is silent, and a word who made it so. */
  readonly pausedUntil: Date | null
  /** As stored: see domain/bot/state.ts. */
  readonly botState: unknown
  /** When the last thing the bot said lately left us; null when nothing did. */
  readonly answeredAt: Date | null
  /** The question that was asked last, expired or not. */
  readonly prompt: StoredPrompt | null
  /** Of the catalogue's names (persistence/catalogue-names.ts). */
  readonly namesVersion: number
}

export interface StoredPrompt {
  readonly version: number
  /** Of the message it was asked with. */
  readonly waMessageId: string
  readonly expiresAt: Date
  readonly payload: unknown
}

const QUESTIONS = {
  n: 'int',
  org_id: 'uuid',
  user_id: 'uuid',
  kinds: 'text[]',
  names: 'text[]',
  phones: 'text[]',
  lid: 'text',
  wa_id: 'text',
  from_me: 'boolean',
  lately: 'uuid',
} as const

// `limit 1` and `offset 0` keep each look one by the index, however small a table is when the statement is planned.
const SENDER = `select c.customer_id, c.id as contact_id, c.name
  from unnest(q.kinds, q.names) with ordinality as wanted (kind, value, rank)
  join customer_identities i on i.org_id = q.org_id and i.kind = wanted.kind and i.value = wanted.value
  join contacts c on c.customer_id = i.customer_id and c.user_id = q.user_id
  order by wanted.rank limit 1`

const CHAT = `select v.id, v.bot_paused_until, v.bot_state from conversations v
  where v.user_id = q.user_id and v.customer_id = sender.customer_id limit 1`

const ANSWERED = `select (select o.sent_at from outbox o where o.session_id = q.user_id and o.wa_msg_id = m.wa_message_id offset 0)
  from messages m where m.conversation_id = chat.id and m.id > q.lately and m.author = 'bot' order by m.id desc limit 1`

const ADMIT = `select q.n, sender.customer_id as "customerId", sender.contact_id as "contactId", sender.name, chat.id as "conversationId",
  exists (select from messages m where m.user_id = q.user_id and m.conversation_id = chat.id and m.from_me = q.from_me
    and m.wa_message_id = q.wa_id offset 0) as stored,
  exists (select from orders o where o.user_id = q.user_id and o.source_conversation_id = chat.id and o.source_wa_id = q.wa_id offset 0)
    as placed,
  exists (select from session where phone = any(q.phones) offset 0) or exists (select from session where lid = q.lid offset 0)
    as "ownAccount",
  q.lid is null or exists (select from customer_identities where org_id = q.org_id and kind = 'lid' and value = q.lid offset 0)
    as "lidKnown",
  (select cu.language from customers cu where cu.id = sender.customer_id) as language,
  (select cu.opted_out_at from customers cu where cu.id = sender.customer_id) as "optedOutAt",
  chat.bot_paused_until as "pausedUntil", chat.bot_state as "botState", (${ANSWERED}) as "answeredAt",
  prompt.version as "promptVersion", prompt.wa_message_id as "promptWaId", prompt.expires_at as "promptUntil", prompt.payload as "promptPayload",
  coalesce((select version from catalogue_version where org_id = q.org_id), 0)::float8 as "namesVersion"
from q, lateral (${SENDER}) sender left join lateral (${CHAT}) chat on true left join bot_prompts prompt on prompt.conversation_id = chat.id`

/** @returns for each, in their order, what is known; null when the other side is not a contact of this user: of them nothing may be stored */
export async function admit(q: Queryable, questions: readonly Question[]): Promise<readonly (Admission | null)[]> {
  const { sql, params } = withParts([given('q', QUESTIONS, questions.map(rowOf))], ADMIT)
  const rows = await q.rows<Row>(sql, params)
  const found = new Map(rows.map((row) => [row.n, admissionOf(row)]))
  return questions.map((_, n) => found.get(n) ?? null)
}

interface Row extends Omit<Admission, 'prompt'> {
  readonly n: number
  readonly promptVersion: number | null
  readonly promptWaId: string | null
  readonly promptUntil: Date | null
  readonly promptPayload: unknown
}

function admissionOf({ n: _, promptVersion, promptWaId, promptUntil, promptPayload, ...rest }: Row): Admission {
  if (promptVersion === null || promptWaId === null || promptUntil === null) return { ...rest, prompt: null }
  const prompt = { version: promptVersion, waMessageId: promptWaId, expiresAt: promptUntil, payload: promptPayload }
  return { ...rest, prompt }
}

function rowOf({ orgId, userId, chat, waMessageId, fromMe, lately }: Question, n: number) {
  const identities = identitiesOf(chat)
  return {
    ...{ n, org_id: orgId, user_id: userId, wa_id: waMessageId, from_me: fromMe, lid: chat.lid },
    ...{ kinds: identities.map(({ kind }) => kind), names: identities.map(({ value }) => value) },
    phones: chat.phone === null ? [] : phoneVariants(chat.phone),
    lately: noEarlierThan(lately),
  }
}
