// Messages of conversations: stored once each, changed when WhatsApp says so (edited, deleted), read page by page.
import type { Author, MessageStatus, Reaction } from '../domain/conversation/message.ts'
import type { ConversationId, MessageId, OrderId, UserId } from '../domain/ids.ts'
import type { Queryable, Tx } from './database.ts'
import type { FormerText } from './message-edits.ts'
import type { Position } from './page.ts'

export interface MessageDraft {
  readonly id: MessageId
  readonly conversationId: ConversationId
  readonly userId: UserId
  readonly waMessageId: string
  readonly fromMe: boolean
  readonly author: Author
  /** Which user, when the author is one. */
  readonly authorId?: UserId | null | undefined
  readonly type: string
  readonly text: string | null
  readonly media?: object | null | undefined
  /** Where its file is, sealed: see media.ts. */
  readonly mediaSource?: Uint8Array | null | undefined
  readonly quotedWaId?: string | null | undefined
  readonly status: MessageStatus
  /** WhatsApp's time for what came in, ours for what goes out. */
  readonly at: Date
}

export interface MessageView {
  readonly id: MessageId
  readonly conversationId: ConversationId
  readonly direction: 'in' | 'out'
  readonly author: Author
  readonly authorId: UserId | null
  readonly type: string
  readonly text: string | null
  readonly media: Readonly<Record<string, unknown>> | null
  readonly reactions: readonly Reaction[]
  readonly quoted: { readonly id: MessageId | null; readonly waMessageId: string; readonly text: string | null } | null
  readonly status: MessageStatus
  readonly errorCode: string | null
  readonly orderId: OrderId | null
  readonly waMessageId: string
  readonly editedAt: Date | null
  /** What it said before its author changed it, oldest first. */
  readonly edits: readonly Pick<FormerText, 'text' | 'until'>[]
  readonly revokedAt: Date | null
  readonly at: Date
}

/** A text as PostgreSQL can hold it: its text has no U+0000 and no half of a surrogate pair. */
export function storable(text: string | null): string | null {
  return text === null ? null : text.replaceAll('\u0000', '\ufffd').toWellFormed()
}

/** The same as JSON; null when there is nothing. */
export function storableJson(value: object | null | undefined): string | null {
  return value === undefined || value === null ? null : storable(JSON.stringify(value))
}

/**
 * Stores a message and makes it the latest of its conversation; one from the customer counts as unread.
 * @returns false when it is stored already: nothing is changed then
 */
export async function insertMessage(tx: Tx, draft: MessageDraft): Promise<boolean> {
  // One statement: this is done for every message, and its chat is locked until the end of the transaction.
  const [row] = await tx.rows<{ written: number }>(
    `with written as (
     insert into messages (id, conversation_id, user_id, wa_message_id, from_me, author, author_id, type, text, media,
       media_source, quoted_wa_id, status, wa_timestamp)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?, ?)
     on conflict (user_id, conversation_id, from_me, wa_message_id) do nothing
     returning id, conversation_id, wa_timestamp
     ), latest as (
     update conversations c set last_message_id = w.id, last_message_at = greatest(c.last_message_at, w.wa_timestamp),
       unread = c.unread + ?
     from written w where c.id = w.conversation_id
     )
     select count(*)::int as written from written`,
    [
      draft.id,
      draft.conversationId,
      draft.userId,
      draft.waMessageId,
      draft.fromMe,
      draft.author,
      draft.authorId ?? null,
      draft.type,
      storable(draft.text),
      storableJson(draft.media),
      draft.mediaSource ?? null,
      draft.quotedWaId ?? null,
      draft.status,
      draft.at,
      draft.fromMe ? 0 : 1,
    ],
  )
  return row?.written === 1
}

interface Target {
  readonly conversationId: ConversationId
  /** Only the author changes a message. */
  readonly fromMe: boolean
  readonly waMessageId: string
}

/** A side reacted to a message of either side; an empty emoji takes it back. @returns the message, null when it is not stored. */
export async function reactTo(
  tx: Tx,
  target: Omit<Target, 'fromMe'>,
  author: Reaction['author'],
  emoji: string,
): Promise<MessageId | null> {
  const change = `case when ? = '' then nullif(reactions - ?, '{}') else coalesce(reactions, '{}') || jsonb_build_object(?::text, ?::text) end`
  const shown = storable(emoji) ?? ''
  const [row] = await tx.rows<{ id: MessageId }>(
    `update messages set reactions = ${change} where conversation_id = ? and wa_message_id = ? and revoked_at is null returning id`,
    [shown, author, author, shown, target.conversationId, target.waMessageId],
  )
  return row?.id ?? null
}

/** Its author deleted it: the marker and the time stay, all else is erased. */
export async function revokeMessage(tx: Tx, target: Target, at: Date): Promise<MessageId | null> {
  const [row] = await tx.rows<{ id: MessageId }>(
    `update messages set text = null, media = null, media_source = null, reactions = null, edits = null, revoked_at = ?
     where conversation_id = ? and from_me = ? and wa_message_id = ? returning id`,
    [at, target.conversationId, target.fromMe, target.waMessageId],
  )
  return row?.id ?? null
}

export interface HistoryPage {
  readonly limit: number
  /** Only messages older, newer than this one. */
  readonly before?: MessageId | undefined
  readonly after?: MessageId | undefined
}

interface Row {
  readonly id: MessageId
  readonly conversation_id: ConversationId
  readonly from_me: boolean
  readonly author: Author
  readonly author_id: UserId | null
  readonly type: string
  readonly text: string | null
  readonly media: Readonly<Record<string, unknown>> | null
  readonly reactions: Readonly<Partial<Record<Reaction['author'], string>>> | null
  readonly quoted_wa_id: string | null
  readonly quoted_id: MessageId | null
  readonly quoted_text: string | null
  readonly status: MessageStatus
  readonly error_code: string | null
  readonly order_id: OrderId | null
  readonly wa_message_id: string
  readonly edited_at: Date | null
  readonly edits: readonly FormerText[] | null
  readonly revoked_at: Date | null
  readonly wa_timestamp: Date
}

const VIEW = `select m.*, r.id as quoted_id, r.text as quoted_text from messages m
     left join lateral (select id, text from messages r where r.conversation_id = m.conversation_id
       and r.wa_message_id = m.quoted_wa_id order by r.id limit 1) r on true`

/** One message, without asking whose it is: for those who have just found its id under a scope. */
export async function findMessage(q: Queryable, id: MessageId): Promise<MessageView | null> {
  const [row] = await q.rows<Row>(`${VIEW} where m.id = ?`, [id])
  return row === undefined ? null : toView(row)
}

/**
 * Messages of a conversation, newest first; with `after` those right after it. Look the conversation up within the
 * reader's scope before. `next` is where older ones (with `after`: newer ones) go on.
 */
export async function listMessages(
  q: Queryable,
  conversationId: ConversationId,
  page: HistoryPage,
): Promise<{ readonly rows: readonly MessageView[]; readonly next: Position | null }> {
  const forward = page.after !== undefined
  const rows = await q.rows<Row>(
    `${VIEW} where m.conversation_id = ? and (?::uuid is null or m.id < ?::uuid) and (?::uuid is null or m.id > ?::uuid)
     order by m.id ${forward ? 'asc' : 'desc'} limit ?`,
    [conversationId, page.before ?? null, page.before ?? null, page.after ?? null, page.after ?? null, page.limit + 1],
  )
  const shown = rows.slice(0, page.limit)
  const last = shown.at(-1)
  const next = rows.length > page.limit && last !== undefined ? { key: last.id, id: last.id } : null
  const views = shown.map(toView)
  return { rows: forward ? views.reverse() : views, next }
}

const REACTORS = ['customer', 'phone'] as const

function toView(row: Row): MessageView {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    direction: row.from_me ? 'out' : 'in',
    author: row.author,
    authorId: row.author_id,
    type: row.type,
    text: row.text,
    media: row.media,
    reactions: REACTORS.flatMap((author) => {
      const emoji = row.reactions?.[author]
      return emoji === undefined ? [] : [{ author, emoji }]
    }),
    quoted:
      row.quoted_wa_id === null ? null : { id: row.quoted_id, waMessageId: row.quoted_wa_id, text: row.quoted_text },
    status: row.status,
    errorCode: row.error_code,
    orderId: row.order_id,
    waMessageId: row.wa_message_id,
    editedAt: row.edited_at,
    edits: (row.edits ?? []).map(({ text, until }) => ({ text, until })),
    revokedAt: row.revoked_at,
    at: row.wa_timestamp,
  }
}
