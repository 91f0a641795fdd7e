// Who may act for which session: the leases of nodes, the owner and epoch of each session, and the fence every write stands behind.
// When to renew, declare dead or claim is decided in actors/cluster/.

import type { Fence, SessionId } from '../domain/ids.ts'
import { type Database, errorCode, type Queryable, type Tx } from './database.ts'

/** How long a claim waits for writes under way before it leaves those sessions for the next round. */
const CLAIM_WAIT_MS = 3_000

export interface NodeRegistration {
  /** UUID of this process start. */
  readonly incarnation: string
  /** The operator's name for the node; the same after a restart. */
  readonly id: string
  /** Where other nodes reach it; null when there are none. */
  readonly url: string | null
  readonly version: string
  readonly ttlMs: number
}

/** The fence is an old one: another owner has the session, or nobody. Nothing was written. */
export class FencedError extends Error {
  override readonly name = 'FencedError'
  readonly fence: Fence

  constructor(fence: Fence) {
    super(`session ${fence.session} is not owned under epoch ${fence.epoch} any more`)
    this.fence = fence
  }
}

const AHEAD = `clock_timestamp() + ? * interval '1 millisecond'`

export async function registerNode(db: Database, node: NodeRegistration): Promise<void> {
  await db.run(`insert into node (incarnation, id, url, version, expires_at) values (?, ?, ?, ?, ${AHEAD})`, [
    node.incarnation,
    node.id,
    node.url,
    node.version,
    node.ttlMs,
  ])
}

/** @returns false when the node was told dead: it must stop everything and start under a new incarnation. */
export async function renewNode(db: Database, incarnation: string, ttlMs: number): Promise<boolean> {
  const sql = `update node set expires_at = ${AHEAD} where incarnation = ? and dead_at is null`
  return (await db.run(sql, [ttlMs, incarnation])) === 1
}

/** The node's own last word, or that of whoever saw it die. Its sessions are free from now on. */
export async function markNodeDead(db: Database, incarnation: string): Promise<void> {
  await db.run('update node set dead_at = clock_timestamp() where incarnation = ? and dead_at is null', [incarnation])
}

/**
 * Declares dead every node whose lease has run out. Only a node whose own renewals have succeeded for one whole lease may call it:
 * after an outage of the database everybody must have had the time to renew.
 * @returns their incarnations
 */
export async function declareDead(db: Database): Promise<string[]> {
  const rows = await db.rows<{ incarnation: string }>(
    `update node set dead_at = clock_timestamp()
     where dead_at is null and expires_at < clock_timestamp() returning incarnation`,
  )
  return rows.map(({ incarnation }) => incarnation)
}

/**
 * Takes the sessions that are free, ours already or a dead node's, each under a new epoch. Waits for writes under way.
 * @param owner the incarnation that takes them
 * @returns the fences of those taken; a living node's are left out
 */
export async function claim(db: Database, sessions: readonly SessionId[], owner: string): Promise<Fence[]> {
  if (sessions.length === 0) return []
  const wanted = [...new Set(sessions)].sort()
  await db.run(
    `insert into lease (session_id, owner, epoch) select id, null, 0 from unnest(?::uuid[]) as id order by id on conflict do nothing`,
    [wanted],
  )
  try {
    return await db.transaction((tx) => claimIn(tx, wanted, owner, 'wait'))
  } catch (error) {
    if (errorCode(error) !== LOCK_NOT_AVAILABLE) throw error
    return db.transaction((tx) => claimIn(tx, wanted, owner, 'skip'))
  }
}

const LOCK_NOT_AVAILABLE = '55P03'

// Lock first, decide in a second statement: one that waited for its lock would still judge by what it saw before it waited.
async function claimIn(tx: Tx, sessions: readonly string[], owner: string, locked: 'wait' | 'skip'): Promise<Fence[]> {
  if (locked === 'wait') await tx.run(`set local lock_timeout = ${CLAIM_WAIT_MS}`)
  const rows = await tx.rows<{ session_id: SessionId }>(
    `select session_id from lease where session_id = any(?::uuid[]) order by session_id
     for update ${locked === 'skip' ? 'skip locked' : ''}`,
    [sessions],
  )
  const taken = await tx.rows<{ session_id: SessionId; epoch: string }>(
    `update lease l set owner = ?, epoch = nextval('epoch_seq')
     where session_id = any(?::uuid[])
       and (owner is null or owner = ?
         or not exists (select from node n where n.incarnation = l.owner and n.dead_at is null))
     returning session_id, epoch`,
    [owner, rows.map((row) => row.session_id), owner],
  )
  return taken.map((row) => ({ session: row.session_id, owner, epoch: BigInt(row.epoch) }))
}

/** Gives a session back, if it is still ours. */
export async function release(db: Database, fence: Fence): Promise<void> {
  await db.run('update lease set owner = null where session_id = ? and owner = ? and epoch = ?', fenceValues(fence))
}

/** @returns null when nobody owns the session. The owner may be dead. */
export async function ownerOf(q: Queryable, session: SessionId): Promise<{ owner: string; epoch: bigint } | null> {
  const [row] = await q.rows<{ owner: string; epoch: string }>(
    'select owner, epoch from lease where session_id = ? and owner is not null',
    [session],
  )
  return row === undefined ? null : { owner: row.owner, epoch: BigInt(row.epoch) }
}

/**
 * The first statement of every transaction that writes for a session: until its end no claim can succeed, so what it writes it
 * writes as the owner.
 * @throws FencedError when the fence is an old one
 */
export async function lockFence(tx: Tx, fence: Fence): Promise<void> {
  const rows = await tx.rows(
    'select from lease where session_id = ? and owner = ? and epoch = ? for share',
    fenceValues(fence),
  )
  if (rows.length === 0) throw new FencedError(fence)
}

/**
 * The same as the head of a single statement: a common table expression `own` with one row while the fence holds, none after.
 * Every write of the statement must select from it, and the statement must say whether it had a row.
 */
export const OWN_ROW = 'select from lease where session_id = ? and owner = ? and epoch = ? for share'
export const OWN = `own as (${OWN_ROW})`

/** The values of `OWN`'s placeholders, and of `lockFence`'s. */
export function fenceValues(fence: Fence): [string, string, bigint] {
  return [fence.session, fence.owner, fence.epoch]
}

/** Forgets incarnations that have been dead for long and own nothing any more. @returns how many */
export function pruneNodes(db: Database, deadBefore: Date): Promise<number> {
  return db.run(
    'delete from node n where dead_at < ? and not exists (select from lease l where l.owner = n.incarnation)',
    [deadBefore],
  )
}
