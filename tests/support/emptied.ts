// Makes a database that a test has used what it was when it was cloned: its rows gone, those of the migrations back, its counters at their
// beginning. One whose tables were changed, or that somebody is still connected to, is not: it is for nobody any more.

import type { Database } from '../../src/persistence/database.ts'

/** What a clone is like before anybody used it. */
export interface Fresh {
  readonly shape: string
  readonly tables: readonly string[]
  /** What migrations wrote, by table. */
  readonly rows: readonly { readonly name: string; readonly row: object }[]
}

const TABLES = `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and n.nspname not in ('pg_catalog','information_schema') and n.nspname not like 'pg_toast%' order by 1`

const SHAPE = `select md5(concat(
  (select string_agg(format('%s %s %s %s', c.relname, a.attname, a.atttypid, a.attnotnull), ',' order by c.relname, a.attnum)
     from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname not in ('pg_catalog','information_schema') and n.nspname not like 'pg_%'),
  (select string_agg(format('%s %s', conname, convalidated), ',' order by conname) from pg_constraint),
  (select string_agg(format('%s %s', tgname, tgenabled), ',' order by tgname) from pg_trigger where not tgisinternal),
  (select string_agg(format('%s %s', proname, md5(prosrc)), ',' order by proname, p.oid) from pg_proc p
     join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public'),
  (select count(*) from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase where d.datname = current_database())
)) as shape`

export async function freshOf(db: Database): Promise<Fresh> {
  const tables = (await db.rows<{ name: string }>(TABLES)).map(({ name }) => name)
  const all = tables.map((name) => `select '${name}' as name, to_jsonb(x) as row from ${name} x`).join(' union all ')
  const rows = await db.rows<{ name: string; row: object }>(all)
  const [{ shape } = { shape: '' }] = await db.rows<{ shape: string }>(SHAPE)
  return { shape, tables, rows }
}

/** @returns false when it cannot be used again */
export async function emptied(db: Database, fresh: Fresh): Promise<boolean> {
  const others = 'select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'
  const [now] = await db.rows<{ shape: string }>(SHAPE)
  if (now?.shape !== fresh.shape || (await db.rows(others)).length > 0) return false
  await db.transaction(async (tx) => {
    // Neither references nor triggers: all goes at once, what is only added to as well.
    await tx.run('set local session_replication_role = replica')
    await tx.run(`do $$ begin ${fresh.tables.map((name) => `delete from ${name};`).join(' ')} end $$`)
    for (const [name, rows] of Map.groupBy(fresh.rows, (each) => each.name))
      await tx.run(
        `insert into ${name} overriding system value select * from jsonb_populate_recordset(null::${name}, ?::jsonb)`,
        [JSON.stringify(rows.map(({ row }) => row))],
      )
    await tx.run(
      `select setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) from pg_sequences`,
    )
  })
  return true
}
