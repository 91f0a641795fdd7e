import { randomUUID } from 'node:crypto'
import t from 'tap'
import { layAudit, readAudit, signedAs } from '../../../scripts/chaos/audit.ts'
import { connect } from '../../../src/persistence/database.ts'
import { registerNode } from '../../../src/persistence/leases.ts'
import { testDatabase } from '../../support/database.ts'

t.test('a write by a process that does not own the session is seen, and one under an old epoch', async (t) => {
  const { db, url } = await testDatabase(t)
  await layAudit(db)
  const signed = async (name: string) => {
    const before = process.env['PGOPTIONS']
    process.env['PGOPTIONS'] = signedAs(name).PGOPTIONS
    const own = await connect({ url, poolMax: 1 })
    await own.rows('select 1')
    if (before === undefined) delete process.env['PGOPTIONS']
    else process.env['PGOPTIONS'] = before
    t.teardown(() => own.close())
    const incarnation = randomUUID()
    await registerNode(own, { incarnation, id: name, url: null, version: '1', ttlMs: 60_000 })
    return { own, incarnation }
  }
  const [a, b] = [await signed('a'), await signed('b')]
  const session = randomUUID()
  let count = 0
  const write = (by: typeof a) => {
    count += 1
    return by.own.run('insert into key (session_id, type, id, value) values (?, ?, ?, ?)', [
      session,
      'test',
      String(count),
      Buffer.from('x'),
    ])
  }
  await db.run('insert into lease (session_id, owner, epoch) values (?, ?, 7)', [session, a.incarnation])
  await write(a)
  t.match(await readAudit(db), { writes: 1, foreign: 0 })
  await write(b)
  t.match(await readAudit(db), { writes: 2, foreign: 1, where: ['key by b'] })
  await db.run('update lease set owner = ?, epoch = 6', [b.incarnation])
  await write(b)
  t.match(await readAudit(db), { writes: 3, foreign: 2 }, 'an epoch never goes back')
})
