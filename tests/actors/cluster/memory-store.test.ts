import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { asId, type SessionId } from '../../../src/domain/ids.ts'
import { type MemoryStore, memoryStore } from '../../support/memory-store.ts'
import { type StoreHarness, storeContract } from '../../support/store-contract.ts'

const harness = (store: MemoryStore): StoreHarness => {
  const committed = new Map<SessionId, number>()
  return {
    store,
    async aSession(wish) {
      const session = asId<SessionId>(uuidv7())
      store.want(session, wish)
      return session
    },
    want: async (session, desired) => store.want(session, { desired }),
    write: (fence, until, holds) =>
      store.write(fence, async () => {
        holds?.()
        await until
        committed.set(fence.session, (committed.get(fence.session) ?? 0) + 1)
      }),
    notes: async (session) => committed.get(session) ?? 0,
    waiting: async () => store.waiting() > 0,
  }
}

storeContract(t, async () => harness(memoryStore({ now: () => performance.now() })))

t.test(
  'without its lock a write of the old owner lands on the new one: what the contract is there to catch',
  async (t) => {
    const store = memoryStore({ now: () => 0, without: 'share-lock' })
    const session = asId<SessionId>(uuidv7())
    const node = (incarnation: string) =>
      store.register({ incarnation, id: incarnation, url: null, version: '1', role: 'all', capacity: 1 }, 10)
    await Promise.all([node('a'), node('b')])
    const [fence] = await store.claim([session], 'a')
    if (fence === undefined) throw new Error('not taken')
    const word = Promise.withResolvers<void>()
    const writing = store.write(fence, () => word.promise.then(() => store.owners().get(session)?.owner))
    await store.markDead('a')
    await store.claim([session], 'b')
    word.resolve()
    t.equal(await writing, 'b')
  },
)

t.test('a request may be lost before it arrives, or its answer after', async (t) => {
  let lost: 'before' | 'after' | null = 'before'
  const at = (_: string, when: 'before' | 'after') => {
    if (when === lost) throw new Error('the connection broke')
  }
  const store = memoryStore({ now: () => 0, at })
  const node = { incarnation: 'a', id: 'a', url: null, version: '1', role: 'all', capacity: 1 } as const
  await t.rejects(store.register(node, 10))
  lost = null
  t.same(await store.members(), [])
  lost = 'after'
  await t.rejects(store.register(node, 10))
  lost = null
  t.equal((await store.members()).length, 1)
})
