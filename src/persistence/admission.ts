// What must be known of a message before anything is decided about it, in one look: who wrote it, which chat it belongs to, whether it was
// here before. Nothing is locked: whoever acts on it writes under conditions that hold then (inbound-statement.ts).

import { type ChatAddress, identitiesOf } from '../domain/identity.ts'
import type { ContactId, ConversationId, CustomerId, OrgId, UserId } from '../domain/ids.ts'
import { phoneVariants } from '../domain/phone.ts'
import type { Queryable } from './database.ts'
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

const ADMIT = `
with sender as (
  select c.customer_id, c.id as contact_id, c.name
  from customer_identities i
  join unnest(?::text[], ?::text[]) with ordinality as wanted (kind, value, rank)
    on i.kind = wanted.kind and i.value = wanted.value
  join contacts c on c.customer_id = i.customer_id and c.user_id = ?
  where i.org_id = ? order by wanted.rank limit 1
), chat as (
  select v.id from sender join conversations v on v.user_id = ? and v.customer_id = sender.customer_id
)
select customer_id as "customerId", contact_id as "contactId", name, (select id from chat) as "conversationId",
  exists (select from chat join messages m on m.user_id = ? and m.conversation_id = chat.id and m.from_me = ? and m.wa_message_id = ?)
    as stored,
  exists (select from chat join orders o on o.user_id = ? and o.source_conversation_id = chat.id and o.source_wa_id = ?) as placed,
  exists (select from session where phone = any(?::text[])) or exists (select from session where lid = ?) as "ownAccount",
  ?::text is null or exists (select from customer_identities where org_id = ? and kind = 'lid' and value = ?) as "lidKnown",
  exists (select from chat join messages m on m.conversation_id = chat.id where m.id > ? and m.author = 'bot' and m.text = ?) as said
from sender`

/** @returns null when the other side is not a contact of this user: of them nothing may be stored */
export async function admit(q: Queryable, question: Question): Promise<Admission | null> {
  const { orgId, userId, chat, waMessageId, fromMe, said } = question
  const identities = identitiesOf(chat)
  const [row] = await q.rows<Admission>(ADMIT, [
    ...[identities.map((each) => each.kind), identities.map((each) => each.value), userId, orgId],
    userId,
    ...[userId, fromMe, waMessageId],
    ...[userId, waMessageId],
    ...[chat.phone === null ? [] : phoneVariants(chat.phone), chat.lid],
    ...[chat.lid, orgId, chat.lid],
    ...[noEarlierThan(said.since), said.text],
  ])
  return row ?? null
}
