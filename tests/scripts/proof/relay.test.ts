import t from 'tap'
import { openRelay } from '../../../scripts/proof/relay.ts'
import { connect } from '../../../src/persistence/database.ts'
import { testDatabase } from '../../support/database.ts'

async function through(t: Parameters<typeof testDatabase>[0]) {
  const { db, url } = await testDatabase(t)
  const relay = await openRelay(url)
  t.teardown(() => relay.close())
  const client = await connect({ url: relay.url, poolMax: 1 })
  t.teardown(() => client.close())
  await db.run('create table seen (n int)')
  const seen = async () => (await db.rows<{ n: number }>('select n from seen order by n')).map(({ n }) => n)
  return { relay, client, seen }
}

t.test('a trap before a statement keeps it from the database', async (t) => {
  const { relay, client, seen } = await through(t)
  const sprung = Promise.withResolvers<void>()
  relay.arm({ statement: 'commit', when: 'before', nth: 2 }, sprung.resolve)
  await client.transaction((tx) => tx.run('insert into seen values (1)'))
  const second = client.transaction((tx) => tx.run('insert into seen values (2)'))
  await sprung.promise
  relay.cut()
  await t.rejects(second)
  t.same(await seen(), [1])
})

t.test('a trap after a statement lets it happen and keeps the answer', async (t) => {
  const { relay, client, seen } = await through(t)
  const sprung = Promise.withResolvers<void>()
  relay.arm({ statement: 'commit', when: 'after', nth: 1 }, sprung.resolve)
  const first = client.transaction((tx) => tx.run('insert into seen values (1)'))
  await sprung.promise
  relay.cut()
  await t.rejects(first)
  t.same(await seen(), [1])
})

t.test('what is stalled arrives when the relay is mended', async (t) => {
  const { relay, client, seen } = await through(t)
  relay.stall()
  const late = client.run('insert into seen values (1)')
  t.same(await seen(), [])
  relay.mend()
  await late
  t.same(await seen(), [1])
})
