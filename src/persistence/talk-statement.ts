// What a message changes in its chat beside itself: the open question, what the bot remembers, what waits for a person. Parts of the statement that
// writes the message (inbound-statement.ts), on which they stand: `said`, `talk (n, id)`.

import type { Attention } from '../domain/conversation/attention.ts'
import { given, type Part } from './statement.ts'

/** What else a message changes in its chat. What is left out stays. */
export interface TalkChange {
  /** The question this answers; when it is another by now nothing is written. */
  readonly answers?: { readonly version: number; readonly waMessageId: string } | undefined
  /** The question that is open from now on; null: none is. */
  readonly prompt?: PromptDraft | null | undefined
  /** For the next message: domain/bot/state.ts. */
  readonly botState?: object | undefined
  /** The bot is silent until then, at least, and who made it so. */
  readonly pause?: { readonly until: Date; readonly reason: string } | undefined
  /** What waits for a person from now on. */
  readonly attention?: readonly Attention[] | undefined
  /** Somebody of the staff wrote it: nothing waits for a person any more. */
  readonly attended?: boolean | undefined
  /** It has done something that changing its text does not undo. */
  readonly acted?: boolean | undefined
  /** The customer's message (WhatsApp's id) that was asked about, when this answer to it orders: the order came of both. */
  readonly origin?: string | undefined
}

export interface PromptDraft {
  readonly kind: 'confirm' | 'choice' | 'qty' | 'page'
  readonly payload: object
  /** The message that asks. */
  readonly waMessageId: string
  readonly expiresAt: Date
}

/** As much of a message's write as matters here. */
export interface Talking {
  readonly draft: { readonly talk?: TalkChange | undefined; readonly newLid: string | null }
}

const ASKED = {
  n: 'int',
  kind: 'text',
  payload: 'jsonb',
  wa_id: 'text',
  expires_at: 'timestamptz',
} as const

/** What staff have seen waits no more; `attended` is known of the message alone. */
export const attended = (afresh: string, kept: string) =>
  `case when exists (select from said where session_id = excluded.user_id and customer_id = excluded.customer_id and said.attended)
       then ${afresh} else ${kept} end`

export const answersAny = (writes: readonly Talking[]) => writes.some(({ draft }) => draft.talk?.answers !== undefined)

/** `held`: the questions that are answered and still the same, locked, so that each is answered once. */
export function answeredParts(writes: readonly Talking[]): readonly Part[] {
  if (!answersAny(writes)) return []
  return [
    {
      name: 'held',
      sql: `select said.n from said join conversations v on v.user_id = said.session_id and v.customer_id = said.customer_id
     join bot_prompts p on p.conversation_id = v.id and p.wa_message_id = said.prompt_wa_id and p.version = said.prompt_version
     order by p.conversation_id for update of p`,
      params: [],
    },
  ]
}

/** The question that is open from now on. */
export function promptParts(writes: readonly Talking[]): readonly Part[] {
  const rows = writes.flatMap(({ draft: { talk } }, n) => {
    if (talk?.prompt === undefined) return []
    const { kind, payload, waMessageId, expiresAt } = talk.prompt ?? {}
    return [
      { n, kind: kind ?? null, payload: payload ?? null, wa_id: waMessageId ?? null, expires_at: expiresAt ?? null },
    ]
  })
  if (rows.length === 0) return []
  return [
    given('asked', ASKED, rows),
    {
      name: 'prompted',
      sql: `insert into bot_prompts (conversation_id, kind, payload, wa_message_id, expires_at)
     select talk.id, kind, payload, wa_id, expires_at from talk join asked using (n) where kind is not null order by talk.id
     on conflict (conversation_id) do update set kind = excluded.kind, payload = excluded.payload, wa_message_id = excluded.wa_message_id,
       expires_at = excluded.expires_at, version = bot_prompts.version + 1`,
      params: [],
    },
    {
      name: 'closed',
      sql: `delete from bot_prompts p using talk join asked using (n) where p.conversation_id = talk.id and asked.kind is null`,
      params: [],
    },
  ]
}

/** Whoever watches the chat learns that a person is wanted, or that the bot is silent. */
export function noticeParts(writes: readonly Talking[]): readonly Part[] {
  const changes = ({ draft: { talk } }: Talking) =>
    (talk?.attention ?? []).length > 0 || talk?.pause !== undefined || talk?.attended === true
  if (!writes.some(changes)) return []
  return [
    {
      name: 'noticed',
      sql: `insert into event_log (org_id, type, subject, user_id, payload)
     select org_id, 'conversation.updated', talk.id, session_id, '{}' from talk join said using (n)
     where paused_until is not null or attended or cardinality(attention) > 0 order by n`,
      params: [],
    },
  ]
}

/** How else the chat is addressed. */
export function lidParts(writes: readonly Talking[]): readonly Part[] {
  if (writes.every(({ draft }) => draft.newLid === null)) return []
  return [
    {
      name: 'identities',
      sql: `insert into customer_identities (org_id, kind, value, customer_id)
     select org_id, 'lid', new_lid, customer_id from talk join said using (n) where new_lid is not null
     order by new_lid on conflict do nothing`,
      params: [],
    },
  ]
}

/** What was asked about before it was ordered has acted as well. */
export function originParts(writes: readonly Talking[]): readonly Part[] {
  if (writes.every(({ draft }) => draft.talk?.origin === undefined)) return []
  return [
    {
      name: 'origins',
      sql: `update messages m set acted = true, order_id = coalesce(m.order_id, said.order_id) from talk join said using (n)
     where m.conversation_id = talk.id and m.user_id = said.session_id and not m.from_me and m.wa_message_id = said.origin`,
      params: [],
    },
  ]
}
