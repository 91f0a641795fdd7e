import t from 'tap'
import { makeSafeStore, type SafeStore } from '../../../src/actors/whatsapp/safe-store.ts'
import { asId, type SessionId } from '../../../src/domain/ids.ts'
import { FencedError } from '../../../src/persistence/leases.ts'
import { memoryAuthStore, testGuard } from '../../support/auth-store.ts'

const FENCE = { session: asId<SessionId>('00000000-0000-7000-8000-000000000001'), owner: 'x', epoch: 1n }

const build = () => {
  const store = memoryAuthStore()
  const guard = testGuard()
  const cuts: number[] = []
  return { store, guard, cuts, safe: makeSafeStore(store, guard, (code) => void cuts.push(code)) }
}

t.test('any failing access cuts once, and everything after it is refused', async (t) => {
  const accesses: readonly ((safe: SafeStore) => Promise<unknown>)[] = [
    (safe) => safe.loadKeys('session', ['a']),
    (safe) => safe.journaled(Buffer.from('x')),
    (safe) => safe.findSent('x'),
    (safe) => safe.commit({ creds: Buffer.from('x') }),
  ]
  for (const access of accesses) {
    const { store, cuts, safe } = build()
    store.before = async () => {
      throw new Error('away')
    }
    await t.rejects(access(safe), { cause: { message: 'away' } })
    store.before = async () => undefined
    await t.rejects(access(safe), /closed/)
    t.same(cuts, [901])
    t.equal(store.commits.length, 0)
  }
})

t.test('a fence that falls during a write is told from a storage that is away', async (t) => {
  const { store, guard, cuts, safe } = build()
  store.before = async () => {
    guard.fence('a newer epoch')
    throw new Error('fenced')
  }
  await t.rejects(safe.commit({}))
  t.same(cuts, [904])
})

t.test('a write that the database refused ends the ownership at once', async (t) => {
  const { store, guard, cuts, safe } = build()
  store.before = async () => {
    throw new FencedError(FENCE)
  }
  await t.rejects(safe.commit({}))
  t.same(cuts, [904])
  t.notOk(guard.valid())
})

t.test('without the lease the storage is not even asked', async (t) => {
  const { store, guard, cuts, safe } = build()
  guard.fence('deadline')
  await t.rejects(safe.loadKeys('session', ['a']))
  t.same(cuts, [904])
  t.equal(store.reads.size, 0)
})

t.test('settled waits for writes under way, also failing ones; closed refuses new ones without a cut', async (t) => {
  const { store, cuts, safe } = build()
  const gate = Promise.withResolvers<void>()
  store.before = () => gate.promise
  const write = safe.commit({ creds: Buffer.from('x') })
  safe.close()
  let settled = false
  const settling = safe.settled().then(() => {
    settled = true
  })
  await t.rejects(safe.commit({}), /closed/)
  t.equal(settled, false)
  gate.resolve()
  await write
  await settling
  t.same(cuts, [])
})
