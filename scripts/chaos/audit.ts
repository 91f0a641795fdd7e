// Who writes what, as the database itself sees it: each connection carries the name of its process, and a trigger holds every write of a
// session's state against the lease of that moment.

import type { Database } from '../../src/persistence/database.ts'

/** The variable with which libpq-like clients are given settings of their connections. */
export const signedAs = (name: string) => ({ PGOPTIONS: `-c chaos.process=${name}` })

/** What only the owner of a session may write, with the column that names the session. Queueing a message is anybody's. */
const FENCED = [
  ['creds', 'session_id', 'insert or update'],
  ['key', 'session_id', 'insert or update'],
  ['inbox', 'session_id', 'insert or update'],
  ['outbox', 'session_id', 'update'],
  ['orders', 'user_id', 'insert'],
] as const

/** Lays the triggers. Once for a database, before anything is written. */
export async function layAudit(db: Database): Promise<void> {
  await db.run(
    'create table chaos_write (id bigserial primary key, process text, session_id uuid, epoch bigint, "table" text, foreign_write boolean)',
  )
  await db.run('create table chaos_process (incarnation uuid primary key, process text)')
  await db.run(`create function chaos_note_process() returns trigger language plpgsql as $$ begin
    insert into chaos_process values (new.incarnation, current_setting('chaos.process', true)); return new; end $$`)
  await db.run('create trigger chaos after insert on node for each row execute function chaos_note_process()')
  await db.run(`create function chaos_note_write() returns trigger language plpgsql as $$
    declare held record; session uuid; writer text := current_setting('chaos.process', true);
    begin
      execute format('select ($1).%I', tg_argv[0]) using new into session;
      select l.epoch, p.process into held from lease l left join chaos_process p on p.incarnation = l.owner
        where l.session_id = session;
      insert into chaos_write (process, session_id, epoch, "table", foreign_write)
        values (writer, session, held.epoch, tg_table_name, held.process is distinct from writer);
      return new;
    end $$`)
  for (const [table, column, when] of FENCED)
    await db.run(
      `create trigger chaos after ${when} on ${table} for each row execute function chaos_note_write('${column}')`,
    )
}

export interface Audit {
  readonly writes: number
  /** Written by a process that did not own the session, or under an epoch lower than one before it. */
  readonly foreign: number
  /** Of which tables. */
  readonly where: readonly string[]
}

export async function readAudit(db: Database): Promise<Audit> {
  const rows = await db.rows<{ writes: string; foreign: string; where: string[] | null }>(
    `select count(*) as writes, count(*) filter (where wrong) as foreign,
       array_agg(distinct "table" || ' by ' || coalesce(process, '?')) filter (where wrong) as where
     from (select *, foreign_write or epoch < max(epoch) over (partition by session_id order by id) as wrong
           from chaos_write) as judged`,
  )
  const [row] = rows
  return { writes: Number(row?.writes ?? 0), foreign: Number(row?.foreign ?? 0), where: row?.where ?? [] }
}
