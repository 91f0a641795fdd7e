import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { drain } from '../../../src/actors/cluster/handoff.ts'
import { asId, type UserId } from '../../../src/domain/ids.ts'
import { makeLog } from '../../../src/log.ts'
import { makePolicy } from '../../../src/policy.ts'
import { type Owner, type Owners, owners } from '../../support/owners.ts'
import { until } from '../../support/until.ts'

const phoneOf = (n: number) => `+155503${String(n).padStart(5, '0')}`
const AMAL = '+15550901'

function seen({ simulator }: Owners, after: number, ...kinds: readonly string[]) {
  return simulator.log.filter((entry) => entry.seq > after && kinds.includes(entry.kind))
}

/** How long each account was without a connection, in ms, by the simulator's clock; fails unless each had just one gap. */
function gaps(cluster: Owners, after: number, phones: readonly string[]): number[] {
  return phones.map((phone) => {
    const own = seen(cluster, after, 'disconnected', 'login').filter(({ number }) => number === phone.slice(1))
    const [gone, back, ...more] = own
    if (gone?.kind !== 'disconnected' || back?.kind !== 'login' || more.length > 0)
      throw new Error(`${phone}: ${own.map(({ kind }) => kind).join(', ')}`)
    return back.at - gone.at
  })
}

const say = (node: Owner, user: UserId, text: string) =>
  node.sessions.ask(user, 'message.send', {
    recipient: { phone: AMAL },
    text,
    idempotencyKey: text,
    author: { kind: 'user', userId: user },
    proactive: false,
  })

t.test('between two nodes that live', async (t) => {
  const cluster = await owners(t)
  const [first, second] = [await cluster.start(), await cluster.start()]

  await t.test(
    'a session handed over is connected elsewhere at once, and not one message is lost or sent twice',
    async (t) => {
      const user = await cluster.paired(first, phoneOf(1))
      await cluster.contact(user, AMAL)
      const before = first.sessions.fenceOf(user)?.epoch ?? 0n
      const texts = Array.from({ length: 30 }, (_, n) => `m${n}`)
      for (const text of texts.slice(0, 15)) t.ok((await say(first, user, text)).ok)
      const amal = cluster.simulator.customer(AMAL)
      await amal.waitForReply(/^m0$/)
      const mark = cluster.simulator.log.length

      const moving = first.sessions.handOver(user, second.incarnation)
      // Whoever asks meanwhile is answered once it is known whose the session is, and finds it there.
      for (const text of texts.slice(15)) {
        const here = await say(first, user, text)
        if (here.ok) continue
        t.equal(here.refusal.code, 'owner-moved')
        t.ok((await say(second, user, text)).ok)
      }
      t.ok(await moving)
      await cluster.open(second, [user])
      t.equal(first.sessions.fenceOf(user), null)
      t.ok((second.sessions.fenceOf(user)?.epoch ?? 0n) > before)
      t.same(cluster.planner.homes.get(user)?.incarnation, second.incarnation)
      await until('all are there', () => texts.every((text) => amal.inbox.some((message) => message.text === text)))
      for (const text of texts) {
        const all = amal.inbox.filter((message) => message.text === text)
        t.equal(all.length, 1, text)
      }
      const ids = cluster.simulator.log.filter(({ kind }) => kind === 'client-message').map(({ id }) => id)
      t.equal(new Set(ids).size, ids.length, 'what was on its way was waited for')
      const [gap] = gaps(cluster, mark, [phoneOf(1)])
      t.comment(`without a connection for ${gap} ms`)
      t.same(seen(cluster, mark, 'replaced', 'pairing-offered'), [])
    },
  )

  await t.test('whoever asks while a session leaves is answered when it has left, not before', async (t) => {
    const user = await cluster.paired(first, phoneOf(4))
    const [from, before] = [performance.now(), second.handedIn.length]
    const moving = first.sessions.handOver(user, second.incarnation)
    await until('it is leaving', async () => {
      const answer = await first.sessions.ask(user, 'session.status', {})
      if (answer.ok) return false
      t.equal(answer.refusal.code, 'owner-moved')
      return true
    })
    t.equal((await cluster.store.ownerOf(user))?.incarnation, second.incarnation, 'it is the other’s by then')
    t.ok(await moving)
    await cluster.open(second, [user])
    const [gapS = -1, ...more] = second.handedIn.slice(before)
    t.ok(gapS > 0 && gapS * 1_000 < performance.now() - from, `counted where it arrived: ${gapS} s`)
    t.same([more, first.handedIn], [[], []])
  })

  await t.test('a drain in which nothing moves ends in its time', async (t) => {
    const user = asId<UserId>(uuidv7())
    const never = new Promise<never>(() => undefined)
    const policy = { ...makePolicy().cluster, drainMs: 50 }
    const planner = {
      place: async () => ({ incarnation: 'other', epoch: 0n }),
      publish: async () => {},
      ring: async () => {},
    }
    const ended = await drain([{ session: user, idleMs: 0 }], {
      store: { transfer: () => never },
      planner,
      me: 'me',
      policy,
      log: makeLog('silent'),
      fenceOf: () => ({ session: user, owner: 'me', epoch: 1n }),
      quiet: () => never,
      leave: (_, then) => then(),
      keep: () => undefined,
    })
    t.same(ended, { moved: 0, left: 1 })
  })

  await t.test('a session handed over whose bell is lost is found by the next round', async (t) => {
    const user = await cluster.paired(first, phoneOf(2))
    cluster.planner.deaf = true
    t.ok(await first.sessions.handOver(user, second.incarnation))
    await cluster.open(second, [user], 3_000)
    t.same((await cluster.store.ownerOf(user))?.incarnation, second.incarnation)
    cluster.planner.deaf = false
  })

  await t.test('a restart ends the connection, claims afresh and opens another', async (t) => {
    const user = await cluster.paired(first, phoneOf(32))
    const before = first.sessions.fenceOf(user)?.epoch ?? 0n
    const mark = cluster.simulator.log.length
    t.ok(await first.sessions.restart(user))
    await until('it is connected again', () => seen(cluster, mark, 'login').length === 1)
    await cluster.open(first, [user])
    t.ok((first.sessions.fenceOf(user)?.epoch ?? 0n) > before)
    t.same(seen(cluster, mark, 'replaced'), [])
  })

  await t.test('put out by another connection, an account is claimed afresh before its one retry', async (t) => {
    const user = await cluster.paired(first, phoneOf(33))
    const before = first.sessions.fenceOf(user)?.epoch ?? 0n
    cluster.simulator.faults.streamError(phoneOf(33), 440)
    await until('a new epoch', () => (first.sessions.fenceOf(user)?.epoch ?? 0n) > before)
    await cluster.open(first, [user])
    cluster.simulator.faults.streamError(phoneOf(33), 440)
    await until('left to a person', async () => (await first.state(user)) === 'conflict')
    t.notOk(cluster.simulator.phone(phoneOf(33)).linkedDevices[0]?.online)
  })

  await t.test('taken by its name: a session of nobody is claimed, one of a living node is not', async (t) => {
    const user = await cluster.paired(first, phoneOf(31))
    const before = second.handedIn.length
    t.notOk(await second.sessions.take(user))
    t.ok(await first.sessions.take(user), 'it is there already')
    await first.sessions.stop()
    await cluster.store.markDead(first.incarnation)
    t.ok(await second.sessions.take(user))
    await cluster.open(second, [user])
    t.equal(second.handedIn.length, before, 'nobody handed it over')
  })
})

t.test('a session that cannot be handed over comes back where it was', async (t) => {
  const cluster = await owners(t)
  const [first, second] = [await cluster.start(), await cluster.start()]
  const user = await cluster.paired(first, phoneOf(3))
  await second.close()
  t.notOk(await first.sessions.handOver(user, second.incarnation))
  await cluster.open(first, [user])
  t.notOk(await second.sessions.take(user), 'a node that stopped takes nothing')
})

t.test(
  'a node that stops gives all its sessions away, each with one gap and none of them twice connected',
  async (t) => {
    const cluster = await owners(t)
    // More sessions than leave at once.
    const first = await cluster.start({ cluster: { drainAtOnce: 3 } })
    const [second, third] = [await cluster.start(), await cluster.start()]
    const users: UserId[] = []
    for (let n = 10; n < 16; n++) users.push(await cluster.paired(first, phoneOf(n)))
    const mark = cluster.simulator.log.length
    const from = performance.now()
    await first.close()
    const took = performance.now() - from
    await until('all are open', () => second.sessions.counts().open + third.sessions.counts().open === users.length)
    const each = gaps(
      cluster,
      mark,
      users.map((_, n) => phoneOf(10 + n)),
    ).toSorted((one, other) => one - other)
    t.comment(`drained in ${Math.round(took)} ms; gaps: median ${each[3]} ms, longest ${each.at(-1)} ms`)
    t.same(seen(cluster, mark, 'replaced', 'pairing-offered'), [])
    t.ok(second.sessions.counts().owned > 0 && third.sessions.counts().owned > 0, 'both took some')
    const epochs = await cluster.db.rows<{ owner: string }>('select owner from lease')
    t.notOk(epochs.some(({ owner }) => owner === first.incarnation))
  },
)

t.test(
  'without another node a drain keeps nobody waiting, and the sessions come back with the next node',
  async (t) => {
    const cluster = await owners(t)
    const only = await cluster.start()
    const user = await cluster.paired(only, phoneOf(30))
    const from = performance.now()
    await only.close()
    t.ok(performance.now() - from < 5_000)
    const next = await cluster.start()
    await cluster.open(next, [user])
  },
)
