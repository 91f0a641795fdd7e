// The auth state of a session: opaque bytes, encrypted, under their session, type and id. What the bytes mean only
// actors/whatsapp/ knows. Reading throws on any trouble: an absent answer would start a new pairing over a living account.

import type { Fence, SessionId } from '../domain/ids.ts'
import type { Database } from './database.ts'
import { type JournalEntry, sealEntry } from './inbox.ts'
import { FencedError, fenceValues, lockFence, OWN } from './leases.ts'
import type { Sealer } from './sealer.ts'

export interface KeyChange {
  readonly type: string
  readonly id: string
  /** null deletes. */
  readonly value: Uint8Array | null
}

export interface AuthChange {
  readonly creds?: Uint8Array
  /** Of two changes of one key the later one counts. */
  readonly keys?: readonly KeyChange[]
  /** What was decrypted by this change of the keys. */
  readonly journal?: JournalEntry
}

/** @returns null only when the session really has none. @throws SealBroken, or what the database throws. */
export async function loadCreds(db: Database, sealer: Sealer, session: SessionId): Promise<Uint8Array | null> {
  const [row] = await db.rows<{ data: Buffer }>('select data from creds where session_id = ?', [session])
  return row === undefined ? null : sealer.open(row.data, credsPlace(session))
}

/** @returns the keys that exist, by id; an id without a key is not in it. @throws SealBroken, or what the database throws. */
export async function loadKeys(
  db: Database,
  sealer: Sealer,
  session: SessionId,
  type: string,
  ids: readonly string[],
): Promise<Map<string, Uint8Array>> {
  if (ids.length === 0) return new Map()
  const names = new Map(ids.map((id) => [hidden(sealer, session, type, id).toString('hex'), id]))
  const rows = await db.rows<{ id: Buffer; value: Buffer }>(
    'select id, value from key where session_id = ? and type = ? and id = any(?::bytea[])',
    [session, type, [...names.keys()].map((hex) => Buffer.from(hex, 'hex'))],
  )
  const found = new Map<string, Uint8Array>()
  for (const row of rows) {
    const name = names.get(row.id.toString('hex'))
    if (name !== undefined) found.set(name, sealer.open(row.value, keyPlace(session, type, row.id)))
  }
  return found
}

/**
 * Writes the whole change, or nothing: one statement, so one round trip and one write to the disk.
 * @throws FencedError when the session is not ours any more
 */
export async function commitAuth(db: Database, sealer: Sealer, fence: Fence, change: AuthChange): Promise<void> {
  const parts = [
    ...credsPart(sealer, fence.session, change.creds),
    ...keyParts(sealer, fence.session, change.keys ?? []),
    ...journalPart(sealer, fence.session, change.journal),
  ]
  if (parts.length === 0) return
  const text = [OWN, ...parts.map(({ sql }, n) => `part${n} as (${sql})`)].join(',\n')
  const values = [...fenceValues(fence), ...parts.flatMap(({ params }) => params)]
  const [row] = await db.rows<{ own: string }>(`with ${text}\nselect count(*) as own from own`, values)
  if (row?.own !== '1') throw new FencedError(fence)
}

/** Whether an account is linked: credentials are stored only once a phone has agreed. */
export async function hasCreds(db: Database, session: SessionId): Promise<boolean> {
  return (await db.rows('select from creds where session_id = ?', [session])).length > 0
}

/** Deletes all of the session's auth state: after a log-out it is of no use. */
export async function forgetCreds(db: Database, fence: Fence): Promise<void> {
  await db.transaction(async (tx) => {
    await lockFence(tx, fence)
    await tx.run('delete from creds where session_id = ?', [fence.session])
    await tx.run('delete from key where session_id = ?', [fence.session])
  })
}

interface Part {
  readonly sql: string
  readonly params: readonly unknown[]
}

function credsPart(sealer: Sealer, session: SessionId, creds: Uint8Array | undefined): Part[] {
  if (creds === undefined) return []
  const sql = `insert into creds (session_id, data) select ?::uuid, ?::bytea from own
    on conflict (session_id) do update set data = excluded.data, updated_at = now()`
  return [{ sql, params: [session, sealer.seal(creds, credsPlace(session))] }]
}

function keyParts(sealer: Sealer, session: SessionId, changes: readonly KeyChange[]): Part[] {
  // By type and hidden id, so that a key changed twice is written once: one statement may touch a row only once.
  const last = new Map<string, { type: string; id: Buffer; value: Uint8Array | null }>()
  for (const { type, id: name, value } of changes) {
    const id = hidden(sealer, session, type, name)
    last.set(`${type}|${id.toString('hex')}`, { type, id, value })
  }
  const set = [...last.values()].flatMap(({ type, id, value }) =>
    value === null ? [] : [{ type, id, value: sealer.seal(value, keyPlace(session, type, id)) }],
  )
  const gone = [...last.values()].filter(({ value }) => value === null)
  const parts: Part[] = []
  if (set.length > 0) {
    const sql = `insert into key (session_id, type, id, value)
      select ?::uuid, k.type, k.id, k.value from own, unnest(?::text[], ?::bytea[], ?::bytea[]) as k (type, id, value)
      on conflict (session_id, type, id) do update set value = excluded.value`
    parts.push({ sql, params: [session, set.map((k) => k.type), set.map((k) => k.id), set.map((k) => k.value)] })
  }
  if (gone.length > 0) {
    const sql = `delete from key using own, unnest(?::text[], ?::bytea[]) as k (type, id)
      where key.session_id = ? and key.type = k.type and key.id = k.id`
    parts.push({ sql, params: [gone.map((k) => k.type), gone.map((k) => k.id), session] })
  }
  return parts
}

function journalPart(sealer: Sealer, session: SessionId, entry: JournalEntry | undefined): Part[] {
  if (entry === undefined) return []
  const { hash, messageKey, payload } = sealEntry(sealer, session, entry)
  const sql = `insert into inbox (session_id, hash, message_key, payload, state)
    select ?::uuid, ?::bytea, ?::bytea, ?::bytea, 'new' from own on conflict (session_id, hash) do nothing`
  return [{ sql, params: [session, hash, messageKey, payload] }]
}

// The ids of keys are phone numbers and LIDs. Hashed together with the session, one contact is not the same in two sessions.
function hidden(sealer: Sealer, session: SessionId, type: string, id: string): Buffer {
  return sealer.mac(`key|${session}|${type}|${id}`)
}

function credsPlace(session: SessionId): string {
  return `creds|${session}`
}

function keyPlace(session: SessionId, type: string, hiddenId: Buffer): string {
  return `key|${session}|${type}|${hiddenId.toString('hex')}`
}
