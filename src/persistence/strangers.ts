// What is kept of somebody who is no contact: a keyed hash of the number with what they may want to buy, for a quarter of an hour, and how often they
// were answered. Nothing here can be read back into a number; names and texts never come here.

import type { PendingItem } from '../domain/bot/consent.ts'
import { type ChatAddress, identitiesOf } from '../domain/identity.ts'
import type { SessionId, VariantId } from '../domain/ids.ts'
import { phoneVariants } from '../domain/phone.ts'
import type { Database, Queryable, Tx } from './database.ts'
import type { Mac } from './suppressions.ts'

/** What a stranger is here: keyed hashes, one for each name WhatsApp has for them. The first is enough to tell them from others. */
export type StrangerHashes = readonly Buffer[]

export function hashesOf(mac: Mac, session: SessionId, chat: ChatAddress): StrangerHashes {
  const [phone] = chat.phone === null ? [] : [...phoneVariants(chat.phone)].sort()
  const names = [...(phone === undefined ? [] : [`phone|${phone}`]), ...(chat.lid === null ? [] : [`lid|${chat.lid}`])]
  return names.map((name) => mac(`stranger|${session}|${name}`))
}

/** All strangers of an account together. */
const hashOfAll = (mac: Mac, session: SessionId) => mac(`strangers|${session}`)

/** A made-up chat, so that answers to one stranger go in order. Not to be found by the number. */
export function chatOfStranger(hashes: StrangerHashes): string {
  const hex = (hashes[0] ?? Buffer.alloc(16)).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  )
}

interface Count {
  readonly since: Date
  readonly count: number
}

export interface StrangerSeen {
  /** An account connected here: bots must not talk to each other. */
  readonly ownAccount: boolean
  readonly own: Count | null
  readonly all: Count | null
  readonly helpedAt: Date | null
  /** What they were asked about; empty when nothing was. */
  readonly items: readonly PendingItem[]
  readonly expiresAt: Date | null
}

interface SeenRow {
  readonly own_account: boolean
  readonly counts: readonly {
    readonly all: boolean
    readonly since: string
    readonly count: number
    readonly helped: string | null
  }[]
  readonly items: readonly {
    readonly id: VariantId
    readonly quantity: number
    readonly price: number
    readonly until: string
  }[]
}

/** What is known at this moment, in one look. */
export async function seeStranger(
  q: Queryable,
  mac: Mac,
  session: SessionId,
  chat: ChatAddress,
): Promise<StrangerSeen> {
  const hashes = hashesOf(mac, session, chat)
  const all = hashOfAll(mac, session)
  const phones = identitiesOf(chat).flatMap(({ kind, value }) => (kind === 'phone' ? [value] : []))
  const [row] = await q.rows<SeenRow>(
    `select exists (select from session where phone = any(?::text[]) or lid = ?::text) as own_account,
       (select coalesce(json_agg(json_build_object('all', hash = ?::bytea, 'since', since, 'count', count, 'helped', helped_at)
          order by since), '[]') from stranger_answers where session_id = ? and hash = any(?::bytea[])) as counts,
       (select coalesce(json_agg(json_build_object('id', variant_id, 'quantity', quantity, 'price', price_minor, 'until', expires_at)
          order by variant_id), '[]') from pending_intents where session_id = ? and hash = any(?::bytea[])) as items`,
    [phones, chat.lid, all, session, [...hashes, all], session, [...hashes]],
  )
  const counts = row?.counts ?? []
  const countOf = (ofAll: boolean): Count | null => {
    const found = counts.filter((each) => each.all === ofAll).at(-1)
    return found === undefined ? null : { since: new Date(found.since), count: found.count }
  }
  const helped = counts.flatMap((each) => (each.all || each.helped === null ? [] : [new Date(each.helped)]))
  const items = new Map((row?.items ?? []).map((each) => [each.id, each]))
  const [first] = items.values()
  return {
    ownAccount: row?.own_account ?? false,
    own: countOf(false),
    all: countOf(true),
    helpedAt: helped.sort((a, b) => a.getTime() - b.getTime()).at(-1) ?? null,
    items: [...items.values()].map(({ id, quantity, price }) => ({
      variantId: id,
      quantity,
      priceMinor: price,
    })),
    expiresAt: first === undefined ? null : new Date(first.until),
  }
}

/** One more answer, to this stranger and to all of them; an hour after the first one counts anew. */
export async function countAnswer(
  tx: Tx,
  mac: Mac,
  session: SessionId,
  hashes: StrangerHashes,
  now: Date,
  helped: boolean,
): Promise<void> {
  await tx.run(
    `insert into stranger_answers as a (session_id, hash, since, count, helped_at)
     select ?::uuid, hash, ?::timestamptz, 1, case when ?::boolean then ?::timestamptz end from unnest(?::bytea[]) hash
     on conflict (session_id, hash) do update set
       count = case when a.since <= excluded.since - interval '1 hour' then 1 else a.count + 1 end,
       since = case when a.since <= excluded.since - interval '1 hour' then excluded.since else a.since end,
       helped_at = coalesce(excluded.helped_at, a.helped_at)`,
    [session, now, helped, now, [...hashes, hashOfAll(mac, session)]],
  )
}

/** What they want to buy, if they say YES before that time; in place of whatever they wanted before. */
export async function rememberIntent(
  tx: Tx,
  session: SessionId,
  hashes: StrangerHashes,
  items: readonly PendingItem[],
  expiresAt: Date,
): Promise<void> {
  await forgetIntent(tx, session, hashes)
  for (const { variantId, quantity, priceMinor } of items)
    await tx.run(
      `insert into pending_intents (session_id, hash, variant_id, quantity, price_minor, expires_at)
       select ?::uuid, hash, ?::uuid, ?::int, ?::bigint, ?::timestamptz from unnest(?::bytea[]) hash`,
      [session, variantId, quantity, priceMinor, expiresAt, [...hashes]],
    )
}

/** @returns how many rows: none when somebody took it meanwhile */
export function forgetIntent(tx: Tx, session: SessionId, hashes: StrangerHashes): Promise<number> {
  return tx.run('delete from pending_intents where session_id = ? and hash = any(?::bytea[])', [session, [...hashes]])
}

/**
 * They are a customer now: nothing of what was kept of a stranger is needed.
 * @returns how many rows of what they wanted: none when somebody took it meanwhile
 */
export async function forgetStranger(tx: Tx, session: SessionId, hashes: StrangerHashes): Promise<number> {
  const taken = await forgetIntent(tx, session, hashes)
  await tx.run('delete from stranger_answers where session_id = ? and hash = any(?::bytea[])', [session, [...hashes]])
  return taken
}

/** More of a change of an outbox row `o`: nothing is kept of what a stranger was told once their phone has it, or nobody tries any more. */
export const EMPTIED = `, recipient = case when o.stranger then ''::bytea else o.recipient end,
  payload = case when o.stranger then ''::bytea else o.payload end,
  conversation_id = case when o.stranger then o.id else o.conversation_id end`

/**
 * Removes questions that ran out, and of the rest what is older than that time: counts of answers, and answers that did not arrive.
 * @returns how many
 */
export async function pruneStrangers(db: Database, now: Date, olderThan: Date): Promise<number> {
  const intents = await db.run('delete from pending_intents where expires_at <= ?', [now])
  const counts = await db.run(
    'delete from stranger_answers where since <= ? and coalesce(helped_at, since) <= ?::timestamptz',
    [olderThan, olderThan],
  )
  const answers = await db.run(
    `update outbox o set state = case when state in ('queued', 'sending', 'held') then 'failed' else state end${EMPTIED}
     where stranger and octet_length(recipient) > 0 and created_at <= ?`,
    [olderThan],
  )
  return intents + counts + answers
}
