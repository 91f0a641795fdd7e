import { createHmac } from 'node:crypto'
import { Redis } from 'ioredis'
import pino from 'pino'
import t, { type Test } from 'tap'
import { type Limits, memoryLimits, type Waits } from '../../../src/actors/cluster/limits.ts'
import { limitsWithFallback } from '../../../src/actors/cluster/limits-with-fallback.ts'
import { redisLimits } from '../../../src/actors/cluster/redis-limits.ts'
import { makeLog } from '../../../src/log.ts'
import { NO_METERS } from '../../../src/meters.ts'
import { DEFAULT_POLICY } from '../../../src/policy.ts'
import { testRedis } from '../../support/redis.ts'
import { relay } from '../../support/relay.ts'
import { until } from '../../support/until.ts'

const WAITS: Waits = { free: 3, firstMs: 10_000, longestMs: 15_000, memoryMs: 60_000 }
const monotonic = () => performance.now()
const mac = (text: string) => createHmac('sha256', 'a key for tests').update(text).digest()

/** What every kind keeps. @param two of which each counts for the other */
async function contract(t: Test, [one, other]: readonly [Limits, Limits]) {
  await t.test('a window begins with its first call, counts all of them, and ends', async (t) => {
    const first = await one.hit('a', 60_000)
    t.equal(first.count, 1)
    t.ok(first.leftMs > 59_000 && first.leftMs <= 60_000)
    const second = await other.hit('a', 60_000)
    t.equal(second.count, 2)
    t.ok(second.leftMs <= first.leftMs, 'the second does not make it longer')
    t.equal((await one.hit('b', 60_000)).count, 1, 'names are counted by themselves')
    await one.hit('short', 20)
    await until('a new window', async () => (await other.hit('short', 20)).count === 1)
  })

  await t.test('attempts wait after some, longer each time, and what is right is forgotten', async (t) => {
    for (let n = 0; n < WAITS.free; n += 1) t.equal(await (n % 2 ? one : other).attempt('login', WAITS), 0)
    const waits = await other.attempt('login', WAITS)
    t.ok(waits > 9_000 && waits <= 10_000, `${waits}`)
    t.ok((await one.attempt('login', WAITS)) <= waits, 'who waits is not made to wait longer')
    t.equal(await one.attempt('another', WAITS), 0)
    t.equal((await one.hit('login', 60_000)).count, 1, 'attempts and calls of one name are two things')
    await one.forget('login')
    t.equal(await other.attempt('login', WAITS), 0)

    const quick = { free: 1, firstMs: 20, longestMs: 15_000, memoryMs: 60_000 }
    t.equal(await one.attempt('doubling', quick), 0)
    await until('the first wait is over', async () => (await one.attempt('doubling', quick)) === 0)
    const doubled = await one.attempt('doubling', { ...quick, firstMs: 20 })
    t.ok(doubled > 0 && doubled <= 40, `${doubled}`)
    for (let n = 0; n < 3; n += 1) t.equal(await one.attempt('many', { ...WAITS, free: 4 }), 0)
    t.equal(await one.attempt('many', { ...WAITS, free: 1 }), 0)
    const longest = await one.attempt('many', WAITS)
    t.ok(longest > 14_000 && longest <= 15_000, `never longer than the longest: ${longest}`)
    await one.attempt('old', { ...WAITS, free: 1, firstMs: 1, memoryMs: 20 })
    await until('failures are forgotten', async () => {
      if ((await one.attempt('old', { ...WAITS, free: 2, memoryMs: 20 })) > 0) return false
      return (await one.attempt('old', { ...WAITS, free: 2, memoryMs: 20 })) === 0
    })
  })
}

t.test('in the memory of one node', (t) => {
  const limits = memoryLimits(monotonic)
  return contract(t, [limits, limits])
})

const url = await testRedis(t)
if (url !== null) {
  const policy = { ...DEFAULT_POLICY.planner, answerMs: 5_000, reconnectMs: 20 }
  const open = (t: Pick<Test, 'teardown'>, through = url, answerMs = policy.answerMs) => {
    const limits = redisLimits({ url: through, policy: { ...policy, answerMs }, mac, log: makeLog('silent') })
    t.teardown(() => limits.close())
    return limits
  }

  t.test('in Redis, for two nodes', async (t) => {
    await contract(t, [open(t), open(t)])
    const client = new Redis(url)
    t.teardown(() => client.disconnect())
    const keys = (await client.keys('wa:*')).filter((key) => /^wa:(hits|attempts):/.test(key))
    t.ok(keys.length > 3)
    t.same(
      keys.filter((key) => !/^wa:(hits|attempts):[\w-]{43}$/.test(key)),
      [],
      'no address and no account in clear',
    )
    for (const key of keys) t.not(await client.pttl(key), -1, 'nothing stays for ever')
  })

  t.test('while Redis is away a node counts alone, from what it has seen; it is said once, and counted', async (t) => {
    const between = await relay(t, url)
    const said: string[] = []
    const log = pino({ level: 'info' }, { write: (line: string) => said.push(JSON.parse(line).msg) })
    let alone = 0
    const count = (name: string) => {
      if (name === 'limitsAlone') alone += 1
    }
    const shared = {
      shared: open(t, between.url, 1_000),
      own: memoryLimits(monotonic),
      meters: { ...NO_METERS, count },
      log,
      restMs: 20,
      monotonic,
    }
    const node = limitsWithFallback(shared)
    const elsewhere = open(t)
    t.equal((await node.hit('c', 60_000)).count, 1)
    t.equal((await elsewhere.hit('c', 60_000)).count, 2)
    t.equal((await node.hit('c', 60_000)).count, 3, 'what was counted elsewhere counts')
    between.cut()
    await until('it counts alone', async () => (await node.hit('gone', 60_000)) && alone > 0)
    t.equal((await node.hit('c', 60_000)).count, 3, 'its own two before, and this one')
    for (let n = 0; n < WAITS.free; n += 1) t.equal(await node.attempt('login', WAITS), 0, 'nobody is locked out')
    t.ok((await node.attempt('login', WAITS)) > 0, 'nor let in')
    await node.forget('login')
    t.equal(await node.attempt('login', WAITS), 0)
    t.same(said, ['Redis does not answer: each node counts its limits alone'])
    await Promise.all(Array.from({ length: 2_000 }, () => elsewhere.hit('c', 60_000)))
    between.mend()
    await until('it counts with the others again', async () => (await node.hit('c', 60_000)).count > 2_000)
    t.equal(said.length, 2)
  })
}
