// Where the files of messages are: sealed, since whoever has it can read the file. The files themselves are not kept, except those we
// send, which wait in the outbox.

import type { MediaKind, MediaSource, StoredForm } from '../domain/conversation/message.ts'
import type { ConversationId, MessageId, UserId } from '../domain/ids.ts'
import type { Queryable, Tx } from './database.ts'
import { storableJson } from './messages.ts'
import { findSent } from './outbox.ts'
import type { Sealer } from './sealer.ts'

/** Seals where the file of a message is, for `insertMessage`. */
export function sealMediaSource(sealer: Sealer, id: MessageId, source: MediaSource): Buffer {
  return sealer.seal(Buffer.from(JSON.stringify(source)), place(id))
}

/** A file that came after its message. `before`: how a message says that nothing is known of its file. */
interface LateFile extends StoredForm {
  readonly before: StoredForm['media']
  readonly source: MediaSource | null
}

/** Gives a message its file. @returns its id; null: it has one, or its author deleted it */
export async function addFile(
  tx: Tx,
  sealer: Sealer,
  of: { readonly conversationId: ConversationId; readonly fromMe: boolean; readonly waMessageId: string },
  { type, media, before, quotedWaId, source }: LateFile,
): Promise<MessageId | null> {
  const [row] = await tx.rows<{ id: MessageId }>(
    `select id from messages where conversation_id = ? and from_me = ? and wa_message_id = ?
       and media = ?::jsonb and media_source is null and edits is not null and revoked_at is null for update`,
    [of.conversationId, of.fromMe, of.waMessageId, storableJson(before)],
  )
  if (row === undefined) return null
  await tx.run('update messages set type = ?, media = ?::jsonb, media_source = ?, quoted_wa_id = ? where id = ?', [
    ...[type, storableJson(media), source === null ? null : sealMediaSource(sealer, row.id, source)],
    ...[quotedWaId, row.id],
  ])
  return row.id
}

/** What leads to the file of a message. */
export type FileOf =
  | { readonly kind: 'at-whatsapp'; readonly media: MediaKind; readonly source: MediaSource }
  /** One of ours, still in the outbox. */
  | { readonly kind: 'here'; readonly mime: string; readonly bytes: Buffer }
  /** It has one, and nobody knows where any more. */
  | { readonly kind: 'lost' }
  /** It has none. */
  | { readonly kind: 'none' }

const FILES: readonly string[] = ['image', 'video', 'audio', 'voice', 'document', 'sticker']

interface Row {
  readonly user_id: UserId
  readonly wa_message_id: string
  readonly from_me: boolean
  readonly type: string
  readonly revoked: boolean
  readonly media_source: Buffer | null
}

/** For those who have found the message within their scope. @returns null when there is no such message */
export async function fileOf(q: Queryable, sealer: Sealer, id: MessageId): Promise<FileOf | null> {
  const [row] = await q.rows<Row>(
    `select user_id, wa_message_id, from_me, type, revoked_at is not null as revoked, media_source
     from messages where id = ?`,
    [id],
  )
  if (row === undefined) return null
  if (row.revoked || !FILES.includes(row.type)) return { kind: 'none' }
  if (row.media_source !== null) {
    const source = JSON.parse(sealer.open(row.media_source, place(id)).toString()) as MediaSource
    return { kind: 'at-whatsapp', media: row.type as MediaKind, source }
  }
  const sent = row.from_me ? await findSent(q, sealer, row.user_id, row.wa_message_id) : null
  if (sent?.kind !== 'image') return { kind: 'lost' }
  return { kind: 'here', mime: sent.mime, bytes: Buffer.from(sent.data, 'base64') }
}

function place(id: MessageId): string {
  return `media|${id}`
}
