import t from 'tap'
import { memoryPlan } from '../../support/memory-planner.ts'
import { aMember, aSession, plannerContract } from '../../support/planner-contract.ts'

plannerContract(t, { remembers: true }, async (_, { connects, together } = { connects: 0, together: 0 }) => {
  const plan = memoryPlan({ now: () => performance.now(), clusterConnectsPerSecond: together })
  let epoch = 0n
  return {
    async node(more) {
      const member = aMember(more)
      const planner = plan.planner(member.incarnation, connects)
      await planner.beat(member, () => [])
      return { planner, member }
    },
    again: ({ planner, member }, more) => planner.beat({ ...member, ...more }, () => []),
    async own(session, { planner, member }) {
      epoch += 1n
      await planner.publish(session, { incarnation: member.incarnation, epoch })
      return epoch
    },
    end: (node, teller) => teller.planner.gone(node.member.incarnation),
    listening: async () => {},
  }
})

t.test('a wiped plan gets its homes back with the next beat, a silent one throws', async (t) => {
  let now = 0
  const plan = memoryPlan({ now: () => now, livesMs: 8_000 })
  const member = aMember()
  const planner = plan.planner(member.incarnation)
  const session = aSession()
  const homes = () => [[session, 5n] as const]
  await planner.beat(member, homes)
  t.ok(planner.fresh())
  await planner.beat(member, homes)
  t.notOk(planner.fresh())
  plan.wipe()
  t.equal(await planner.home(session), null)
  await planner.beat(member, homes)
  t.same(await planner.home(session), { incarnation: member.incarnation, epoch: 5n })
  plan.down(true)
  await t.rejects(planner.home(session), { message: 'Redis is down' })
  plan.down(false)
  now = 8_001
  const other = aMember()
  t.equal((await plan.planner(other.incarnation).beat(other, () => [])).length, 1, 'who is silent is forgotten')
})
