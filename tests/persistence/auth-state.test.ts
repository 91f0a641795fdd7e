import { createHash, randomBytes } from 'node:crypto'
import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { asId, type SessionId } from '../../src/domain/ids.ts'
import { commitAuth, forgetCreds, loadCreds, loadKeys } from '../../src/persistence/auth-state.ts'
import { openDatabase } from '../../src/persistence/database.ts'
import { journaled } from '../../src/persistence/inbox.ts'
import { FencedError } from '../../src/persistence/leases.ts'
import { SealBroken } from '../../src/persistence/sealer.ts'
import { testDatabase } from '../support/database.ts'
import { anOwned, takenOver, testSealer } from '../support/rows.ts'
import { until } from '../support/until.ts'

const { db, url } = await testDatabase(t)
const sealer = testSealer()
const owned = () => anOwned(db, asId<SessionId>(uuidv7()))
const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const text = (found: Uint8Array | null | undefined) => (found ? Buffer.from(found).toString() : found)
const hash = (of: string) => createHash('sha256').update(of).digest()

t.test('a session without credentials is told by null, and only that', async (t) => {
  const fence = await owned()
  t.equal(await loadCreds(db, sealer, fence.session), null)
  t.same(await loadKeys(db, sealer, fence.session, 'session', ['a']), new Map())
  const away = await openDatabase({ url })
  await away.close()
  await t.rejects(loadCreds(away, sealer, fence.session), 'a database that is away is not an empty one')
})

t.test('credentials, keys and journal are written together and read back', async (t) => {
  const fence = await owned()
  const entry = { hash: hash('c1'), messageKey: 'chat|sender|ID1', payload: bytes('hello') }
  await commitAuth(db, sealer, fence, {
    creds: bytes('creds 1'),
    keys: [
      { type: 'session', id: '15550100.0', value: bytes('s1') },
      { type: 'pre-key', id: '15550100.0', value: bytes('p1') },
      { type: 'session', id: '15550101.0', value: new Uint8Array(0) },
    ],
    journal: entry,
  })
  t.equal(text(await loadCreds(db, sealer, fence.session)), 'creds 1')
  const keys = await loadKeys(db, sealer, fence.session, 'session', ['15550100.0', '15550101.0', 'none'])
  t.same([...keys.keys()].sort(), ['15550100.0', '15550101.0'])
  t.equal(text(keys.get('15550100.0')), 's1')
  t.equal(keys.get('15550101.0')?.length, 0)
  t.equal(text((await loadKeys(db, sealer, fence.session, 'pre-key', ['15550100.0'])).get('15550100.0')), 'p1')
  const found = await journaled(db, sealer, fence.session, entry.hash)
  t.equal(found?.state, 'new')
  t.equal(text(found?.payload), 'hello')
})

t.test('a later commit changes what it names and leaves the rest', async (t) => {
  const fence = await owned()
  await commitAuth(db, sealer, fence, {
    creds: bytes('1'),
    keys: [
      { type: 'k', id: 'a', value: bytes('a1') },
      { type: 'k', id: 'b', value: bytes('b1') },
      { type: 'k', id: 'c', value: bytes('c1') },
    ],
  })
  await commitAuth(db, sealer, fence, {
    keys: [
      { type: 'k', id: 'a', value: bytes('a2') },
      { type: 'k', id: 'b', value: null },
      { type: 'k', id: 'none', value: null },
    ],
  })
  t.equal(text(await loadCreds(db, sealer, fence.session)), '1')
  const keys = await loadKeys(db, sealer, fence.session, 'k', ['a', 'b', 'c'])
  t.same(Object.fromEntries([...keys].map(([id, value]) => [id, text(value)])), { a: 'a2', c: 'c1' })
})

t.test('of two changes of one key in one commit the later counts', async (t) => {
  const fence = await owned()
  await commitAuth(db, sealer, fence, {
    keys: [
      { type: 'k', id: 'a', value: bytes('first') },
      { type: 'k', id: 'a', value: bytes('last') },
      { type: 'k', id: 'b', value: bytes('x') },
      { type: 'k', id: 'b', value: null },
      { type: 'k', id: 'c', value: null },
      { type: 'k', id: 'c', value: bytes('back') },
    ],
  })
  const keys = await loadKeys(db, sealer, fence.session, 'k', ['a', 'b', 'c'])
  t.same(Object.fromEntries([...keys].map(([id, value]) => [id, text(value)])), { a: 'last', c: 'back' })
})

t.test('hundreds of keys are one statement', async (t) => {
  const fence = await owned()
  const keys = Array.from({ length: 812 }, (_, n) => ({ type: 'pre-key', id: String(n), value: randomBytes(200) }))
  await commitAuth(db, sealer, fence, { keys })
  const found = await loadKeys(
    db,
    sealer,
    fence.session,
    'pre-key',
    keys.map(({ id }) => id),
  )
  t.equal(found.size, 812)
  t.ok(keys.every(({ id, value }) => value.equals(found.get(id) ?? Buffer.alloc(0))))
})

t.test('a stale fence writes nothing anywhere', async (t) => {
  const fence = await owned()
  await commitAuth(db, sealer, fence, { creds: bytes('old'), keys: [{ type: 'k', id: 'a', value: bytes('old') }] })
  const next = await takenOver(db, fence)
  const entry = { hash: hash('stale'), messageKey: 'm', payload: bytes('x') }
  await t.rejects(
    commitAuth(db, sealer, fence, {
      creds: bytes('new'),
      keys: [
        { type: 'k', id: 'a', value: null },
        { type: 'k', id: 'b', value: bytes('new') },
      ],
      journal: entry,
    }),
    FencedError,
  )
  await t.rejects(forgetCreds(db, fence), FencedError)
  t.equal(text(await loadCreds(db, sealer, fence.session)), 'old')
  t.same([...(await loadKeys(db, sealer, fence.session, 'k', ['a', 'b'])).keys()], ['a'])
  t.equal(await journaled(db, sealer, fence.session, entry.hash), null)
  await commitAuth(db, sealer, next, { creds: bytes('new') })
  t.equal(text(await loadCreds(db, sealer, fence.session)), 'new')
})

t.test('a commit that a claim overtakes is fenced, not half written', async (t) => {
  const fence = await owned()
  const { late } = await db.transaction(async (tx) => {
    await tx.run('select from lease where session_id = ? for update', [fence.session])
    const keys = [{ type: 'k', id: 'a', value: bytes('x') }]
    const commit = commitAuth(db, sealer, fence, { creds: bytes('late'), keys }).catch((error: unknown) => error)
    await until('the commit waits for the claim', async () => {
      const rows = await db.rows(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      return rows.length > 0
    })
    await tx.run(`update lease set owner = ?, epoch = nextval('epoch_seq') where session_id = ?`, [
      uuidv7(),
      fence.session,
    ])
    return { late: commit }
  })
  t.ok((await late) instanceof FencedError)
  t.equal(await loadCreds(db, sealer, fence.session), null)
  t.equal((await loadKeys(db, sealer, fence.session, 'k', ['a'])).size, 0)
})

t.test('a journal entry that cannot be written takes the keys with it', async (t) => {
  const fence = await owned()
  await commitAuth(db, sealer, fence, { creds: bytes('1') })
  const entry = { hash: Buffer.alloc(3), messageKey: 'm', payload: bytes('x') }
  await db.run(`alter table inbox add constraint refuse check (octet_length(hash) <> 3)`)
  await t.rejects(commitAuth(db, sealer, fence, { creds: bytes('2'), journal: entry }))
  t.equal(text(await loadCreds(db, sealer, fence.session)), '1')
  await db.run('alter table inbox drop constraint refuse')
})

t.test('no number is in the table in clear, and one contact is not the same in two sessions', async (t) => {
  const [one, two] = [await owned(), await owned()]
  const keys = [{ type: 'session', id: '15550199.0', value: bytes('secret of 15550199') }]
  await commitAuth(db, sealer, one, { keys, creds: bytes('15550199') })
  await commitAuth(db, sealer, two, { keys })
  const rows = await db.rows<{ id: Buffer; row: string }>(
    `select id, encode(id, 'escape') || encode(value, 'escape') as row from key where session_id = any(?)`,
    [[one.session, two.session]],
  )
  t.equal(rows.length, 2)
  for (const { row } of rows) t.notMatch(row, /15550199/)
  t.notOk(rows[0]?.id.equals(rows[1]?.id ?? Buffer.alloc(0)))
})

t.test('rows cannot be swapped, and another key opens nothing', async (t) => {
  const [one, two] = [await owned(), await owned()]
  const keys = [
    { type: 'k', id: 'a', value: bytes('a') },
    { type: 'k', id: 'b', value: bytes('b') },
  ]
  await commitAuth(db, sealer, one, { creds: bytes('one'), keys })
  await commitAuth(db, sealer, two, { creds: bytes('two') })
  await t.rejects(loadCreds(db, testSealer(), one.session), SealBroken)
  await db.run('update creds set data = (select data from creds where session_id = ?) where session_id = ?', [
    one.session,
    two.session,
  ])
  await t.rejects(loadCreds(db, sealer, two.session), SealBroken)
  await db.run(
    'update key k set value = (select value from key o where o.session_id = k.session_id and o.id <> k.id) where session_id = ?',
    [one.session],
  )
  await t.rejects(loadKeys(db, sealer, one.session, 'k', ['a', 'b']), SealBroken)
})

t.test('forgetting removes credentials and keys of this session only', async (t) => {
  const [one, two] = [await owned(), await owned()]
  const change = { creds: bytes('x'), keys: [{ type: 'k', id: 'a', value: bytes('a') }] }
  await commitAuth(db, sealer, one, change)
  await commitAuth(db, sealer, two, change)
  await forgetCreds(db, one)
  t.equal(await loadCreds(db, sealer, one.session), null)
  t.equal((await loadKeys(db, sealer, one.session, 'k', ['a'])).size, 0)
  t.equal(text(await loadCreds(db, sealer, two.session)), 'x')
})
