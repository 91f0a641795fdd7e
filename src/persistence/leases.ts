// Who may act for which session: the leases of nodes, the owner and epoch of each session, and the fence every write stands behind.
// When to renew, declare dead or claim is decided in actors/cluster/.

import type { Member, NodeRole, NodeStatus, Owner } from '../domain/cluster/member.ts'
import type { Fence, SessionId } from '../domain/ids.ts'
import { type Database, errorCode, type Queryable, type Tx } from './database.ts'
import { readsTogether } from './reads-together.ts'

/** How long a claim waits for writes under way before it leaves those sessions for the next round. */
const CLAIM_WAIT_MS = 3_000
/** The owners of how many sessions are asked for in one statement. */
const SESSIONS_A_READ = 100

export interface NodeRegistration {
  /** UUID of this process start. */
  readonly incarnation: string
  /** The operator's name for the node; the same after a restart. */
  readonly id: string
  /** Where other nodes reach it; null when there are none. */
  readonly url: string | null
  readonly version: string
  /** Left out: `all`, what a node that stands alone is. */
  readonly role?: NodeRole
  /** How many sessions it should own at most. Left out: 500. */
  readonly capacity?: number
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

const NOW_MS = 'extract(epoch from clock_timestamp())::float8 * 1000'
const AHEAD = `clock_timestamp() + ? * interval '1 millisecond'`

export async function registerNode(db: Database, node: NodeRegistration): Promise<void> {
  const { incarnation, id, url, version, role = 'all', capacity = 500, ttlMs } = node
  await db.run(
    `insert into node (incarnation, id, url, version, role, capacity, expires_at) values (?, ?, ?, ?, ?, ?, ${AHEAD})`,
    [incarnation, id, url, version, role, capacity, ttlMs],
  )
}

/**
 * @param status what it says of itself; left out, what it said before stays
 * @returns the time of the database, in ms since 1970; null when the node was told dead: it must stop everything and start under a new
 *   incarnation
 */
export async function renewNode(
  db: Database,
  incarnation: string,
  ttlMs: number,
  status?: NodeStatus,
): Promise<number | null> {
  const figures =
    status === undefined ? '' : ', draining = ?, sessions = ?, loop_lag_ms = ?, rss_mb = ?, lease_slack_ms = ?'
  const values =
    status === undefined ? [] : [status.draining, status.sessions, status.loopLagMs, status.rssMb, status.leaseSlackMs]
  const [row] = await db.rows<{ now: number }>(
    `update node set expires_at = ${AHEAD}${figures} where incarnation = ? and dead_at is null returning ${NOW_MS} as now`,
    [ttlMs, ...values, incarnation],
  )
  return row?.now ?? null
}

/** The living nodes whose lease has not run out, by incarnation. */
export function members(q: Queryable): Promise<Member[]> {
  return q.rows<Member>(
    `select incarnation, id, url, version, role, capacity, started_at as "startedAt", draining, sessions,
       loop_lag_ms as "loopLagMs", rss_mb as "rssMb", lease_slack_ms as "leaseSlackMs"
     from node where dead_at is null and expires_at > clock_timestamp() order by incarnation`,
  )
}

/** The node's own last word, or that of whoever saw it die. Its sessions are free from now on. */
export async function markNodeDead(db: Database, incarnation: string): Promise<void> {
  await db.run('update node set dead_at = clock_timestamp() where incarnation = ? and dead_at is null', [incarnation])
}

/**
 * Declares dead every node whose lease has run out. Only a node whose own renewals have succeeded for one whole lease may call it:
 * after an outage of the database everybody must have had the time to renew.
 * @param notAfter ms since 1970 by the clock of the database: when it shows more, another server answers or its clock was set, and nobody is
 *   declared dead by it
 * @returns their incarnations
 */
export async function declareDead(db: Database, notAfter: number): Promise<string[]> {
  const rows = await db.rows<{ incarnation: string }>(
    `update node set dead_at = clock_timestamp()
     where dead_at is null and expires_at < clock_timestamp() and ${NOW_MS} <= ?::float8 returning incarnation`,
    [notAfter],
  )
  return rows.map(({ incarnation }) => incarnation)
}

/**
 * Takes the sessions that are free, ours already or a dead node's, each under a new epoch. Waits for writes under way.
 * @param owner the incarnation that takes them
 * @returns the fences of those taken; a living node's are left out, and a node that was told dead takes none
 */
export async function claim(db: Database, sessions: readonly SessionId[], owner: string): Promise<Fence[]> {
  if (sessions.length === 0) return []
  const wanted = [...new Set(sessions)].sort()
  await db.run(
    `insert into lease (session_id, owner, epoch) select id, null, 0 from unnest(?::uuid[]) as id
     where not exists (select from lease where session_id = id) order by id on conflict do nothing`,
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
       and exists (select from node n where n.incarnation = ? and n.dead_at is null)
     returning session_id, epoch`,
    [owner, rows.map((row) => row.session_id), owner, owner],
  )
  return taken.map((row) => ({ session: row.session_id, owner, epoch: BigInt(row.epoch) }))
}

/**
 * Gives a session of ours straight to another node, under a new epoch: it is nobody's at no time. Waits for writes under way.
 * @param to the incarnation that gets it
 * @returns the other's fence; null when the session was not ours any more, or that node does not live
 */
export async function transfer(db: Database, fence: Fence, to: string): Promise<Fence | null> {
  const [row] = await db.rows<{ epoch: string }>(
    `update lease set owner = ?, epoch = nextval('epoch_seq')
     where session_id = ? and owner = ? and epoch = ?
       and exists (select from node where incarnation = ? and dead_at is null and expires_at > clock_timestamp())
     returning epoch`,
    [to, ...fenceValues(fence), to],
  )
  return row === undefined ? null : { session: fence.session, owner: to, epoch: BigInt(row.epoch) }
}

/** Gives a session back, if it is still ours. */
export async function release(db: Database, fence: Fence): Promise<void> {
  const sql = 'update lease set owner = null where session_id = ? and owner = ? and epoch = ?'
  if ((await db.run(sql, fenceValues(fence))) === 1) await tidy(db, 's.id = ?', [fence.session])
}

/** Removes the rows of sessions that are nobody's and should be: `orphans` reads none in vain. @returns how many */
export function pruneLeases(db: Database): Promise<number> {
  return tidy(db, 's.id in (select session_id from lease where owner is null)', [])
}

// A statement of its own that locks the session first: whoever wants it connected again meanwhile comes after, and makes a new row. In the
// statement that gives the session back it would meet a fenced write, which locks the other way round.
function tidy(db: Database, which: string, values: readonly unknown[]): Promise<number> {
  return db.run(
    `with unwanted as (
       select s.id from session s where ${which} and s.desired <> 'connected' for update skip locked)
     delete from lease l using unwanted u where l.session_id = u.id and l.owner is null`,
    values,
  )
}

/**
 * Sessions that should be connected and are nobody's, or a dead node's: those with something to send first, then the latest active.
 * What it costs follows how many those are, and not how many sessions there are (index lease_owner).
 */
export async function orphans(q: Queryable, limit: number): Promise<SessionId[]> {
  // Asked before, and not joined: with their values at hand the planner knows that the dead own next to nothing, and reads no more than that.
  const dead = await q.rows<{ incarnation: string }>('select incarnation from node where dead_at is not null')
  const rows = await q.rows<{ id: SessionId }>(
    `select s.id
     from (select session_id from lease where owner is null
           union all
           select session_id from lease where owner = any(?::uuid[])) as free
     join session s on s.id = free.session_id
     where s.desired = 'connected'
     order by exists (select from outbox o where o.session_id = s.id and o.state in ('queued','sending')) desc,
       greatest(s.last_seen_at, s.connected_at, s.created_at) desc, s.id
     limit ?`,
    [dead.map(({ incarnation }) => incarnation), limit],
  )
  return rows.map(({ id }) => id)
}

/** What a node owns under an epoch after that one (0n: all of it), by epoch (index lease_owner: costs what it returns). */
export async function ownedAfter(q: Queryable, owner: string, epoch: bigint): Promise<Fence[]> {
  const rows = await q.rows<{ session: SessionId; epoch: string }>(
    'select session_id as session, epoch from lease where owner = ? and epoch > ? order by epoch',
    [owner, epoch],
  )
  return rows.map((row) => ({ session: row.session, owner, epoch: BigInt(row.epoch) }))
}

/** @returns null when nobody owns the session. The owner may be dead. */
export const ownerOf: (db: Database, session: SessionId) => Promise<Owner | null> = readsTogether(
  SESSIONS_A_READ,
  async (db, sessions: readonly SessionId[]) => {
    const rows = await db.rows<Omit<Owner, 'epoch'> & { session: SessionId; epoch: string }>(
      `select l.session_id as session, l.owner as incarnation, l.epoch,
         n.incarnation is not null and n.dead_at is null as alive, n.url
       from lease l left join node n on n.incarnation = l.owner
       where l.session_id = any(?::uuid[]) and l.owner is not null`,
      [sessions],
    )
    const owners = new Map(rows.map(({ session, ...owner }) => [session, { ...owner, epoch: BigInt(owner.epoch) }]))
    return sessions.map((session) => owners.get(session) ?? null)
  },
)

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
const OWN_ROW = 'select from lease where session_id = ? and owner = ? and epoch = ? for share'
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
