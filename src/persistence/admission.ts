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
  /** A text of the bot: was it said in this chat after that time? */
  readonly said: { readonly text: string; readonly since: Date }
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
  readonly said: boolean
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
  said_since: 'uuid',
  said_text: 'text',
} as const

// `limit 1` and `offset 0` keep each look one by the index, however small a table is when the statement is planned.
const SENDER = `select c.customer_id, c.id as contact_id, c.name
  from unnest(q.kinds, q.names) with ordinality as wanted (kind, value, rank)
  join customer_identities i on i.org_id = q.org_id and i.kind = wanted.kind and i.value = wanted.value
  join contacts c on c.customer_id = i.customer_id and c.user_id = q.user_id
  order by wanted.rank limit 1`

const CHAT =
  'select v.id from conversations v where v.user_id = q.user_id and v.customer_id = sender.customer_id limit 1'

const ADMIT = `select q.n, sender.customer_id as "customerId", sender.contact_id as "contactId", sender.name, chat.id as "conversationId",
  exists (select from messages m where m.user_id = q.user_id and m.conversation_id = chat.id and m.from_me = q.from_me
    and m.wa_message_id = q.wa_id offset 0) as stored,
  exists (select from orders o where o.user_id = q.user_id and o.source_conversation_id = chat.id and o.source_wa_id = q.wa_id offset 0)
    as placed,
  exists (select from session where phone = any(q.phones) offset 0) or exists (select from session where lid = q.lid offset 0)
    as "ownAccount",
  q.lid is null or exists (select from customer_identities where org_id = q.org_id and kind = 'lid' and value = q.lid offset 0)
    as "lidKnown",
  exists (select from messages m where m.conversation_id = chat.id and m.id > q.said_since and m.author = 'bot' and m.text = q.said_text
    offset 0) as said
from q, lateral (${SENDER}) sender left join lateral (${CHAT}) chat on true`

/** @returns for each, in their order, what is known; null when the other side is not a contact of this user: of them nothing may be stored */
export async function admit(q: Queryable, questions: readonly Question[]): Promise<readonly (Admission | null)[]> {
  const { sql, params } = withParts([given('q', QUESTIONS, questions.map(rowOf))], ADMIT)
  const rows = await q.rows<Admission & { readonly n: number }>(sql, params)
  const found = new Map(rows.map(({ n, ...admission }) => [n, admission]))
  return questions.map((_, n) => found.get(n) ?? null)
}

function rowOf({ orgId, userId, chat, waMessageId, fromMe, said }: Question, n: number) {
  const identities = identitiesOf(chat)
  return {
    ...{ n, org_id: orgId, user_id: userId, wa_id: waMessageId, from_me: fromMe, lid: chat.lid },
    ...{ kinds: identities.map(({ kind }) => kind), names: identities.map(({ value }) => value) },
    phones: chat.phone === null ? [] : phoneVariants(chat.phone),
    ...{ said_since: noEarlierThan(said.since), said_text: said.text },
  }
}
