import { createHash } from 'node:crypto'
import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { asId, type Fence, type SessionId } from '../../src/domain/ids.ts'
import { commitAuth, loadCreds, loadKeys } from '../../src/persistence/auth-state.ts'
import type { Database } from '../../src/persistence/database.ts'
import { journaled } from '../../src/persistence/inbox.ts'
import { FencedError } from '../../src/persistence/leases.ts'
import { testDatabase } from '../support/database.ts'
import { anOwned, takenOver, testSealer } from '../support/rows.ts'

const { db } = await testDatabase(t)
const sealer = testSealer()
const owned = () => anOwned(db, asId<SessionId>(uuidv7()))
const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const text = (found: Uint8Array | null | undefined) => (found ? Buffer.from(found).toString() : found)
const hash = (of: string) => createHash('sha256').update(of).digest()

/** Counts the statements that write. */
function counted(): { readonly counting: Database; readonly statements: () => number } {
  let statements = 0
  const counting: Database = {
    ...db,
    rows: (sql, params) => {
      statements += 1
      return db.rows(sql, params)
    },
  }
  return { counting, statements: () => statements }
}

const changeOf = (name: string) => ({
  creds: bytes(`creds ${name}`),
  keys: [
    { type: 'k', id: 'a', value: bytes(`key ${name}`) },
    { type: 'k', id: 'gone', value: null },
  ],
  journal: { hash: hash(name), messageKey: name, payload: bytes(`message ${name}`) },
})

async function stored(fence: Fence, name: string): Promise<readonly (string | null | undefined)[]> {
  const { session } = fence
  const keys = await loadKeys(db, sealer, session, 'k', ['a', 'gone'])
  const message = await journaled(db, sealer, session, hash(name))
  return [
    text(await loadCreds(db, sealer, session)),
    text(keys.get('a')),
    text(keys.get('gone')),
    text(message?.payload),
  ]
}

t.test('changes of several sessions that come together are one statement', async (t) => {
  const fences = await Promise.all(Array.from({ length: 6 }, owned))
  for (const fence of fences) {
    await commitAuth(db, sealer, fence, { keys: [{ type: 'k', id: 'gone', value: bytes('there') }] })
  }
  const { counting, statements } = counted()
  await Promise.all(fences.map((fence, n) => commitAuth(counting, sealer, fence, changeOf(String(n)))))
  t.equal(statements(), 1)
  for (const [n, fence] of fences.entries()) {
    t.same(await stored(fence, String(n)), [`creds ${n}`, `key ${n}`, undefined, `message ${n}`], `session ${n}`)
  }
})

t.test('keys that several sessions want at once are read in one statement, each its own', async (t) => {
  const fences = await Promise.all(Array.from({ length: 5 }, owned))
  for (const [n, fence] of fences.entries())
    await commitAuth(db, sealer, fence, {
      keys: [
        { type: 'k', id: 'a', value: bytes(`a ${n}`) },
        ...(n === 2 ? [] : [{ type: 'k', id: 'b', value: bytes(`b ${n}`) }]),
        { type: 'other', id: 'a', value: bytes(`other ${n}`) },
      ],
    })
  const { counting, statements } = counted()
  const found = await Promise.all(
    fences.map(({ session }) => loadKeys(counting, sealer, session, 'k', ['b', 'nobody', 'a'])),
  )
  t.equal(statements(), 1)
  for (const [n, keys] of found.entries())
    t.same(
      [...keys].map(([id, value]) => [id, text(value)]),
      [...(n === 2 ? [] : [['b', `b ${n}`]]), ['a', `a ${n}`]],
    )
})

t.test(
  'credentials that several sessions want at once are read in one statement, and who has none gets none',
  async (t) => {
    const fences = await Promise.all(Array.from({ length: 4 }, owned))
    for (const [n, fence] of fences.entries())
      if (n !== 1) await commitAuth(db, sealer, fence, { creds: bytes(`creds ${n}`) })
    const { counting, statements } = counted()
    const found = await Promise.all(fences.map(({ session }) => loadCreds(counting, sealer, session)))
    t.equal(statements(), 1)
    t.same(found.map(text), ['creds 0', null, 'creds 2', 'creds 3'])
  },
)

t.test('two changes of one session are never one statement', async (t) => {
  const fence = await owned()
  const { counting, statements } = counted()
  const key = (value: string) => ({ keys: [{ type: 'k', id: 'a', value: bytes(value) }] })
  await Promise.all([commitAuth(counting, sealer, fence, key('1')), commitAuth(counting, sealer, fence, key('2'))])
  t.equal(statements(), 2)
})

t.test('of changes that come together only the stale owner is refused', async (t) => {
  const [one, stale, other] = await Promise.all([owned(), owned(), owned()])
  await takenOver(db, stale)
  const { counting, statements } = counted()
  const outcomes = await Promise.allSettled(
    [one, stale, other].map((fence) => commitAuth(counting, sealer, fence, changeOf('together'))),
  )
  t.equal(statements(), 1)
  t.same(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  t.ok(outcomes[1]?.status === 'rejected' && outcomes[1].reason instanceof FencedError)
  t.same(await stored(stale, 'together'), [null, undefined, undefined, undefined])
  t.same(await stored(other, 'together'), ['creds together', 'key together', undefined, 'message together'])
})

t.test('a claim of one session holds up that session only', async (t) => {
  const [claimed, free] = await Promise.all([owned(), owned()])
  const { late } = await db.transaction(async (tx) => {
    await tx.run('select from lease where session_id = ? for update', [claimed.session])
    const commit = commitAuth(db, sealer, claimed, changeOf('late')).catch((error: unknown) => error)
    await commitAuth(db, sealer, free, changeOf('free'))
    t.same(await stored(free, 'free'), ['creds free', 'key free', undefined, 'message free'], 'meanwhile')
    t.same(await stored(claimed, 'late'), [null, undefined, undefined, undefined])
    return { late: commit }
  })
  t.equal(await late, undefined, 'it is written when the claim has left it alone')
  t.same(await stored(claimed, 'late'), ['creds late', 'key late', undefined, 'message late'])
})

t.test('a change the server refuses takes no other with it', async (t) => {
  const [wrong, right] = await Promise.all([owned(), owned()])
  const outcomes = await Promise.allSettled([
    commitAuth(db, sealer, wrong, { ...changeOf('wrong'), keys: [{ type: 'no\0text', id: 'a', value: bytes('x') }] }),
    commitAuth(db, sealer, right, changeOf('right')),
  ])
  t.same(
    outcomes.map(({ status }) => status),
    ['rejected', 'fulfilled'],
  )
  t.same(await stored(wrong, 'wrong'), [null, undefined, undefined, undefined])
  t.same(await stored(right, 'right'), ['creds right', 'key right', undefined, 'message right'])
})
