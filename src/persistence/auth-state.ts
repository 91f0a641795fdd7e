// The auth state of a session: opaque bytes, encrypted, under their session, type and id. What the bytes mean only
// actors/whatsapp/ knows. Reading throws on any trouble: an absent answer would start a new pairing over a living account.

import type { Fence, SessionId } from '../domain/ids.ts'
import { authStatement, type SealedChange, type SealedKey } from './auth-statement.ts'
import { type Database, errorCode, isUnavailable } from './database.ts'
import { gathering } from './gathering.ts'
import { type JournalEntry, sealEntry } from './inbox.ts'
import { FencedError, lockFence } from './leases.ts'
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
 * Writes the whole change, or nothing. Changes of several sessions that come at about the same time are one statement, so one round trip and
 * one write to the disk; each stands behind its own fence.
 * @throws FencedError when the session is not ours any more
 */
export async function commitAuth(db: Database, sealer: Sealer, fence: Fence, change: AuthChange): Promise<void> {
  const sealed = sealChange(sealer, fence, change)
  if (sealed.creds === null && sealed.keys.length === 0 && sealed.journal === null) return
  let commit = committers.get(db)
  if (commit === undefined) {
    commit = gathering({ atOnce: ROUNDS, most: SESSIONS_A_ROUND, nameOf, run: (changes) => writeTogether(db, changes) })
    committers.set(db, commit)
  }
  await commit(sealed)
}

/** Rounds under way at a time: while one waits for the disk the next is on its way. */
const ROUNDS = 2
/** What is written together fails together, so not too many. */
const SESSIONS_A_ROUND = 32

const committers = new WeakMap<Database, (change: SealedChange) => Promise<void>>()
const nameOf = ({ fence }: SealedChange) => fence.session

/** Nobody waits for a claim of somebody else's session, nor falls with somebody else's mistake: what cannot be written together is alone. */
async function writeTogether(db: Database, changes: readonly SealedChange[]): Promise<{ outcome: Promise<void> }[]> {
  try {
    const held = await write(db, changes, false)
    return changes.map((change) => ({ outcome: fenced(change, held) }))
  } catch (error) {
    // Only where the server has said that nothing was written.
    if (isUnavailable(error) || !SQL_STATE.test(errorCode(error) ?? '')) throw error
    return changes.map((change) => ({ outcome: writeAlone(db, change) }))
  }
}

const SQL_STATE = /^[0-9A-Z]{5}$/

async function writeAlone(db: Database, change: SealedChange): Promise<void> {
  await fenced(change, await write(db, [change], true))
}

async function write(db: Database, changes: readonly SealedChange[], waiting: boolean): Promise<ReadonlySet<string>> {
  const { sql, params } = authStatement(changes, waiting)
  const rows = await db.rows<{ session_id: string }>(sql, params)
  return new Set(rows.map((row) => row.session_id))
}

async function fenced({ fence }: SealedChange, held: ReadonlySet<string>): Promise<void> {
  if (!held.has(fence.session)) throw new FencedError(fence)
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

function sealChange(sealer: Sealer, fence: Fence, { creds, keys = [], journal }: AuthChange): SealedChange {
  const { session } = fence
  // By type and hidden id, so that a key changed twice is written once: one statement may touch a row only once.
  const last = new Map<string, SealedKey>()
  for (const { type, id: name, value } of keys) {
    const id = hidden(sealer, session, type, name)
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
function hidden(sealer: Sealer, session: SessionId, type: string, id: string): Buffer {
  return sealer.mac(`key|${session}|${type}|${id}`)
}

function credsPlace(session: SessionId): string {
  return `creds|${session}`
}

function keyPlace(session: SessionId, type: string, hiddenId: Buffer): string {
  return `key|${session}|${type}|${hiddenId.toString('hex')}`
}
