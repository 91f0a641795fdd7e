// The one statement that does all that messages do, of one or of several: under its fence, a message's journal row is closed, it is stored, its
// order placed and its answer queued. It commits by itself, so that a row everybody waits for (the order number's) is held for no turn of ours.
// What a message stood on when it was decided is checked again here; when something else is true now, nothing of it is written and the answer
// says so. Who goes with whom is inbound-writer.ts.

import type { ConversationId, CustomerId, Fence, OrgId } from '../domain/ids.ts'
import { FencedError } from './leases.ts'
import { type FormerText, type Revision, revisedParts, revisesAny, sameParts, unchanged } from './message-edits.ts'
import { type MessageDraft, storable, storableJson } from './messages.ts'
import { type OrderDraft, type Ordered, orderParts, shortOf, stockParts, takingParts } from './order-statement.ts'
import { type Reply, replyParts } from './reply-statement.ts'
import type { Sealer } from './sealer.ts'
import { given, hex, type Part, type Statement, withParts } from './statement.ts'
import type { ShortLine } from './stock.ts'
import {
  answeredParts,
  answersAny,
  attended,
  lidParts,
  noticeParts,
  originParts,
  promptParts,
  type TalkChange,
} from './talk-statement.ts'

export type { Reply } from './reply-statement.ts'

/** A message and the session it came to. */
export interface InboundWrite {
  readonly fence: Fence
  readonly draft: InboundDraft
}

export interface InboundDraft {
  readonly inboxId: string
  readonly orgId: OrgId
  readonly customerId: CustomerId
  /** For the conversation, if there is none yet. */
  readonly newConversationId: string
  /** Sealed: where the next answer in this chat goes. */
  readonly replyAddress: Uint8Array
  /** A LID that becomes one of the customer's identities; null when there is nothing new. */
  readonly newLid: string | null
  readonly message: Omit<MessageDraft, 'conversationId'>
  /** What the event log calls it. */
  readonly event: string
  readonly order: OrderDraft | null
  readonly reply: Reply | null
  readonly talk?: TalkChange | undefined
  /** It changes the stored message of this id: nothing new is stored. */
  readonly revision?: Revision | undefined
  /** It is a change whose message we do not have: stored as that message. */
  readonly unseen?: FormerText | undefined
}

export type InboundStored =
  | { readonly kind: 'stored'; readonly conversationId: ConversationId }
  /** The journal row was done before. */
  | { readonly kind: 'done' }
  /** The sender is no contact any more, or the question is another by now: look again. */
  | { readonly kind: 'outdated' }
  /** Too little is left of these for all who want them together: nothing is written. Alone it means that others were faster. */
  | { readonly kind: 'short'; readonly short: readonly ShortLine[] }

const SAID = {
  n: 'int',
  session_id: 'uuid',
  owner: 'uuid',
  epoch: 'bigint',
  inbox_id: 'bigint',
  org_id: 'uuid',
  customer_id: 'uuid',
  new_chat_id: 'uuid',
  reply_address: 'bytea',
  new_lid: 'text',
  last_id: 'uuid',
  last_at: 'timestamptz',
  event: 'text',
  id: 'uuid',
  wa_id: 'text',
  from_me: 'boolean',
  author: 'text',
  type: 'text',
  text: 'text',
  media: 'text',
  media_source: 'bytea',
  quoted_wa_id: 'text',
  status: 'text',
  at: 'timestamptz',
  order_id: 'uuid',
  prompt_wa_id: 'text',
  prompt_version: 'int',
  bot_state: 'jsonb',
  paused_until: 'timestamptz',
  pause_reason: 'text',
  attention: 'text[]',
  handed_at: 'timestamptz',
  attended: 'boolean',
  acted: 'boolean',
  origin: 'text',
  edits: 'jsonb',
} as const

/**
 * The statement; what it answers is for `outcomesOf`. A duplicate key (see `isDuplicate`) says that one of the messages is stored meanwhile;
 * then, as with any other failure, nothing of any of them is written.
 * @param writes one a chat
 * @param waiting whether it waits for a claim of one of the sessions, or fails at once
 */
export function inboundStatement(sealer: Sealer, writes: readonly InboundWrite[], waiting: boolean): Statement {
  const orders = writes.flatMap(({ draft: { order, reply } }, n) =>
    order === null ? [] : [{ n, order, told: reply?.messageId ?? null }],
  )
  const parts = [
    given('said', SAID, writes.map(saidRow)),
    ...gateParts(writes, orders, waiting),
    ...takingParts(orders),
    ...chatParts(writes, orders),
    // What else a message may write: parts that stand on `talk (n, id)`, which has the chats of the messages that go through; none when no
    // message of these has any, so that the others do not pay for it.
    ...lidParts(writes),
    ...revisedParts(writes),
    ...originParts(writes),
    ...promptParts(writes),
    ...noticeParts(writes),
    ...orderParts(orders),
    ...replyParts(sealer, writes, orders),
  ]
  return withParts(
    parts,
    `select said.n, own.n is not null as own, known.n is not null${answersAny(writes) ? ' and (said.prompt_wa_id is null or held.n is not null)' : ''}${still(writes)} as known, talk.id as chat,
  ${orders.length === 0 ? 'null' : shortOf('said.n')} as short
from said left join own using (n) left join known using (n) left join talk using (n)${answersAny(writes) ? ' left join held using (n)' : ''}`,
  )
}

interface Answer {
  readonly n: number
  readonly own: boolean
  readonly known: boolean
  readonly chat: ConversationId | null
  readonly short: readonly ShortLine[] | null
}

/** What became of each, in their order: a rejection is a FencedError. */
export function outcomesOf(
  writes: readonly InboundWrite[],
  rows: readonly object[],
): readonly PromiseSettledResult<InboundStored>[] {
  const answers = new Map((rows as readonly Answer[]).map((row) => [row.n, row]))
  return writes.map(({ fence }, n) => {
    const row = answers.get(n)
    if (row === undefined || !row.own) return { status: 'rejected', reason: new FencedError(fence) }
    return { status: 'fulfilled', value: outcomeOf(row) }
  })
}

function outcomeOf({ chat, short, known }: Answer): InboundStored {
  if (chat !== null) return { kind: 'stored', conversationId: chat }
  if (short !== null) return { kind: 'short', short }
  return { kind: known ? 'done' : 'outdated' }
}

function saidRow({ fence, draft }: InboundWrite, n: number): Readonly<Record<keyof typeof SAID, unknown>> {
  const { message, reply, talk, revision } = draft
  const last = reply === null ? message.at : new Date(Math.max(message.at.getTime(), reply.at.getTime()))
  const source = message.mediaSource ?? null
  return {
    ...{ n, session_id: fence.session, owner: fence.owner, epoch: String(fence.epoch), inbox_id: draft.inboxId },
    ...{ org_id: draft.orgId, customer_id: draft.customerId, new_chat_id: draft.newConversationId },
    ...{ reply_address: hex(draft.replyAddress), new_lid: draft.newLid, event: draft.event },
    ...{ last_id: reply?.messageId ?? (revision === undefined ? message.id : null), last_at: last },
    ...{ id: message.id, wa_id: message.waMessageId, from_me: message.fromMe, author: message.author },
    ...{ type: message.type, text: storable(message.text), media: storableJson(message.media) },
    ...{ media_source: source === null ? null : hex(source), quoted_wa_id: message.quotedWaId ?? null },
    ...{ status: message.status, at: message.at, order_id: draft.order?.orderId ?? null },
    ...{ prompt_wa_id: talk?.answers?.waMessageId ?? null, prompt_version: talk?.answers?.version ?? null },
    ...{ bot_state: talk?.botState ?? null, paused_until: talk?.pause?.until ?? null },
    ...{
      pause_reason: talk?.pause?.reason ?? null,
      attention: talk?.attention ?? [],
      attended: talk?.attended ?? false,
    },
    ...{ acted: talk?.acted ?? false, origin: talk?.origin ?? null },
    edits: draft.unseen === undefined ? null : [draft.unseen],
    handed_at: talk?.attention?.includes('handoff') ? (reply?.at ?? message.at) : null,
  }
}

/** `go` has the `n` of each message for which everything is as it was when it was decided, and closes its journal row. */
function gateParts(writes: readonly InboundWrite[], orders: readonly Ordered[], waiting: boolean): readonly Part[] {
  const enough = orders.length === 0 ? '' : ' and not exists (select from short where short.n = said.n)'
  const open = answersAny(writes)
    ? ' and (said.prompt_wa_id is null or exists (select from held where held.n = said.n))'
    : ''
  return [
    {
      name: 'own',
      // In one order, as claims lock them: nobody waits in a circle.
      sql: `select said.n from said join lease l on l.session_id = said.session_id and l.owner = said.owner and l.epoch = said.epoch
     order by l.session_id for share of l${waiting ? '' : ' nowait'}`,
      params: [],
    },
    {
      name: 'known',
      sql: `select n from own join said using (n)
     join contacts c on c.user_id = said.session_id and c.customer_id = said.customer_id`,
      params: [],
    },
    ...stockParts(orders),
    ...answeredParts(writes),
    ...sameParts(writes),
    {
      name: 'go',
      // What was stored need not be kept in the journal as well.
      sql: `update inbox i set state = 'done', outcome = 'stored', done_at = now(), payload = null
     from known join said using (n)
     where i.id = said.inbox_id and i.session_id = said.session_id and i.state = 'new'${enough}${open}${still(writes)} returning said.n`,
      params: [],
    },
  ]
}

/** What a change is made of is as it was. */
const still = (writes: readonly InboundWrite[]) => (revisesAny(writes) ? ` and ${unchanged('said.n')}` : '')

function chatParts(writes: readonly InboundWrite[], orders: readonly Ordered[]): readonly Part[] {
  // What is changed is no new message.
  const [seen, fresh] = revisesAny(writes)
    ? [
        ' or exists (select from revised r where r.n = said.n)',
        ' where not exists (select from revised r where r.n = said.n)',
      ]
    : ['', '']
  // After the numbers: who places an order for a customer by hand has its number before it writes to them.
  const turn = orders.length === 0 ? '' : ' where (select count(*) from taken) >= 0'
  return [
    {
      name: 'chats',
      sql: `insert into conversations (id, user_id, customer_id, reply_address, last_message_id, last_message_at, unread, bot_state,
       bot_paused_until, bot_pause_reason, attention, handoff_at)
     select new_chat_id, session_id, customer_id, reply_address, last_id, last_at, case when from_me${seen} then 0 else 1 end, bot_state,
       paused_until, pause_reason, attention, handed_at
     from go join said using (n)${turn} order by session_id, customer_id
     on conflict (user_id, customer_id) do update set reply_address = excluded.reply_address,
       bot_state = coalesce(excluded.bot_state, conversations.bot_state),
       bot_paused_until = greatest(excluded.bot_paused_until, conversations.bot_paused_until),
       bot_pause_reason = coalesce(excluded.bot_pause_reason, conversations.bot_pause_reason),
       attention = ${attended(
         'excluded.attention',
         `conversations.attention || array(
         select unnest(excluded.attention) except select unnest(conversations.attention))`,
       )},
       handoff_at = ${attended('excluded.handoff_at', 'coalesce(conversations.handoff_at, excluded.handoff_at)')},
       last_message_id = coalesce(excluded.last_message_id, conversations.last_message_id),
       last_message_at = greatest(conversations.last_message_at, excluded.last_message_at),
       unread = conversations.unread + excluded.unread
     returning id, user_id, customer_id`,
      params: [],
    },
    {
      name: 'talk',
      sql: 'select said.n, chats.id from chats join said on said.session_id = chats.user_id and said.customer_id = chats.customer_id',
      params: [],
    },
    {
      name: 'message',
      sql: `insert into messages (id, conversation_id, user_id, wa_message_id, from_me, author, type, text, media, media_source,
       quoted_wa_id, status, wa_timestamp, order_id, acted, edits, edited_at)
     select said.id, talk.id, session_id, wa_id, from_me, author, type, text, media::jsonb, media_source, quoted_wa_id, status, at, order_id, acted,
       edits, case when edits is not null then at end
     from talk join said using (n)${fresh}`,
      params: [],
    },
    {
      name: 'told',
      sql: `insert into event_log (org_id, type, subject, user_id, payload)
     select org_id, event, talk.id, session_id, jsonb_build_object('messageId', said.id) from talk join said using (n) order by n`,
      params: [],
    },
  ]
}
