// Messages whose author changes them: what one was before, and what it has done by then. The change itself is written with everything else it
// does (inbound-statement.ts), under the condition that it is still the change after the one that was looked at.

import type { ConversationId, MessageId, UserId } from '../domain/ids.ts'
import type { Queryable } from './database.ts'
import { given, type Part } from './statement.ts'

/** A text that a message had. */
export interface FormerText {
  /** Null: there was none, or we never had it. */
  readonly text: string | null
  /** When its author changed it, ISO 8601. */
  readonly until: string
  /** WhatsApp's id of that change. */
  readonly id: string
}

/** Former texts that are kept of one message; the oldest go first. */
export const MOST_FORMER_TEXTS = 20

/** A stored message that is about to be changed. */
export interface Editable {
  readonly id: MessageId
  readonly conversationId: ConversationId
  readonly type: string
  readonly text: string | null
  readonly quotedWaId: string | null
  /** When it was written. */
  readonly at: Date
  readonly revoked: boolean
  /** It has done something that stays. */
  readonly acted: boolean
  /** Oldest first. */
  readonly edits: readonly FormerText[]
  /** The number of the order that came of it; null: none did. */
  readonly order: number | null
  /** An order was placed in the chat after it was written, and lives. */
  readonly orderedSince: boolean
}

/** Null: it is not stored. */
export async function findEditable(
  q: Queryable,
  of: {
    readonly userId: UserId
    readonly conversationId: ConversationId
    readonly fromMe: boolean
    readonly waMessageId: string
  },
): Promise<Editable | null> {
  const [row] = await q.rows<Editable>(
    `select m.id, m.conversation_id as "conversationId", m.type, m.text, m.quoted_wa_id as "quotedWaId", m.wa_timestamp as at,
       m.revoked_at is not null as revoked, m.acted, coalesce(m.edits, '[]') as edits,
       (select o.number from orders o where o.id = m.order_id or (o.user_id = m.user_id
          and o.source_conversation_id = m.conversation_id and o.source_wa_id = m.wa_message_id) limit 1) as "order",
       exists (select from orders o where o.user_id = m.user_id and o.source_conversation_id = m.conversation_id
          and o.placed_at >= m.wa_timestamp and o.status not in ('draft', 'cancelled', 'expired')) as "orderedSince"
     from messages m where m.user_id = ? and m.conversation_id = ? and m.from_me = ? and m.wa_message_id = ?`,
    [of.userId, of.conversationId, of.fromMe, of.waMessageId],
  )
  return row ?? null
}

/** A change as it is written. */
export interface Revision {
  /** The change before it, as it was looked at; null: there was none. */
  readonly after: string | null
  /** All former texts, with the one that goes now. */
  readonly edits: readonly FormerText[]
  readonly at: Date
}

/** @param change WhatsApp's id and time of the change, and when it is worked on */
export function revisionOf(
  { text, edits }: Pick<Editable, 'text' | 'edits'>,
  change: { readonly id: string; readonly at: Date },
  now: Date,
): Revision {
  const former = { text, until: change.at.toISOString(), id: change.id }
  return { after: edits.at(-1)?.id ?? null, edits: [...edits, former].slice(-MOST_FORMER_TEXTS), at: now }
}

/** As much of a message's write as matters here. */
interface Revising {
  readonly draft: { readonly revision?: Revision | undefined }
}

const REVISED = { n: 'int', after: 'text', edits: 'jsonb', at: 'timestamptz' } as const

export const revisesAny = (writes: readonly Revising[]) => writes.some(({ draft }) => draft.revision !== undefined)

/** True of a message that is not the change of one, or of one that nobody changed meanwhile; `n` is an expression. */
export const unchanged = (n: string) =>
  `(not exists (select from revised where revised.n = ${n}) or exists (select from same where same.n = ${n}))`

/** `same`: messages that are as they were looked at, locked, so that each change is carried out once. */
export function sameParts(writes: readonly Revising[]): readonly Part[] {
  if (!revisesAny(writes)) return []
  const rows = writes.flatMap(({ draft: { revision } }, n) => {
    if (revision === undefined) return []
    const { after, edits, at } = revision
    return [{ n, after, edits, at }]
  })
  return [
    given('revised', REVISED, rows),
    {
      name: 'same',
      sql: `select said.n from revised join said using (n) join messages m on m.id = said.id
     where m.revoked_at is null and m.edits -> -1 ->> 'id' is not distinct from revised.after order by m.id for update of m`,
      params: [],
    },
  ]
}

/** The messages that are changed. */
export function revisedParts(writes: readonly Revising[]): readonly Part[] {
  if (!revisesAny(writes)) return []
  return [
    {
      name: 'rewritten',
      sql: `update messages m set text = said.text, edits = revised.edits, edited_at = revised.at, acted = m.acted or said.acted,
       order_id = coalesce(said.order_id, m.order_id)
     from talk join said using (n) join revised using (n) where m.id = said.id`,
      params: [],
    },
  ]
}
