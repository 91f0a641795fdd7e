import { createHash } from 'node:crypto'
import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { asId, type Fence, type SessionId } from '../../src/domain/ids.ts'
import { commitAuth } from '../../src/persistence/auth-state.ts'
import { finishInbox, journaled, nextInbox, pruneInbox } from '../../src/persistence/inbox.ts'
import { FencedError } from '../../src/persistence/leases.ts'
import { SealBroken } from '../../src/persistence/sealer.ts'
import { testDatabase } from '../support/database.ts'
import { anOwned, takenOver, testSealer } from '../support/rows.ts'

const { db } = await testDatabase(t)
const sealer = testSealer()
const owned = () => anOwned(db, asId<SessionId>(uuidv7()))
const hash = (of: string) => createHash('sha256').update(of).digest()
const keep = { keepPayload: true }

const journal = (fence: Fence, name: string, messageKey = name) =>
  commitAuth(db, sealer, fence, { journal: { hash: hash(name), messageKey, payload: Buffer.from(`text of ${name}`) } })

const finish = (fence: Fence, id: string, options = keep) =>
  db.transaction((tx) => finishInbox(tx, fence, id, 'stored', options))

const waiting = async (fence: Fence, limit = 100) =>
  (await nextInbox(db, sealer, fence.session, limit)).map(({ payload }) => Buffer.from(payload).toString())

t.test('entries come in the order they were journaled, each session its own', async (t) => {
  const [one, two] = [await owned(), await owned()]
  for (const name of ['c', 'a', 'b']) await journal(one, name)
  await journal(two, 'other')
  t.same(await waiting(one), ['text of c', 'text of a', 'text of b'])
  t.same(await waiting(one, 2), ['text of c', 'text of a'])
  t.same(await waiting(two), ['text of other'])
  const [row] = await nextInbox(db, sealer, one.session, 1)
  t.ok(row && hash('c').equals(row.hash) && row.receivedAt instanceof Date && row.messageKeyMac.length === 32)
})

t.test('a redelivered ciphertext is found by its hash and stored once', async (t) => {
  const fence = await owned()
  t.equal(await journaled(db, sealer, fence.session, hash('m')), null)
  await journal(fence, 'm')
  await journal(fence, 'm')
  t.same(await waiting(fence), ['text of m'])
  const found = await journaled(db, sealer, fence.session, hash('m'))
  t.equal(found?.state, 'new')
  t.equal(Buffer.from(found?.payload ?? []).toString(), 'text of m')
  const [row] = await nextInbox(db, sealer, fence.session, 1)
  await finish(fence, row?.id ?? '')
  await journal(fence, 'm')
  t.same(await waiting(fence), [], 'what is done is not new again')
  t.equal((await journaled(db, sealer, fence.session, hash('m')))?.state, 'done')
  t.equal(await journaled(db, sealer, (await owned()).session, hash('m')), null, 'and another session does not know it')
})

t.test('an entry is finished once', async (t) => {
  const fence = await owned()
  await journal(fence, 'm')
  const [row] = await nextInbox(db, sealer, fence.session, 1)
  const answers = await Promise.all([1, 2, 3].map(() => finish(fence, row?.id ?? '')))
  t.same(answers.toSorted(), [false, false, true])
})

t.test("a stranger's words are gone with the transaction that processed them; the hash stays", async (t) => {
  const fence = await owned()
  await journal(fence, 'm')
  const [row] = await nextInbox(db, sealer, fence.session, 1)
  t.ok(await finish(fence, row?.id ?? '', { keepPayload: false }))
  t.same(await journaled(db, sealer, fence.session, hash('m')), { state: 'done', payload: null })
})

t.test('work that fails leaves the entry new', async (t) => {
  const fence = await owned()
  await journal(fence, 'm')
  const [row] = await nextInbox(db, sealer, fence.session, 1)
  await t.rejects(
    db.transaction(async (tx) => {
      await finishInbox(tx, fence, row?.id ?? '', 'stored', { keepPayload: false })
      throw new Error('no stock')
    }),
  )
  t.same(await waiting(fence), ['text of m'])
})

t.test("a stale fence finishes nothing, and nobody finishes another session's", async (t) => {
  const fence = await owned()
  await journal(fence, 'm')
  const [row] = await nextInbox(db, sealer, fence.session, 1)
  t.notOk(await finish(await owned(), row?.id ?? ''))
  await takenOver(db, fence)
  await t.rejects(finish(fence, row?.id ?? ''), FencedError)
  t.same(await waiting(fence), ['text of m'])
})

t.test('nothing is in clear, and payloads of two entries cannot be swapped', async (t) => {
  const fence = await owned()
  await journal(fence, 'm1', '15550188@s.whatsapp.net|x|ID')
  await journal(fence, 'm2')
  const rows = await db.rows<{ row: string }>(
    `select encode(message_key, 'escape') || encode(payload, 'escape') as row from inbox where session_id = ?`,
    [fence.session],
  )
  for (const { row } of rows) t.notMatch(row, /15550188|text of/)
  await db.run(
    'update inbox i set payload = (select payload from inbox o where o.session_id = i.session_id and o.id <> i.id) where session_id = ?',
    [fence.session],
  )
  await t.rejects(nextInbox(db, sealer, fence.session, 10), SealBroken)
  await db.run('delete from inbox where session_id = ?', [fence.session])
})

t.test('pruning removes what was done long ago and nothing that waits', async (t) => {
  const fence = await owned()
  for (const name of ['old', 'fresh', 'new']) await journal(fence, name)
  const [old, fresh] = await nextInbox(db, sealer, fence.session, 2)
  await finish(fence, old?.id ?? '')
  await finish(fence, fresh?.id ?? '')
  await db.run(`update inbox set done_at = '2026-01-01', received_at = '2026-01-01' where id = ?`, [old?.id])
  await db.run(`update inbox set received_at = '2026-01-01' where session_id = ?`, [fence.session])
  t.equal(await pruneInbox(db, new Date('2026-01-02')), 1)
  t.equal(await journaled(db, sealer, fence.session, hash('old')), null)
  t.equal((await journaled(db, sealer, fence.session, hash('fresh')))?.state, 'done')
  t.same(await waiting(fence), ['text of new'])
})
