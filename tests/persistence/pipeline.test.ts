import t from 'tap'
import { PipelineFailed } from '../../src/persistence/database.ts'
import { testDatabase } from '../support/database.ts'

t.test('statements go together: all of them, in order, or none', async (t) => {
  const { db } = await testDatabase(t)
  await db.run('create table letters (letter text primary key)')
  const put = (letter: string) => ({ sql: 'insert into letters values (?) returning letter', params: [letter] })
  t.same(await db.together([put('a'), put('b'), { sql: 'select count(*)::int as n from letters', params: [] }]), [
    [{ letter: 'a' }],
    [{ letter: 'b' }],
    [{ n: 2 }],
  ])
  const error = await db.together([put('c'), put('a'), put('d')]).catch((thrown: unknown) => thrown)
  t.ok(error instanceof PipelineFailed)
  t.match(error, { cause: { code: '23505' } }, 'the first failure is the cause')
  t.same(await db.rows('select letter from letters order by letter'), [{ letter: 'a' }, { letter: 'b' }])
  t.same(await db.together([put('e')]), [[{ letter: 'e' }]], 'the connection serves on')
})

t.test('what fails only at the commit has not been done either', async (t) => {
  const { db } = await testDatabase(t)
  await db.run('create table pairs (id int primary key, other int references pairs deferrable initially deferred)')
  const put = (id: number, other: number) => ({ sql: 'insert into pairs values (?, ?)', params: [id, other] })
  await db.together([put(1, 2), put(2, 1)])
  await t.rejects(db.together([put(3, 4), put(5, 3)]), PipelineFailed)
  t.same(await db.rows('select count(*)::int as n from pairs'), [{ n: 2 }])
})

t.test('a connection that breaks is not given to the next', async (t) => {
  const { db } = await testDatabase(t)
  const kill = { sql: 'select pg_terminate_backend(pg_backend_pid())', params: [] }
  await t.rejects(db.together([kill, { sql: 'select 1', params: [] }]))
  t.same(await db.together([{ sql: 'select 1 as one', params: [] }]), [[{ one: 1 }]])
})
