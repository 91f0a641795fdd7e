// What every store of the cluster promises, whatever keeps it: run against PostgreSQL and against the twin in memory.

import type { Test } from 'tap'
import { uuidv7 } from 'uuidv7'
import type { ClusterStore, NodeStatus } from '../../src/actors/cluster/store.ts'
import type { Fence, SessionId } from '../../src/domain/ids.ts'
import { FencedError } from '../../src/persistence/leases.ts'
import type { Wish } from './memory-store.ts'
import { until } from './until.ts'

export interface StoreHarness {
  readonly store: ClusterStore
  aSession(wish: Wish): Promise<SessionId>
  want(session: SessionId, desired: Wish['desired']): Promise<void>
  /** A fenced transaction: adds a note for the session, then holds on until `until` is settled; fails as that does. */
  write(fence: Fence, until: Promise<void>, holds?: () => void): Promise<void>
  /** How many notes of the session are committed. */
  notes(session: SessionId): Promise<number>
  /** Somebody waits for a lock. */
  waiting(): Promise<boolean>
}

const LONG_MS = 60_000
const WISHED: Wish = { desired: 'connected' }
const STATUS: NodeStatus = { draining: false, sessions: 3, loopLagMs: 1.5, rssMb: 120, leaseSlackMs: 5_900 }

export function storeContract(t: Test, make: (t: Test) => Promise<StoreHarness>): void {
  const aNode = async (store: ClusterStore, ttlMs = LONG_MS, url: string | null = null): Promise<string> => {
    const incarnation = uuidv7()
    await store.register({ incarnation, id: 'a', url, version: '1.2.3', role: 'worker', capacity: 40 }, ttlMs)
    return incarnation
  }
  const owned = async (store: ClusterStore, session: SessionId, owner?: string): Promise<Fence> => {
    const [fence] = await store.claim([session], owner ?? (await aNode(store)))
    if (fence === undefined) throw new Error('a free session was not taken')
    return fence
  }

  /** A fenced write in progress; it ends when its `word` is given. */
  const begun = async (write: StoreHarness['write'], fence: Fence) => {
    const holding = Promise.withResolvers<void>()
    const word = Promise.withResolvers<void>()
    const done = write(fence, word.promise, holding.resolve)
    await holding.promise
    return { word, done }
  }

  t.test('1. a claim waits for a fenced write in progress, and its taker sees what was written', async (t) => {
    const { store, aSession, write, notes, waiting } = await make(t)
    const fence = await owned(store, await aSession(WISHED))
    const { word, done } = await begun(write, fence)
    await store.markDead(fence.owner)
    const next = await aNode(store)
    let seen: number | null = null
    const claiming = store.claim([fence.session], next).then(async (fences) => {
      seen = await notes(fence.session)
      return fences
    })
    await until('the claim waits', waiting)
    t.equal(seen, null)
    t.equal((await store.ownerOf(fence.session))?.incarnation, fence.owner, 'nobody sees a new owner before')
    word.resolve()
    await done
    const [taken] = await claiming
    t.ok(taken && taken.epoch > fence.epoch)
    t.equal(seen, 1, 'the write came before')
    await t.rejects(write(fence, Promise.resolve()), FencedError)
    t.equal(await notes(fence.session), 1, 'and nothing of the old owner after')
  })

  t.test('a write that fails leaves nothing, and the claim that waited goes on', async (t) => {
    const { store, aSession, write, notes, waiting } = await make(t)
    const fence = await owned(store, await aSession(WISHED))
    const { word, done } = await begun(write, fence)
    const passing = owned(store, fence.session, fence.owner)
    await until('the claim waits', waiting)
    word.reject(new Error('asked to fail'))
    await t.rejects(done, { message: 'asked to fail' })
    await passing
    t.equal(await notes(fence.session), 0)
  })

  t.test('of one session a write holds up no claim of others for long', async (t) => {
    const { store, aSession, write } = await make(t)
    const fence = await owned(store, await aSession(WISHED))
    const other = await owned(store, await aSession(WISHED), fence.owner)
    const { word, done } = await begun(write, fence)
    await store.markDead(fence.owner)
    const taken = await store.claim([fence.session, other.session], await aNode(store))
    t.same(
      taken.map(({ session }) => session),
      [other.session],
    )
    word.resolve()
    await done
  })

  t.test('a node lives until its lease has run out and somebody says so', async (t) => {
    const { store } = await make(t)
    const [node, late] = [await aNode(store), await aNode(store, 150)]
    const time = (await store.renew(late, 150, STATUS)) ?? 0
    t.ok(time > 0, 'it is told the time')
    t.same(await store.declareDead(time + LONG_MS), [], 'nobody is dead before')
    const dead = await until('the lease runs out', async () => {
      t.same(await store.declareDead(time - 1), [], 'nobody by a clock that has jumped')
      const found = await store.declareDead(time + LONG_MS)
      return found.length > 0 && found
    })
    t.same(dead, [late])
    t.notOk(await store.renew(late, LONG_MS, STATUS), 'and it does not rise again')
    t.ok(await store.renew(node, LONG_MS, STATUS))
    await store.markDead(node)
    t.notOk(await store.renew(node, LONG_MS, STATUS))
    t.notOk(await store.renew(uuidv7(), LONG_MS, STATUS), 'one that never registered is told so')
  })

  t.test('members are the living ones with what they said last; neither the dead nor the late', async (t) => {
    const { store } = await make(t)
    const node = await aNode(store, LONG_MS, 'http://10.0.0.7:5001')
    const dead = await aNode(store)
    await aNode(store, 0)
    await store.markDead(dead)
    await store.renew(node, LONG_MS, { ...STATUS, draining: true })
    const found = await store.members()
    t.match(found, [
      {
        ...{ incarnation: node, id: 'a', url: 'http://10.0.0.7:5001', version: '1.2.3', role: 'worker', capacity: 40 },
        ...{ draining: true, sessions: 3, loopLagMs: 1.5, rssMb: 120, leaseSlackMs: 5_900 },
      },
    ])
    t.equal(found.length, 1)
    t.ok(found[0]?.startedAt instanceof Date)
  })

  t.test("free sessions are taken, ours again, a living node's not", async (t) => {
    const { store, aSession } = await make(t)
    const session = await aSession(WISHED)
    t.equal(await store.ownerOf(session), null)
    const first = await owned(store, session)
    const again = await owned(store, session, first.owner)
    t.ok(again.epoch > first.epoch)
    const next = await aNode(store)
    t.same(await store.claim([session], next), [])
    t.match(await store.ownerOf(session), { incarnation: first.owner, epoch: again.epoch, alive: true })
    await store.markDead(first.owner)
    t.match(await store.ownerOf(session), { incarnation: first.owner, epoch: again.epoch, alive: false })
    t.ok((await owned(store, session, next)).epoch > again.epoch)
    t.same(
      await store.claim([await aSession(WISHED)], first.owner),
      [],
      'a dead node takes nothing, not even what is free',
    )
    t.same(await store.claim([], next), [])
  })

  t.test('two that claim the same at once get different sessions, and together all', async (t) => {
    const { store, aSession } = await make(t)
    const sessions = await Promise.all(Array.from({ length: 30 }, () => aSession(WISHED)))
    const nodes = await Promise.all(Array.from({ length: 4 }, () => aNode(store)))
    const taken = await Promise.all(
      nodes.map((node, n) => store.claim(n % 2 === 0 ? sessions : sessions.toReversed(), node)),
    )
    t.equal(taken.flat().length, sessions.length)
    t.equal(new Set(taken.flat().map(({ session }) => session)).size, sessions.length)
    t.equal(new Set(taken.flat().map(({ epoch }) => epoch)).size, sessions.length)
  })

  t.test('a session is handed over without being free in between', async (t) => {
    const { store, aSession, write } = await make(t)
    const fence = await owned(store, await aSession(WISHED))
    const [next, third] = [await aNode(store, LONG_MS, 'http://10.0.0.8:1'), await aNode(store)]
    const [given, stolen] = await Promise.all([store.transfer(fence, next), store.claim([fence.session], third)])
    t.ok(given && given.owner === next && given.epoch > fence.epoch)
    t.same(stolen, [])
    t.match(await store.ownerOf(fence.session), { incarnation: next, url: 'http://10.0.0.8:1' })
    await t.rejects(write(fence, Promise.resolve()), FencedError)
    if (given !== null) await write(given, Promise.resolve())
    t.equal(await store.transfer(fence, third), null, 'an old owner hands over nothing')
  })

  t.test('a hand-over waits for a fenced write in progress', async (t) => {
    const { store, aSession, write, waiting } = await make(t)
    const fence = await owned(store, await aSession(WISHED))
    const { word, done } = await begun(write, fence)
    let given = false
    const giving = store.transfer(fence, await aNode(store)).then((next) => {
      given = true
      return next
    })
    await until('the hand-over waits', waiting)
    t.notOk(given)
    word.resolve()
    await done
    t.ok(await giving)
  })

  t.test('nothing is handed to a node that does not live', async (t) => {
    const { store, aSession } = await make(t)
    const fence = await owned(store, await aSession(WISHED))
    const [dead, late] = [await aNode(store), await aNode(store, 0)]
    await store.markDead(dead)
    for (const to of [dead, late, uuidv7()]) t.equal(await store.transfer(fence, to), null)
    t.match(await store.ownerOf(fence.session), { incarnation: fence.owner, epoch: fence.epoch }, 'it stays ours')
  })

  t.test('given back by its owner a session is free; by an older one nothing happens', async (t) => {
    const { store, aSession, want, write } = await make(t)
    const session = await aSession(WISHED)
    const fence = await owned(store, session)
    await store.release({ ...fence, epoch: fence.epoch - 1n })
    t.ok(await store.ownerOf(session))
    await store.release(fence)
    t.equal(await store.ownerOf(session), null)
    t.same(await store.orphans(10), [session])
    await t.rejects(write(fence, Promise.resolve()), FencedError)
    const next = await owned(store, session)
    await want(session, 'stopped')
    await store.release(next)
    t.same(await store.orphans(10), [], 'nobody wants it')
    await want(session, 'connected')
    t.same(await store.orphans(10), [session], 'wanted again it is found again')
    t.ok((await owned(store, session)).epoch > next.epoch, 'under an epoch that was never there')
    await t.rejects(write(next, Promise.resolve()), FencedError)
  })

  t.test(
    'orphans should be connected and are nobody’s or a dead node’s; what waits to be sent comes first',
    async (t) => {
      const { store, aSession } = await make(t)
      const idle = await aSession({ desired: 'connected', lastActive: 1_000 })
      const busy = await aSession({ desired: 'connected', lastActive: 9_000 })
      const sending = await aSession({ desired: 'connected', lastActive: 500, unsettled: true })
      await aSession({ desired: 'stopped', unsettled: true })
      await aSession({ desired: 'suspended' })
      const kept = await owned(store, await aSession({ desired: 'connected', lastActive: 99_000 }))
      const left = await owned(store, await aSession({ desired: 'connected', lastActive: 5_000 }))
      await store.markDead(left.owner)
      t.same(await store.orphans(10), [sending, busy, left.session, idle])
      t.same(await store.orphans(2), [sending, busy])
      await store.claim(await store.orphans(10), kept.owner)
      t.same(await store.orphans(10), [])
    },
  )

  t.test('a thousand sessions are taken in one call', async (t) => {
    const { store, aSession } = await make(t)
    const sessions: SessionId[] = []
    for (let n = 0; n < 1_000; n += 1) sessions.push(await aSession(WISHED))
    const dead = await aNode(store)
    t.equal((await store.claim(sessions, dead)).length, 1_000)
    await store.markDead(dead)
    const from = performance.now()
    const taken = await store.claim(await store.orphans(1_000), await aNode(store))
    t.comment(`orphans and claim of 1000: ${Math.round(performance.now() - from)} ms`)
    t.equal(taken.length, 1_000)
  })

  t.test('what came to a node after an epoch is found by that, whether it was claimed or given', async (t) => {
    const { store, aSession } = await make(t)
    const [from, to] = [await aNode(store), await aNode(store)]
    t.same(await store.ownedAfter(to, 0n), [])
    const own = await owned(store, await aSession(WISHED), to)
    const other = await owned(store, await aSession(WISHED), from)
    const given = await store.transfer(other, to)
    t.same(await store.ownedAfter(to, 0n), [own, given])
    t.same(await store.ownedAfter(to, own.epoch), [given])
    t.same(await store.ownedAfter(from, 0n), [])
  })
}
