import t from 'tap'
import { connect, openDatabase } from '../../src/persistence/database.ts'
import { migrate, upToDate } from '../../src/persistence/migrate.ts'
import { MIGRATIONS } from '../../src/persistence/migrations/index.ts'
import { narrows } from '../support/expand-only.ts'
import { testServer } from '../support/server.ts'
import { databaseUrl, freshName } from '../support/template.ts'

const { adminUrl } = await testServer()
const admin = await connect({ url: adminUrl, poolMax: 1 })
t.teardown(() => admin.close())

const emptyDatabase = async (t: { teardown(after: () => Promise<unknown>): unknown }): Promise<string> => {
  const name = freshName()
  await admin.run(`create database ${name}`)
  t.teardown(() => admin.run(`drop database ${name} with (force)`))
  return databaseUrl(adminUrl, name)
}

t.test('names are numbered, in order and used once', async (t) => {
  const names = MIGRATIONS.map(({ name }) => name)
  t.same(names, [...new Set(names)].sort())
  names.forEach((name, n) => {
    t.ok(name.startsWith(`${String(n + 1).padStart(4, '0')}-`), name)
  })
})

t.test('the version before a migration still works beside it: it only adds', async (t) => {
  for (const { name, up } of MIGRATIONS) t.same(narrows(up), [], name)
  const bad = [
    'drop table orders',
    'alter table orders drop column note',
    'alter table orders rename column note to remark',
    'alter table orders rename to sales',
    'alter table orders alter column number type text',
    'alter table orders alter column note set not null',
    'alter table orders add column colour text not null',
    'alter table orders add column colour text, add column size int not null',
    'alter table orders add constraint noted check (note is not null)',
    'create unique index one_note on orders (note)',
    'truncate orders',
    "create table a (id int); alter table a add column b int not null; delete from orders where note = ';'",
  ]
  for (const each of bad) t.equal(narrows(each).length, 1, each)
  const good = [
    'create table a (id int); alter table a add column b int not null',
    "alter table orders add column colour text not null default 'grey'",
    'alter table orders add column seq bigint; create unique index orders_seq on orders (seq)',
    'alter table orders drop constraint orders_note_check, alter column note drop not null',
    '-- drop table orders\ncreate function f() returns void language sql as $$ delete from orders; $$',
  ]
  for (const each of good) t.same(narrows(each), [], each)
})

t.test('nodes that start at once migrate an empty database once', async (t) => {
  const url = await emptyDatabase(t)
  const opened = await Promise.all(Array.from({ length: 4 }, () => openDatabase({ url, poolMax: 2 })))
  const [db] = opened
  const rows = await db?.rows<{ name: string }>('select name from migration order by name')
  t.same(
    rows,
    MIGRATIONS.map(({ name }) => ({ name })),
  )
  await Promise.all(opened.map((each) => each.close()))
})

t.test('a migration that fails leaves nothing behind and is tried again at the next start', async (t) => {
  const db = await connect({ url: await emptyDatabase(t) })
  const good = { name: '0001-a', up: 'create table a (id int)' }
  const bad = { name: '0002-b', up: 'create table b (id int); create table nonsense nonsense' }
  await t.rejects(migrate(db, [good, bad]))
  t.same(await db.rows(`select to_regclass('a') is not null as a, to_regclass('b') is not null as b`), [
    { a: true, b: false },
  ])
  t.same(await migrate(db, [good, { name: '0002-b', up: 'create table b (id int)' }]), ['0002-b'])
  await db.close()
})

t.test('tables are up to date when every migration was applied, and not before', async (t) => {
  const db = await connect({ url: await emptyDatabase(t) })
  t.teardown(() => db.close())
  t.equal(await upToDate(db), false, 'nothing is there')
  await migrate(db)
  t.equal(await upToDate(db), true)
  t.equal(await upToDate(db, [...MIGRATIONS, { name: '9999-later', up: 'select 1' }]), false)
})
