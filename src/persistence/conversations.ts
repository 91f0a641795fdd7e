// Conversations: one for each customer of each account, however WhatsApp addresses the chat. What is said in them is
// messages.ts.
import type { Scope } from '../domain/access.ts'
import { type Attention, attentionOf } from '../domain/conversation/attention.ts'
import type { Author } from '../domain/conversation/message.ts'
import type { ConversationId, CustomerId, UserId } from '../domain/ids.ts'
import { OPEN } from '../domain/order/order.ts'
import type { Queryable, Tx } from './database.ts'
import { conditions, containing, type Page, type Paged, paged } from './page.ts'
import { scopeSql } from './scope.ts'
import type { Sealer } from './sealer.ts'

export interface ConversationView {
  readonly id: ConversationId
  readonly userId: UserId
  readonly customer: {
    readonly id: CustomerId
    readonly name: string
    /** In full; mask it (domain/phone.ts) where a list shows it. */
    readonly phone: string | null
    readonly optedOut: boolean
    readonly language: string | null
  }
  readonly lastMessage: {
    /** Null for what has no text, and for what was deleted. */
    readonly text: string | null
    readonly type: string
    readonly author: Author
    readonly at: Date
  } | null
  readonly unread: number
  /** Who answers the customer now. */
  readonly owner: 'bot' | 'human'
  readonly botPausedUntil: Date | null
  /** What in it waits for a person. */
  readonly attention: readonly Attention[]
  /** Whom of the staff it was given to. */
  readonly assigneeId: UserId | null
  /** The customer is no contact of the account any more: nothing comes to it. */
  readonly archived: boolean
  readonly openOrders: number
  readonly version: number
  readonly createdAt: Date
}

export interface ConversationFilter {
  /** Part of the customer's name. */
  readonly q?: string | undefined
  readonly unread?: boolean | undefined
  readonly owner?: 'bot' | 'human' | undefined
  readonly userId?: UserId | undefined
  readonly assigneeId?: UserId | undefined
  /** Something in it waits for a person. */
  readonly attention?: boolean | undefined
  /** Left out: those that are not. */
  readonly archived?: boolean | undefined
}

interface Row {
  readonly id: ConversationId
  readonly user_id: UserId
  readonly customer_id: CustomerId
  readonly customer_name: string
  readonly customer_phone: string | null
  readonly opted_out: boolean
  readonly language: string | null
  readonly attention: readonly string[]
  readonly handed_off: boolean
  readonly cancel_requested: boolean
  readonly assignee_id: UserId | null
  readonly archived: boolean
  readonly version: number
  readonly unread: number
  readonly message_id: string | null
  readonly message_text: string | null
  readonly message_type: string
  readonly message_author: Author
  readonly message_at: Date
  readonly paused: boolean
  readonly bot_paused_until: Date | null
  readonly open_orders: number
  readonly created_at: Date
  readonly sort_key: string
}

const PAUSED = `(v.bot_paused_until is not null and v.bot_paused_until > now())`
const LATEST = 'coalesce(v.last_message_at, v.created_at)'

const CANCEL_REQUESTED = `exists (select from orders o where o.customer_id = v.customer_id and o.user_id = v.user_id
       and o.cancel_requested_at is not null and o.status in ('confirmed', 'processing'))`
const WAITS = `(v.attention <> '{}' or v.handoff_at is not null or ${CANCEL_REQUESTED})`
/** The account's own, and what somebody in the scope was given. */
const scoped = (scope: Scope) => {
  const [own, given] = [scopeSql(scope, 'v.user_id'), scopeSql(scope, 'v.assignee_id')]
  return { sql: `(${own.sql} or ${given.sql})`, params: [...own.params, ...given.params] }
}

const CONVERSATIONS = `select v.id, v.user_id, v.customer_id, v.unread, v.bot_paused_until, v.created_at, v.assignee_id, v.version,
    v.attention, v.handoff_at is not null as handed_off, ${CANCEL_REQUESTED} as cancel_requested, c.id is null as archived,
    cu.language,
    coalesce(c.name, cu.display_name) as customer_name, cu.opted_out_at is not null as opted_out,
    (select i.value from customer_identities i where i.customer_id = v.customer_id and i.kind = 'phone'
     order by i.created_at, i.value limit 1) as customer_phone,
    m.id as message_id, m.text as message_text, m.type as message_type, m.author as message_author,
    m.wa_timestamp as message_at, ${PAUSED} as paused, ${LATEST}::text as sort_key,
    (select count(*)::int from orders o where o.customer_id = v.customer_id and o.user_id = v.user_id
       and o.status in (${OPEN.map((status) => `'${status}'`).join(', ')})) as open_orders
  from conversations v join customers cu on cu.id = v.customer_id
  left join contacts c on c.customer_id = v.customer_id and c.user_id = v.user_id
  left join messages m on m.id = v.last_message_id`

function toView(row: Row): ConversationView {
  return {
    id: row.id,
    userId: row.user_id,
    customer: {
      id: row.customer_id,
      name: row.customer_name,
      phone: row.customer_phone,
      optedOut: row.opted_out,
      language: row.language,
    },
    lastMessage:
      row.message_id === null
        ? null
        : { text: row.message_text, type: row.message_type, author: row.message_author, at: row.message_at },
    unread: row.unread,
    owner: row.paused ? 'human' : 'bot',
    botPausedUntil: row.paused ? row.bot_paused_until : null,
    attention: attentionOf(row.attention, { handedOff: row.handed_off, cancelRequested: row.cancel_requested }),
    assigneeId: row.assignee_id,
    archived: row.archived,
    openOrders: row.open_orders,
    version: row.version,
    createdAt: row.created_at,
  }
}

/**
 * The conversation of this account with this customer, made when there is none. `replyAddress` is sealed (see
 * `sealReplyAddress`): where the next answer goes, the address the chat last used; null leaves what is there.
 */
export async function ensureConversation(
  tx: Tx,
  between: { readonly userId: UserId; readonly customerId: CustomerId },
  newId: () => string,
  replyAddress: Uint8Array | null,
): Promise<ConversationId> {
  const [row] = await tx.rows<{ id: ConversationId }>(
    `insert into conversations (id, user_id, customer_id, reply_address) values (?, ?, ?, ?)
     on conflict (user_id, customer_id) do update
       set reply_address = coalesce(excluded.reply_address, conversations.reply_address)
     returning id`,
    [newId(), between.userId, between.customerId, replyAddress],
  )
  if (row === undefined) throw new Error('the conversation just written is not there')
  return row.id
}

const replyAad = (between: { readonly userId: UserId; readonly customerId: CustomerId }) =>
  `reply-address:${between.userId}:${between.customerId}`

/** Seals the address (JID) an answer goes to. */
export function sealReplyAddress(
  sealer: Sealer,
  between: { readonly userId: UserId; readonly customerId: CustomerId },
  jid: string,
): Buffer {
  return sealer.seal(Buffer.from(jid), replyAad(between))
}

/** The address (JID) an answer in this conversation goes to; null when the customer never wrote from one. */
export async function replyAddress(q: Queryable, sealer: Sealer, id: ConversationId): Promise<string | null> {
  const [row] = await q.rows<{ user_id: UserId; customer_id: CustomerId; reply_address: Uint8Array | null }>(
    'select user_id, customer_id, reply_address from conversations where id = ?',
    [id],
  )
  if (row === undefined || row.reply_address === null) return null
  return sealer.open(row.reply_address, replyAad({ userId: row.user_id, customerId: row.customer_id })).toString()
}

/** Conversations within the scope, the latest message first. */
export async function listConversations(
  q: Queryable,
  scope: Scope,
  filter: ConversationFilter,
  page: Page,
): Promise<Paged<ConversationView>> {
  const where = conditions()
  const within = scoped(scope)
  where.add(within.sql, ...within.params)
  where.add(filter.archived === true ? 'c.id is null' : 'c.id is not null')
  if (filter.attention !== undefined) where.add(filter.attention ? WAITS : `not ${WAITS}`)
  if (filter.assigneeId !== undefined) where.add('v.assignee_id = ?', filter.assigneeId)
  if (filter.userId !== undefined) where.add('v.user_id = ?', filter.userId)
  if (filter.unread !== undefined) where.add(filter.unread ? 'v.unread > 0' : 'v.unread = 0')
  if (filter.owner !== undefined) where.add(filter.owner === 'human' ? PAUSED : `not ${PAUSED}`)
  if (filter.q !== undefined) where.add('coalesce(c.name, cu.display_name) ilike ?', containing(filter.q))
  if (page.cursor !== undefined)
    where.add(`(${LATEST}, v.id) < (?::timestamptz, ?::uuid)`, page.cursor.key, page.cursor.id)
  const rows = await q.rows<Row>(`${CONVERSATIONS} where ${where.sql()} order by ${LATEST} desc, v.id desc limit ?`, [
    ...where.params,
    page.limit + 1,
  ])
  return paged(rows, page.limit, (row) => ({ key: row.sort_key, id: row.id }), toView)
}

/** A conversation within the scope; null when there is none there. */
export async function findConversation(
  q: Queryable,
  scope: Scope,
  id: ConversationId,
): Promise<ConversationView | null> {
  const within = scoped(scope)
  const [row] = await q.rows<Row>(`${CONVERSATIONS} where v.id = ? and ${within.sql}`, [id, ...within.params])
  return row === undefined ? null : toView(row)
}

/** Everything in it has been seen. @returns false when it is not within the scope. */
export async function markRead(q: Queryable, scope: Scope, id: ConversationId): Promise<boolean> {
  const within = scopeSql(scope, 'user_id')
  return (await q.run(`update conversations set unread = 0 where id = ? and ${within.sql}`, [id, ...within.params])) > 0
}
