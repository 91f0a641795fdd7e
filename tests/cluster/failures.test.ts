import t from 'tap'
import { readAudit } from '../../scripts/chaos/audit.ts'
import { writing } from '../../scripts/chaos/plan.ts'
import { askedForQr, drops, startTraffic, takeovers } from '../../scripts/chaos/scenes.ts'
import { POLICY_VARIABLE } from '../../scripts/crash/relaxed.ts'
import { makePolicy } from '../../src/policy.ts'
import { moveTo, startCluster } from '../support/processes.ts'
import { until } from '../support/until.ts'

const HEALED_WITHIN_MS = 60_000
/** What is proven with the normal lease of 8 s, by `npm run chaos`, needs no waiting for here. */
const lease = { ttlMs: 3_000, renewMs: 500, marginMs: 1_000 }
const stage = await startCluster(t, {
  nodes: 3,
  accounts: 5,
  env: { [POLICY_VARIABLE]: JSON.stringify({ lease: { ...makePolicy().lease, ...lease } }) },
})
if (stage === null) t.plan(0, 'there is no Redis here')
else {
  const { redis, accounts, db } = stage
  for (const { number } of accounts.slice(0, 2)) await moveTo(stage, number, 'node-3')
  const load = { messages: 225, perSecond: 25, staff: 45 }
  const traffic = await startTraffic(stage, { ...writing('failures', accounts, load), perSecond: load.perSecond })
  t.teardown(() => traffic.stop())
  const answered = (count: number) =>
    until(`${count} sends were taken`, () => load.staff - traffic.sends.waiting() >= count, HEALED_WITHIN_MS)

  await t.test('Redis is emptied, killed and started again under traffic, and nobody notices', async (t) => {
    await answered(4)
    await redis.flush()
    await answered(9)
    await redis.kill()
    await answered(15)
    await redis.start()
    await answered(20)
    t.same(traffic.sends.failures, [], 'every send was answered 202')
    t.same(drops(await traffic.log()), [], 'no connection ended')
  })

  await t.test('kill -9 of a node: its sessions go on elsewhere, without a QR', async (t) => {
    const hit = [...(await stage.owners())].filter(([, owner]) => owner === 'node-3').map(([number]) => number)
    t.ok(hit.length >= 2)
    const from = Date.now()
    await stage.node('node-3').kill()
    const times = await until(
      'all its sessions have logged in elsewhere',
      async () => {
        const found = takeovers(await traffic.log(), hit, from)
        return found.length === hit.length ? found : null
      },
      HEALED_WITHIN_MS,
    )
    t.comment(`${hit.length} sessions came back after ${times.map((ms) => `${ms} ms`).join(', ')}`)
    const owners = await stage.owners()
    for (const number of hit) t.not(owners.get(number), 'node-3')
    t.equal(owners.size, accounts.length, 'every session has a living owner')
    t.notOk(askedForQr(await traffic.log()), 'nobody was asked for a QR')
  })

  await t.test('through all of it every message is answered once, and every order is placed once', async (t) => {
    await traffic.quiet()
    const { counts, findings } = await traffic.judge()
    t.same(findings, [])
    t.equal(counts.messages, load.messages)
    t.match(await readAudit(db), { foreign: 0 }, 'nobody wrote for a session that was not its own')
  })
}
