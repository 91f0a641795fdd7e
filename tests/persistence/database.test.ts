import t from 'tap'
import {
  connect,
  type Database,
  DatabaseUnavailable,
  isDuplicate,
  isUnavailable,
  openDatabase,
} from '../../src/persistence/database.ts'
import { testDatabase } from '../support/database.ts'

const { db, url } = await testDatabase(t)
await db.run(
  'create table thing (id int primary key, data bytea, at timestamptz, day date, big bigint, tags text[], body jsonb)',
)

t.test('values go beside the statement and come back as what they are', async (t) => {
  const at = new Date('2026-01-31T12:34:56.789Z')
  await db.run('insert into thing values (?, ?, ?, ?, ?, ?, ?)', [
    1,
    new Uint8Array([0, 1, 255]),
    at,
    '2026-01-31',
    9_007_199_254_740_993n,
    ["it's", 'a "b", {c}', '?'],
    JSON.stringify({ a: [1, "o'clock?"] }),
  ])
  const [row] = await db.rows<Record<string, unknown>>(`select *, '?' as mark from thing where id = any(?)`, [[1, 2]])
  t.same(row, {
    id: 1,
    data: Buffer.from([0, 1, 255]),
    at,
    day: '2026-01-31',
    big: '9007199254740993',
    tags: ["it's", 'a "b", {c}', '?'],
    body: { a: [1, "o'clock?"] },
    mark: '?',
  })
})

t.test('arrays of bytes are one value', async (t) => {
  const list = [Buffer.from([1, 2]), new Uint8Array([92, 34, 0])]
  const rows = await db.rows<{ b: Buffer }>('select unnest(?::bytea[]) as b', [list])
  t.same(
    rows.map(({ b }) => [...b]),
    [
      [1, 2],
      [92, 34, 0],
    ],
  )
})

t.test('run tells how many rows were written', async (t) => {
  t.equal(await db.run('insert into thing (id) values (10), (11)'), 2)
  t.equal(await db.run('update thing set big = 1 where id = ?', [10]), 1)
  t.equal(await db.run('with gone as (select 99 as id) delete from thing using gone where thing.id = gone.id'), 0)
})

t.test('a wrong number of values is a bug and never reaches the server', async (t) => {
  await t.rejects(db.rows('select ?', []), { message: /1 placeholders and 0 values/ })
})

t.test('a transaction commits what it returns from and rolls back what it throws from', async (t) => {
  t.equal(await db.transaction(async (tx) => tx.run('insert into thing (id) values (20)')), 1)
  await t.rejects(
    db.transaction(async (tx) => {
      await tx.run('insert into thing (id) values (21)')
      t.equal((await db.rows('select from thing where id = 21')).length, 0, 'nobody outside sees it')
      throw new Error('no')
    }),
    { message: 'no' },
  )
  t.equal((await db.rows('select from thing where id in (20, 21)')).length, 1)
})

t.test('a failed transaction gives its connection back', async (t) => {
  const small = await openDatabase({ url, poolMax: 1 })
  t.teardown(() => small.close())
  for (let n = 0; n < 3; n += 1) await t.rejects(small.transaction((tx) => tx.rows('select nonsense')))
  t.same(await small.rows('select 1 as one'), [{ one: 1 }])
})

t.test('a broken unique rule is told by name', async (t) => {
  const error = await db.run('insert into thing (id) values (20)').catch((e: unknown) => e)
  t.ok(isDuplicate(error))
  t.ok(isDuplicate(error, 'thing_pkey'))
  t.notOk(isDuplicate(error, 'other'))
  t.notOk(isUnavailable(error))
})

t.test('a database that is away is told apart from a mistake', async (t) => {
  const other = await connect({ url, statementTimeoutMs: 100 })
  t.teardown(() => other.close())
  const late = await other.rows('select pg_sleep(5)').catch((e: unknown) => e)
  t.ok(isUnavailable(late), 'a statement whose time is up')

  const cut = other.transaction(async (tx) => {
    const [own] = await tx.rows<{ pid: number }>('select pg_backend_pid() as pid')
    await db.rows('select pg_terminate_backend(?)', [own?.pid])
    return tx.rows('select 1')
  })
  t.ok(isUnavailable(await cut.catch((e: unknown) => e)), 'a connection that was ended')
  t.same(await other.rows('select 2 as two'), [{ two: 2 }], 'the pool makes a new one')
  t.notOk(isUnavailable(await db.rows('select nonsense').catch((e: unknown) => e)), 'an unknown column')
})

t.test('connections that drop inside transactions do not use up the pool', async (t) => {
  const small = await openDatabase({ url, poolMax: 1 })
  t.teardown(() => small.close())
  for (let n = 0; n < 3; n += 1) {
    await t.rejects(
      small.transaction(async (tx) => {
        const [own] = await tx.rows<{ pid: number }>('select pg_backend_pid() as pid')
        await db.rows('select pg_terminate_backend(?)', [own?.pid])
        await tx.rows('select 1')
      }),
    )
  }
  t.same(await small.rows('select 1 as one'), [{ one: 1 }])
})

t.test('a connection that comes back inside a transaction is not given to the next', async (t) => {
  const small = await openDatabase({ url, poolMax: 1 })
  t.teardown(() => small.close())
  const pid = async () => (await small.rows<{ pid: number }>('select pg_backend_pid() as pid'))[0]?.pid
  const clean = await pid()
  t.equal(await pid(), clean)
  await small.run('begin')
  t.not(await pid(), clean)
})

t.test('entities take part in the transaction they are used in', async (t) => {
  const name = (await import('../../src/persistence/entities/node.ts')).NodeEntity
  const incarnation = '0192d0f0-0000-7000-8000-000000000001'
  const node = {
    incarnation,
    id: 'a',
    url: null,
    version: '1',
    startedAt: new Date(),
    expiresAt: new Date(),
    deadAt: null,
  }
  await t.rejects(
    db.transaction(async (tx) => {
      tx.em.create(name, node)
      await tx.em.flush()
      t.equal((await tx.rows('select from node')).length, 1)
      throw new Error('no')
    }),
    { message: 'no' },
  )
  t.equal((await db.rows('select from node')).length, 0, 'rolled back with it')
  await db.transaction(async (tx) => {
    tx.em.create(name, node)
  })
  t.equal((await db.em.findOneOrFail(name, { incarnation })).version, '1', 'and flushed with it')
  await db.run('delete from node')
})

t.test('a statement after the end of its transaction is refused', async (t) => {
  const tx = await db.transaction(async (tx) => tx)
  await t.rejects(tx.rows('select 1'), { message: /has ended/ })
  t.throws(() => tx.em, { message: /has ended/ }, 'and so is its entity manager')
})

t.test('a database that was closed stays closed, and closing it twice does no harm', async (t) => {
  const other = await connect({ url })
  await other.close()
  await other.close()
  for (const late of [other.rows('select 1'), other.ping(), other.transaction((tx) => tx.rows('select 1'))])
    t.ok(isUnavailable(await late.catch((e: unknown) => e)))
})

t.test('what cannot be connected to is one sentence without the password', async (t) => {
  const wrong = new URL(url)
  wrong.password = 'secret-word'
  wrong.pathname = '/wa_erp_test_none'
  const nobody = 'postgres://u:secret-word@127.0.0.1:1/x'
  for (const [target, sentence] of [
    [wrong.href, /refused the login|has no database/],
    [nobody, /No PostgreSQL answers at 127\.0\.0\.1:1/],
  ] as const) {
    const error = await openDatabase({ url: target }).catch((e: unknown) => e)
    t.ok(error instanceof DatabaseUnavailable && isUnavailable(error))
    t.match(error, { message: sentence })
    t.notMatch(String(error), /secret-word/)
  }
})

t.test('what was asked for before the end is answered, also when its connection is still being made', async (t) => {
  const { url } = await testDatabase(t)
  for (let round = 0; round < 10; round += 1) {
    const db = await connect({ url, poolMax: 5 })
    const asked = Array.from({ length: 4 }, () => db.rows('select 1 as one'))
    await db.close()
    t.same(await Promise.all(asked), Array(4).fill([{ one: 1 }]))
    await t.rejects(db.rows('select 1'), { name: 'DatabaseUnavailable' })
  }
})

t.test('what a test has used is empty again for the next, and is gone when its tables were changed', async (t) => {
  const used = async (work: (db: Database) => Promise<unknown>) => {
    const undo: (() => unknown)[] = []
    const { db, url } = await testDatabase({ teardown: (after: () => unknown) => void undo.push(after) })
    const rows = await db.rows(
      `select from organizations union all select from event_log union all select from audit_log`,
    )
    const applied = await db.rows('select from migration')
    await work(db)
    for (const each of undo) await each()
    return { url, rows: rows.length, applied: applied.length }
  }
  const one = await used((db) =>
    db.run(`insert into organizations (id, name, currency, timezone, locale) values
    ('01890000-0000-7000-8000-000000000001', 'Shop', 'USD', 'UTC', 'en-US')`),
  )
  const two = await used((db) => db.run('alter table organizations add column other int'))
  t.same(two, { ...one, rows: 0 })
  const three = await used(async () => {})
  t.not(three.url, two.url)
})
