import t from 'tap'
import { LEASE, type Owner, type Owners, owners } from '../../support/owners.ts'
import { until } from '../../support/until.ts'

const phoneOf = (n: number) => `+155502${String(n).padStart(5, '0')}`
const AMAL = '+15550900'
const LEASE_CALLS = new Set(['renew', 'declareDead', 'members'])

/** What the simulator saw of connections since an entry of its log, account by account. */
function seen({ simulator }: Owners, after: number, ...kinds: readonly string[]) {
  return simulator.log.filter((entry) => entry.seq > after && kinds.includes(entry.kind))
}

async function settled(cluster: Owners, survivor: Owner, users: Parameters<Owners['open']>[1], limitMs: number) {
  const from = performance.now()
  await cluster.open(survivor, users, limitMs)
  return performance.now() - from
}

t.test(
  'the sessions of a node that cannot renew live on another within a lease and two seconds, without a QR',
  async (t) => {
    const cluster = await owners(t)
    const [first, second] = [await cluster.start(), await cluster.start()]
    const users = [await cluster.paired(first, phoneOf(1)), await cluster.paired(first, phoneOf(2))]
    await until('the second may declare others dead', () => second.lease.valid())
    const mark = cluster.simulator.log.length
    first.withheld = true
    const took = await settled(cluster, second, users, LEASE.ttlMs + 2_000)
    t.comment(`live on the other node after ${Math.round(took)} ms (lease ${LEASE.ttlMs} ms)`)
    t.same(seen(cluster, mark, 'pairing-offered', 'replaced'), [], 'no QR, and never two connections of one account')
    for (const number of [1, 2].map((n) => phoneOf(n).slice(1))) {
      const order = seen(cluster, mark, 'login', 'disconnected').filter((entry) => entry.number === number)
      t.same(
        order.map(({ kind }) => kind),
        ['disconnected', 'login'],
        'the first closed its connection before the other opened its own',
      )
    }
    for (const user of users)
      t.match(await cluster.store.ownerOf(user), { incarnation: second.incarnation, alive: true })
    await until('it is told dead when it can speak again', () => {
      first.withheld = false
      return first.toldDead()
    })
    t.equal(first.sessions.counts().owned, 0)
  },
)

t.test(
  'a node that wakes up after its lease says nothing and writes nothing, although no timer has fired',
  async (t) => {
    const cluster = await owners(t)
    // As when it was stopped in the middle of its work: the guard's timer is not what saves it.
    const first = await cluster.start({
      lease: { guardMs: 3_600_000, ttlMs: 60_000, renewMs: 50_000, marginMs: 10_000 },
    })
    const second = await cluster.start()
    const user = await cluster.paired(first, phoneOf(3))
    await cluster.contact(user, AMAL)
    const amal = cluster.simulator.customer(AMAL)
    await amal.send(phoneOf(3), 'hi')
    await amal.waitForReply(/Welcome/)
    await until('the bot is done', async () => (await inbox(cluster, 'new')) === 0)
    const before = await inbox(cluster, 'done')
    await silence(cluster)
    const mark = cluster.simulator.log.length

    first.withheld = true
    first.ahead = 120_000
    const { id } = await amal.send(phoneOf(3), 'menu')
    await until('its connection is cut', () => seen(cluster, mark, 'disconnected').length > 0)
    t.same(
      seen(cluster, mark, 'client-receipt', 'client-ack', 'client-retry', 'client-message', 'query'),
      [],
      'not a frame',
    )
    t.notOk(amal.receiptsFor(id) === 'delivered')
    t.equal((await inbox(cluster, 'new')) + (await inbox(cluster, 'done')), before, 'not a row')

    await cluster.store.markDead(first.incarnation)
    await cluster.open(second, [user])
    await until('the message reached its successor', () => amal.receiptsFor(id) === 'delivered')
    t.same(seen(cluster, mark, 'replaced'), [])
  },
)

/** Connections the simulator has. */
const open = ({ simulator: { log } }: Owners) =>
  log.filter(({ kind }) => kind === 'connected').length - log.filter(({ kind }) => kind === 'disconnected').length

/** Waits until nothing has been said for a while. */
async function silence({ simulator }: Owners) {
  let last = { length: -1, at: 0 }
  await until('silence', () => {
    if (simulator.log.length !== last.length) last = { length: simulator.log.length, at: performance.now() }
    return performance.now() - last.at > 300
  })
}

async function inbox({ db }: Owners, state: string): Promise<number> {
  return (await db.rows('select from inbox where state = ?', [state])).length
}

t.test(
  'cut off from the database, an idle node closes its connections; once it is back they are its own again',
  async (t) => {
    const cluster = await owners(t)
    const only = await cluster.start()
    const user = await cluster.paired(only, phoneOf(4))
    const before = only.sessions.fenceOf(user)?.epoch ?? 0n
    const mark = cluster.simulator.log.length
    only.database.cut()
    const from = Date.now()
    await until('its lease is over', () => !only.lease.valid())
    await until('no connection is left', () => open(cluster) === 0)
    const closed = Math.max(...seen(cluster, mark, 'disconnected').map(({ at }) => at)) - from
    t.ok(closed < LEASE.ttlMs, `before anybody may take over: after ${closed} ms`)
    await until('its actor has ended', () => only.sessions.counts().owned === 0)
    t.same(seen(cluster, mark, 'client-receipt', 'client-message'), [])
    only.database.mend()
    await cluster.open(only, [user])
    t.ok((only.sessions.fenceOf(user)?.epoch ?? 0n) > before, 'under a new epoch')
    t.notOk(only.toldDead(), 'nobody was there to bury it')
    t.same(seen(cluster, mark, 'replaced', 'pairing-offered'), [])
  },
)

t.test('a planner that is away closes nothing, and sessions go on working', async (t) => {
  const cluster = await owners(t)
  const [first, second] = [await cluster.start(), await cluster.start()]
  const user = await cluster.paired(first, phoneOf(5))
  const mark = cluster.simulator.log.length
  cluster.planner.down = true
  const rounds = () => (first.calls.get('orphans') ?? 0) + (second.calls.get('orphans') ?? 0)
  const from = rounds()
  await cluster.contact(user, AMAL)
  const amal = cluster.simulator.customer(AMAL)
  await amal.send(phoneOf(5), 'hi')
  await amal.waitForReply(/Welcome/)
  await until('some rounds have passed', () => rounds() > from + 6)
  t.same(seen(cluster, mark, 'disconnected', 'login'), [])
  t.ok(first.lease.valid() && second.lease.valid())
  t.same((await cluster.store.ownerOf(user))?.incarnation, first.incarnation)
  t.equal(second.membership.members().length, 2, 'the node rows say who is here')
})

t.test('of two nodes that both take themselves for the home of every session, each session goes to one', async (t) => {
  const cluster = await owners(t)
  const first = await cluster.start()
  const users = [await cluster.paired(first, phoneOf(6)), await cluster.paired(first, phoneOf(7))]
  users.push(await cluster.paired(first, phoneOf(8)))
  cluster.planner.selfish = true
  const [second, third] = [await cluster.start(), await cluster.start()]
  await first.sessions.stop()
  const mark = cluster.simulator.log.length
  await cluster.store.markDead(first.incarnation)
  await Promise.all([second.sessions.resumeAll(), third.sessions.resumeAll()])
  await until('all are open', () => second.sessions.counts().open + third.sessions.counts().open === users.length)
  for (const user of users) {
    const here = [second, third].filter((node) => node.sessions.fenceOf(user) !== null)
    t.equal(here.length, 1)
    t.equal((await cluster.store.ownerOf(user))?.incarnation, here[0]?.incarnation)
  }
  t.equal(seen(cluster, mark, 'login').length, users.length, 'one login each')
  t.same(seen(cluster, mark, 'replaced'), [])
})

t.test('what an idle node asks the database does not grow with its sessions', async (t) => {
  const cluster = await owners(t)
  const node = await cluster.start()
  const statements = async () => {
    const before = new Map(node.calls)
    await until('five rounds', () => (node.calls.get('orphans') ?? 0) >= (before.get('orphans') ?? 0) + 5)
    // The lease is kept by statements of its own.
    const asked = [...node.calls].filter(([name, count]) => count > (before.get(name) ?? 0) && !LEASE_CALLS.has(name))
    return asked.map(([name]) => name).sort()
  }
  const none = await statements()
  for (let n = 10; n < 13; n++) await cluster.paired(node, phoneOf(n))
  t.same(await statements(), none)
  t.same(none, ['orphans', 'ownedAfter'])
})
