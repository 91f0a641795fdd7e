// The auth state of a session: opaque bytes, encrypted, under their session, type and id. What the bytes mean only
// actors/whatsapp/ knows. Reading throws on any trouble: an absent answer would start a new pairing over a living account.

import type { Fence, SessionId } from '../domain/ids.ts'
import { authParts, type SealedChange, type SealedKey } from './auth-statement.ts'
import type { Database } from './database.ts'
import { fencedRounds } from './fenced-rounds.ts'
import { type JournalEntry, sealEntry } from './inbox.ts'
import { lockFence } from './leases.ts'
import { readsTogether } from './reads-together.ts'
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

/** What fails to be read fails for all of a statement, so not too many. */
const SESSIONS_A_READ = 32

/** @returns null only when the session really has none. @throws SealBroken, or what the database throws. */
export async function loadCreds(db: Database, sealer: Sealer, session: SessionId): Promise<Uint8Array | null> {
  const data = await readCreds(db, session)
  return data === null ? null : sealer.open(data, credsPlace(session))
}

const readCreds = readsTogether(SESSIONS_A_READ, async (db, sessions: readonly SessionId[]) => {
  const rows = await db.rows<{ session: string; data: Buffer }>(
    'select session_id as session, data from creds where session_id = any(?::uuid[])',
    [sessions],
  )
  const found = new Map(rows.map(({ session, data }) => [session, data]))
  return sessions.map((session) => found.get(session) ?? null)
})

/**
 * Read together with what other sessions want at about the same time: hundreds of logins ask for the same few keys each.
 * @returns the keys that exist, by id; an id without a key is not in it. @throws SealBroken, or what the database throws.
 */
export async function loadKeys(
  db: Database,
  sealer: Sealer,
  session: SessionId,
  type: string,
  ids: readonly string[],
): Promise<Map<string, Uint8Array>> {
  if (ids.length === 0) return new Map()
  const hidden = ids.map((id) => hiddenId(sealer, session, type, id))
  const values = await readKeys(db, { session, type, ids: hidden })
  const found = new Map<string, Uint8Array>()
  for (const [n, id] of ids.entries()) {
    const [place, value] = [hidden[n], values[n]]
    if (place !== undefined && value) found.set(id, sealer.open(value, keyPlace(session, type, place)))
  }
  return found
}

interface Wanted {
  readonly session: SessionId
  readonly type: string
  readonly ids: readonly Buffer[]
}

/** Of each its values, in the order of its ids; null where there is no key. */
const readKeys = readsTogether<Wanted, readonly (Buffer | null)[]>(SESSIONS_A_READ, async (db, wanted) => {
  const all = wanted.flatMap(({ session, type, ids }) => ids.map((id) => ({ session, type, id })))
  // One look at the index for each: joined, a plan made while the table was small would read all of it once it is large.
  const rows = await db.rows<{ value: Buffer | null }>(
    `select (select value from key where session_id = k.session_id and type = k.type and id = k.id) as value
     from unnest(?::uuid[], ?::text[], ?::bytea[]) with ordinality as k (session_id, type, id, n) order by n`,
    [all.map(({ session }) => session), all.map(({ type }) => type), all.map(({ id }) => id)],
  )
  if (rows.length !== all.length) throw new Error('the database did not answer for every key')
  const values = rows.map(({ value }) => value)
  return wanted.map(({ ids }) => values.splice(0, ids.length))
})

/**
 * Writes the whole change, or nothing; together with what other sessions write at about the same time.
 * @throws FencedError when the session is not ours any more
 */
export async function commitAuth(db: Database, sealer: Sealer, fence: Fence, change: AuthChange): Promise<void> {
  const sealed = sealChange(sealer, fence, change)
  if (sealed.creds === null && sealed.keys.length === 0 && sealed.journal === null) return
  await commit(db, sealed)
}

const commit = fencedRounds<SealedChange>(authParts)

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

function sealChange(sealer: Sealer, fence: Fence, { creds, keys = [], journal }: AuthChange): SealedChange {
  const { session } = fence
  // By type and hidden id, so that a key changed twice is written once: one statement may touch a row only once.
  const last = new Map<string, SealedKey>()
  for (const { type, id: name, value } of keys) {
    const id = hiddenId(sealer, session, type, name)
    const sealed = value === null ? null : sealer.seal(value, keyPlace(session, type, id))
    last.set(`${type}|${id.toString('hex')}`, { type, id, value: sealed })
  }
  return {
    fence,
    creds: creds === undefined ? null : sealer.seal(creds, credsPlace(session)),
    keys: [...last.values()],
    journal: journal === undefined ? null : sealEntry(sealer, session, journal),
  }
}

// The ids of keys are phone numbers and LIDs. Hashed together with the session, one contact is not the same in two sessions.
function hiddenId(sealer: Sealer, session: SessionId, type: string, id: string): Buffer {
  return sealer.mac(`key|${session}|${type}|${id}`)
}

function credsPlace(session: SessionId): string {
  return `creds|${session}`
}

function keyPlace(session: SessionId, type: string, hiddenId: Buffer): string {
  return `key|${session}|${type}|${hiddenId.toString('hex')}`
}
