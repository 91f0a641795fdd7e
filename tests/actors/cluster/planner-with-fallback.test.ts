import pino from 'pino'
import t from 'tap'
import { makeBudget } from '../../../src/actors/cluster/budget.ts'
import { plannerWithFallback } from '../../../src/actors/cluster/planner-with-fallback.ts'
import { redisPlanner } from '../../../src/actors/cluster/redis-planner.ts'
import { rowsPlanner } from '../../../src/actors/cluster/rows-planner.ts'
import type { SessionId } from '../../../src/domain/ids.ts'
import { DEFAULT_POLICY } from '../../../src/policy.ts'
import { memoryPlan } from '../../support/memory-planner.ts'
import { memoryStore } from '../../support/memory-store.ts'
import { aMember, aSession } from '../../support/planner-contract.ts'
import { ownRedis } from '../../support/redis.ts'
import { until } from '../../support/until.ts'

const monotonic = () => performance.now()
const unlimited = () => makeBudget(() => 0, monotonic)
const policy = { ...DEFAULT_POLICY.planner, reconnectMs: 20, silentMs: 1_000 }

/** A log that keeps the lines it was told. */
const listening = () => {
  const lines: string[] = []
  const log = pino({ level: 'info' }, { write: (line) => void lines.push(String(JSON.parse(line).msg)) })
  return { lines, log }
}

const theRows = (store: ReturnType<typeof memoryStore>) =>
  rowsPlanner({ store, budget: unlimited(), clusterConnectsPerSecond: 0, policy: { membersMs: 0 }, monotonic })

t.test('over a plan in memory', async (t) => {
  const store = memoryStore({ now: monotonic })
  const plan = memoryPlan({ now: monotonic })
  const { lines, log } = listening()
  const [self, other] = [aMember({ sessions: 50 }), aMember()]
  for (const member of [self, other]) {
    await store.register(member, 60_000)
    await store.renew(member.incarnation, 60_000, member)
  }
  const planner = plannerWithFallback({ redis: plan.planner(self.incarnation), rows: theRows(store), log })
  const neighbour = plan.planner(other.incarnation)
  const mine = new Map<SessionId, bigint>()
  const beat = async () => {
    await neighbour.beat(other, () => [])
    return planner.beat(self, () => mine)
  }

  await t.test('until Redis has known a node for a whole beat the rows plan', async (t) => {
    t.equal(planner.source(), 'rows')
    t.equal((await beat()).length, 2)
    t.equal(planner.source(), 'rows', 'the others may not have said yet that they live')
    await beat()
    t.equal(planner.source(), 'redis')
    t.same(lines, [], 'nothing to say at a start')
  })

  await t.test('while it is down every call is answered, and that is said once', async (t) => {
    plan.down(true)
    const session = aSession()
    const [fence] = await store.claim([session], self.incarnation)
    if (fence === undefined) throw new Error('not taken')
    const home = { incarnation: self.incarnation, epoch: fence.epoch }
    t.same(await planner.place(session), home)
    t.equal(planner.source(), 'rows')
    t.same(await planner.home(session), home)
    mine.set(session, fence.epoch)
    await planner.publish(session, home)
    await planner.forget(aSession(), 1n)
    await planner.ring(other.incarnation, { type: 'own', session })
    await planner.gone('01a20448-0000-7000-8000-000000000000')
    t.equal(await planner.take(3), 3)
    await t.rejects(beat(), 'the neighbour has nothing but Redis')
    t.equal((await planner.beat(self, () => mine)).length, 2)
    t.same(lines, ['Redis does not answer: planning goes on from the database'])

    plan.down(false)
    await beat()
    t.equal(planner.source(), 'redis')
    t.same(lines.slice(1), ['Redis answers again'])
    t.same(plan.homes().get(session), home, 'what was published meanwhile is made up for')
  })

  await t.test('a wiped plan is not asked before all had the time to come back', async (t) => {
    plan.wipe()
    await planner.beat(self, () => mine)
    t.equal(planner.source(), 'rows')
    const homes = await Promise.all(Array.from({ length: 40 }, () => planner.place(aSession())))
    t.equal(new Set(homes.map((home) => home?.incarnation)).size, 2, 'not everything to the first that came back')
    t.equal(plan.homes().size, mine.size)
    await beat()
    t.equal(planner.source(), 'redis')
    t.equal(lines.length, 2, 'nobody has to hear of it')
  })
})

t.test('over a real Redis', async (t) => {
  const server = await ownRedis(t)
  if (server === null) return t.plan(0, 'there is no Redis here')
  const store = memoryStore({ now: monotonic })
  const { lines, log } = listening()
  const self = aMember()
  await store.register(self, 600_000)
  const planner = plannerWithFallback({
    redis: redisPlanner({
      url: server.url,
      incarnation: self.incarnation,
      budget: unlimited(),
      clusterConnectsPerSecond: 0,
      policy,
      log: pino({ level: 'silent' }),
    }),
    rows: theRows(store),
    log,
  })
  t.teardown(() => planner.close())
  const session = aSession()
  const [fence] = await store.claim([session], self.incarnation)
  if (fence === undefined) throw new Error('not taken')
  const home = { incarnation: self.incarnation, epoch: fence.epoch }
  let republished = 0
  const beat = () =>
    planner.beat(self, () => {
      republished += 1
      return [[session, fence.epoch] as const]
    })
  const planned = (source: 'redis' | 'rows') =>
    until(`${source} plans`, async () => {
      t.equal((await beat()).length, 1, 'a beat is always answered')
      t.same(await planner.place(session), home, 'and so is a question')
      return planner.source() === source
    })
  await planned('redis')

  await t.test('FLUSHALL: the homes are there again with the next beat', async (t) => {
    const before = republished
    await server.flush()
    await until('it is known again', async () => {
      await beat()
      return republished > before
    })
    await planned('redis')
    t.same(await planner.home(session), home)
  })

  await t.test('kill -9 and a start: planning goes on and comes back', async (t) => {
    await server.kill()
    await planned('rows')
    await planner.publish(session, home)
    await planner.ring(self.incarnation, { type: 'own', session })
    const before = republished
    await server.start()
    await planned('redis')
    t.ok(republished > before)
    t.same(await planner.home(session), home)
    const bells: unknown[] = []
    const stop = planner.listen({ bell: (bell) => bells.push(bell), moved: () => undefined })
    await until('bells ring again', async () => {
      await planner.ring(self.incarnation, { type: 'own', session })
      return bells.length > 0
    })
    stop()
    const said = lines.filter((line) => /does not answer/.test(line)).length
    const back = lines.filter((line) => /answers again/.test(line)).length
    t.ok(said >= 1 && said === back, `${said} times away, ${back} times back`)
  })

  await t.test('a Redis that hangs holds nobody up', async (t) => {
    server.freeze()
    t.teardown(() => server.thaw())
    const waits: number[] = []
    for (let n = 0; n < 20; n += 1) {
      const from = performance.now()
      t.same(await planner.place(session), home)
      waits.push(performance.now() - from)
    }
    t.equal(planner.source(), 'rows')
    t.ok(waits.reduce((sum, ms) => sum + ms, 0) < 1_000, `20 answers in ${waits.map(Math.round).join(' ')} ms`)
    server.thaw()
    await planned('redis')
  })
})
