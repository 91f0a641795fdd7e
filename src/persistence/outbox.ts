// What is to be sent: stored before it is tried, under one WhatsApp id for ever, in order within each conversation. Anybody may
// enqueue; only the session's owner moves a row on. When to send is decided in actors/outbox/.

import type { OutboundContent } from '../domain/conversation/message.ts'
import type { ConversationId, Fence, MessageId, OutboxId, SessionId } from '../domain/ids.ts'
import { DEFAULT_POLICY } from '../policy.ts'
import type { Database, Queryable, Tx } from './database.ts'
import { FencedError, fenceValues, OWN } from './leases.ts'
import type { Sealer } from './sealer.ts'
import { EMPTIED } from './strangers.ts'
import { over } from './too-late.ts'

export interface OutboxDraft {
  readonly id: OutboxId
  readonly session: SessionId
  /** A second draft under the same key is the same message. */
  readonly idemKey: string
  readonly waMessageId: string
  readonly conversationId: ConversationId
  /** Its row in `messages`, whose status follows. */
  readonly messageId: MessageId | null
  /** The address the chat uses (a JID). */
  readonly recipient: string
  readonly payload: OutboundContent
  /** Not an answer to the customer. */
  readonly proactive?: boolean
  /** To somebody of whom nothing is kept: emptied when it has arrived (see strangers.ts). */
  readonly stranger?: true
}

export interface OutboxRow {
  readonly id: OutboxId
  readonly waMessageId: string
  readonly conversationId: ConversationId
  readonly messageId: MessageId | null
  readonly recipient: string
  /** Null when it is large, or its text was deleted: ask `contentOf` when it is sent. */
  readonly content: OutboundContent | null
  readonly proactive: boolean
  /** The customer has never written in this conversation. */
  readonly cold: boolean
  /** `sending` when an earlier try did not end: it is sent again under the same id. */
  readonly state: 'queued' | 'sending'
  /** Tries begun so far. */
  readonly attempts: number
  readonly createdAt: Date
}

export type DeliveryStatus = 'sent' | 'delivered' | 'read' | 'failed'

/** From which states a row may still move to this one. A late acknowledgement is truer than our giving up. */
const BEFORE: Record<DeliveryStatus, readonly string[]> = {
  failed: ['queued', 'sending', 'held'],
  sent: ['queued', 'sending', 'held', 'failed'],
  delivered: ['queued', 'sending', 'held', 'failed', 'sent'],
  read: ['queued', 'sending', 'held', 'failed', 'sent', 'delivered'],
}

/** The customer of an outbox row `o` never wrote in its conversation. A stranger has, but what they wrote is not here. */
export const COLD =
  'not o.stranger and not exists (select from messages i where i.conversation_id = o.conversation_id and not i.from_me)'

const UNSETTLED = `('queued','sending','held')`

/** A message about an order whose time has not come: what comes after it in its chat goes first. Takes the time as a value. */
const PATIENT = "(notice_of is not null and state = 'queued' and attempts = 0 and next_at > ?)"

/** The payload of a row whose content is the text of its message: an answer's text is stored once, and not known before its order's number. */
export const REPLY_PAYLOAD = Buffer.alloc(0)

/** The text of a row whose payload says no more; null for the others. */
const TEXT =
  'case when octet_length(o.payload) = 0 then (select m.text from messages m where m.id = o.message_id) end as text'

/** The recipient (a JID) as the table holds it. */
export function sealRecipient(sealer: Sealer, session: SessionId, id: OutboxId, recipient: string): Buffer {
  return sealer.seal(Buffer.from(recipient), place(session, id, 'recipient'))
}

/** @returns false when there was a row under this key already; it stays as it is. */
export async function enqueue(tx: Tx, sealer: Sealer, draft: OutboxDraft): Promise<boolean> {
  const { id, session, idemKey, waMessageId, conversationId, messageId } = draft
  const inserted = await tx.run(
    `insert into outbox (id, session_id, idem_key, wa_msg_id, conversation_id, message_id, recipient, payload, proactive, stranger, state)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued') on conflict (session_id, idem_key) do nothing`,
    [
      id,
      session,
      idemKey,
      waMessageId,
      conversationId,
      messageId,
      sealRecipient(sealer, session, id, draft.recipient),
      sealer.seal(Buffer.from(JSON.stringify(draft.payload)), place(session, id, 'payload')),
      draft.proactive ?? false,
      draft.stranger ?? false,
    ],
  )
  return inserted === 1
}

interface StoredRow {
  id: OutboxId
  wa_msg_id: string
  conversation_id: ConversationId
  message_id: MessageId | null
  recipient: Buffer
  payload: Buffer | null
  text: string | null
  proactive: boolean
  cold: boolean
  state: 'queued' | 'sending'
  attempts: number
  created_at: Date
}

/** A larger content is not read along with the others of its batch. */
const SMALL_BYTES = 65_536

/**
 * What may be tried now, oldest first: of each conversation at most its oldest unsettled message, and that only when it is not held, its time has
 * come and what it says has not lived longer than `lifeMs` (too-late.ts).
 */
export async function dueOutbox(
  db: Database,
  sealer: Sealer,
  session: SessionId,
  now: Date,
  limit: number,
  lifeMs = DEFAULT_POLICY.orders.noticeLifeMs,
): Promise<OutboxRow[]> {
  const rows = await db.rows<StoredRow>(
    `select o.id, wa_msg_id, o.conversation_id, message_id, recipient, proactive, ${COLD} as cold, o.state,
       case when octet_length(payload) <= ${SMALL_BYTES} then payload end as payload, ${TEXT}, attempts, created_at
     from outbox o join (
       select distinct on (conversation_id) id, state, next_at from outbox
       where session_id = ? and state in ${UNSETTLED} and not ${PATIENT} and not ${over("now() - ? * interval '1 ms'")} order by conversation_id, seq
     ) first on first.id = o.id
     where first.state <> 'held' and first.next_at <= ? order by o.seq limit ?`,
    [session, now, lifeMs, now, limit],
  )
  return rows.map((row) => ({
    id: row.id,
    waMessageId: row.wa_msg_id,
    conversationId: row.conversation_id,
    messageId: row.message_id,
    recipient: sealer.open(row.recipient, place(session, row.id, 'recipient')).toString(),
    content: row.payload === null ? null : readContent(sealer, session, row.id, row.payload, row.text),
    proactive: row.proactive,
    cold: row.cold,
    state: row.state,
    attempts: row.attempts,
    createdAt: row.created_at,
  }))
}

/** Whether anything of this session waits: due or later, held, or on its way. */
export async function anythingWaits(q: Queryable, session: SessionId): Promise<boolean> {
  const sql = `select from outbox where session_id = ? and state in ${UNSETTLED} limit 1`
  return (await q.rows(sql, [session])).length > 0
}

/** The sessions of this node of which something waits. */
export async function sessionsWithOutbox(q: Queryable, owner: string): Promise<readonly SessionId[]> {
  const rows = await q.rows<{ id: SessionId }>(
    `select distinct o.session_id as id from outbox o join lease l on l.session_id = o.session_id
     where l.owner = ? and o.state in ${UNSETTLED}`,
    [owner],
  )
  return rows.map(({ id }) => id)
}

/** The content of a row of `dueOutbox`; null when its text was deleted meanwhile. @throws when the row is gone */
export async function contentOf(
  db: Database,
  sealer: Sealer,
  session: SessionId,
  row: Pick<OutboxRow, 'id' | 'content'>,
): Promise<OutboundContent | null> {
  if (row.content !== null) return row.content
  const [stored] = await db.rows<{ payload: Buffer; text: string | null }>(
    `select payload, ${TEXT} from outbox o where session_id = ? and id = ?`,
    [session, row.id],
  )
  if (stored === undefined) throw new Error(`outbox row ${row.id} is gone`)
  return readContent(sealer, session, row.id, stored.payload, stored.text)
}

/** Before the frame leaves. @returns false when the row is settled meanwhile and must not be sent. @throws FencedError */
export async function markSending(db: Database, fence: Fence, id: OutboxId, now: Date): Promise<boolean> {
  return changeOne(
    db,
    fence,
    `state = 'sending', attempts = attempts + 1, epoch_sent = ?, next_at = least(next_at, ?)`,
    [fence.epoch, now],
    id,
  )
}

/** Puts a row back for another try under the same id. `error` is a code, not a text of the customer's. @throws FencedError */
export async function retryLater(db: Database, fence: Fence, id: OutboxId, nextAt: Date, error: string): Promise<void> {
  await changeOne(db, fence, `state = 'queued', next_at = ?, last_error = ?`, [nextAt, error], id)
}

async function changeOne(
  db: Database,
  fence: Fence,
  change: string,
  values: readonly unknown[],
  id: OutboxId,
): Promise<boolean> {
  const [row] = await db.rows<{ own: string; changed: string }>(
    `with ${OWN}, changed as (
       update outbox o set ${change} from own where o.id = ? and o.session_id = ? and o.state in ('queued','sending') returning 1
     ) select (select count(*) from own) as own, (select count(*) from changed) as changed`,
    [...fenceValues(fence), ...values, id, fence.session],
  )
  if (row?.own !== '1') throw new FencedError(fence)
  return row.changed === '1'
}

/** Gives up for good. @throws FencedError */
export async function markFailed(db: Database, fence: Fence, id: OutboxId, error: string): Promise<void> {
  await advance(db, fence, 'failed', { column: 'id', value: id }, error, null)
}

export type Advanced = Pick<OutboxRow, 'conversationId' | 'messageId'>

/**
 * What WhatsApp said of a message: moves the row and its message forward, never back.
 * @returns null when it is not ours, or was as far already
 * @throws FencedError
 */
export function advanceStatus(
  db: Database,
  fence: Fence,
  waMessageId: string,
  status: DeliveryStatus,
  error?: string,
): Promise<Advanced | null> {
  return advance(db, fence, status, { column: 'wa_msg_id', value: waMessageId }, error ?? null, null)
}

async function advance(
  db: Database,
  fence: Fence,
  status: DeliveryStatus,
  which: { readonly column: 'id' | 'wa_msg_id'; readonly value: string },
  error: string | null,
  at: Date | null,
): Promise<Advanced | null> {
  const before = BEFORE[status]
  const [row] = await db.rows<{ own: string; conversation_id: ConversationId | null; message_id: MessageId | null }>(
    `with ${OWN}, moved as (
       update outbox o set state = ?, last_error = ?,
         sent_at = case when ? then coalesce(o.sent_at, ?::timestamptz, now()) else o.sent_at end${status === 'sent' ? '' : EMPTIED}
       from own where o.session_id = ? and o.${which.column} = ? and o.state = any(?)
       returning o.conversation_id, o.message_id
     ), told as (
       update messages m set status = ?, error_code = ? from moved where m.id = moved.message_id and m.status = any(?)
     )
     select (select count(*) from own) as own, (select conversation_id from moved), (select message_id from moved)`,
    [
      ...fenceValues(fence),
      ...[status, error, status !== 'failed', at, fence.session, which.value, before],
      ...[status, error, before],
    ],
  )
  if (row?.own !== '1') throw new FencedError(fence)
  return row.conversation_id === null ? null : { conversationId: row.conversation_id, messageId: row.message_id }
}

/** The message stored under a key; null when the key is free. */
export async function messageUnder(q: Queryable, session: SessionId, idemKey: string): Promise<MessageId | null> {
  const [row] = await q.rows<{ message_id: MessageId | null }>(
    'select message_id from outbox where session_id = ? and idem_key = ?',
    [session, idemKey],
  )
  return row?.message_id ?? null
}

/** What was sent under this id, for a customer whose phone could not read it; null when it is not ours. */
export async function findSent(
  db: Queryable,
  sealer: Sealer,
  session: SessionId,
  waMessageId: string,
): Promise<OutboundContent | null> {
  const [row] = await db.rows<{ id: OutboxId; payload: Buffer; text: string | null }>(
    `select id, payload, ${TEXT} from outbox o where session_id = ? and wa_msg_id = ?`,
    [session, waMessageId],
  )
  return row === undefined ? null : readContent(sealer, session, row.id, row.payload, row.text)
}

/** How much waits, of one session or of all, and for how long the oldest has. */
export async function queueStats(
  q: Queryable,
  session?: SessionId,
): Promise<{ pending: number; oldestSeconds: number }> {
  const [row] = await q.rows<{ pending: string; oldest: number | null }>(
    `select count(*) as pending, extract(epoch from now() - min(created_at))::float8 as oldest from outbox
     where state in ${UNSETTLED} ${session === undefined ? '' : 'and session_id = ?'}`,
    session === undefined ? [] : [session],
  )
  return { pending: Number(row?.pending ?? 0), oldestSeconds: Math.max(0, row?.oldest ?? 0) }
}

/** Deletes what was settled and made before that time, so many at most: a retry receipt for it has no answer then. @returns how many. */
export function pruneOutbox(db: Database, olderThan: Date, limit = 1_000): Promise<number> {
  const settled = `select id from outbox where state not in ${UNSETTLED} and created_at < ? order by id limit ?`
  return db.run(`delete from outbox where id in (${settled})`, [olderThan, limit])
}

// Written by `enqueue` under authenticated encryption, so it is what the type says.
function readContent(
  sealer: Sealer,
  session: SessionId,
  id: OutboxId,
  sealed: Buffer,
  text: string | null,
): OutboundContent | null {
  if (sealed.length === REPLY_PAYLOAD.length) return text === null ? null : { kind: 'text', text }
  return JSON.parse(sealer.open(sealed, place(session, id, 'payload')).toString()) as OutboundContent
}

function place(session: SessionId, id: OutboxId, field: 'recipient' | 'payload'): string {
  return `outbox|${session}|${id}|${field}`
}
