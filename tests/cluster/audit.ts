// Which process wrote for a session, and under which epoch, in the order the locks let them: a table in the database of a run, filled by
// triggers. Each process says who it is with its connections (auditedUrl); the judge of histories reads the rows as `write` events.

import { randomUUID } from 'node:crypto'
import type { Database } from '../../src/persistence/database.ts'
import type { HistoryEvent } from './history.ts'

const WRITTEN = ['creds', 'key', 'inbox'] as const

// A claim is noted under its row's lock, and a write after its own: a write that a claim should have kept out has a later number than the
// claim, and the epoch of the writer's own last claim.
const SQL = `
create table audit (
  serial bigserial primary key,
  at timestamptz not null default clock_timestamp(),
  session_id uuid not null,
  owner uuid,
  epoch bigint not null,
  what text not null
);
create index on audit (session_id, owner, epoch) where what = 'claim';
create function note_claim() returns trigger language plpgsql as $$
begin
  insert into audit (session_id, owner, epoch, what) values (new.session_id, new.owner, new.epoch, 'claim');
  return null;
end $$;
create trigger note_claim after insert or update on lease for each row when (new.owner is not null) execute function note_claim();
create function note_write() returns trigger language plpgsql as $$
begin
  insert into audit (session_id, owner, epoch, what)
  select new.session_id, a.owner, a.epoch, tg_table_name
  from audit a join node n on n.incarnation = a.owner and n.id = session_user
  where a.session_id = new.session_id and a.what = 'claim'
  order by a.epoch desc limit 1;
  return null;
end $$;
${WRITTEN.map((table) => `create trigger note_write after insert or update on ${table} for each row execute function note_write();`).join('\n')}
`

/** Creates the table and its triggers. Once, before the first process starts. */
export async function createAudit(db: Database): Promise<void> {
  await db.transaction((tx) => tx.run(SQL))
}

/**
 * Gives the process with this NODE_ID a database user of that name, so that its writes are known as its own. Users belong to the whole
 * server: the id must be one that no other run uses.
 * @returns the address under which that process must reach the database
 */
export async function auditedUrl(db: Database, url: string, nodeId: string): Promise<string> {
  if (!/^[a-z0-9_]+$/.test(nodeId)) throw new Error(`not a name for a user: ${nodeId}`)
  const password = randomUUID()
  await db.run(`create role ${nodeId} superuser login password '${password}'`)
  const address = new URL(url)
  address.username = nodeId
  address.password = password
  return address.href
}

/** Removes that user again. */
export async function forgetUser(db: Database, nodeId: string): Promise<void> {
  await db.run(`drop role if exists ${nodeId}`)
}

/** Every claim and write so far, as the judge reads them. */
export async function auditEvents(db: Database): Promise<HistoryEvent[]> {
  const rows = await db.rows<{ serial: string; at: Date; session_id: string; epoch: string }>(
    'select serial, at, session_id, epoch from audit order by serial',
  )
  return rows.map((row) => ({
    log: 'audit',
    at: row.at.getTime(),
    ev: 'write',
    session: row.session_id,
    epoch: BigInt(row.epoch),
    serial: BigInt(row.serial),
  }))
}
