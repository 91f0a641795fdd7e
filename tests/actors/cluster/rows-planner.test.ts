import t from 'tap'
import { makeBudget } from '../../../src/actors/cluster/budget.ts'
import { rowsPlanner } from '../../../src/actors/cluster/rows-planner.ts'
import { memoryStore } from '../../support/memory-store.ts'
import { aMember, aSession, plannerContract } from '../../support/planner-contract.ts'

const monotonic = () => performance.now()

plannerContract(t, { remembers: false }, async (_, { connects, together } = { connects: 0, together: 0 }) => {
  const store = memoryStore({ now: monotonic })
  return {
    async node(more) {
      const member = aMember(more)
      await store.register(member, 60_000)
      await store.renew(member.incarnation, 60_000, member)
      const planner = rowsPlanner({
        store,
        budget: makeBudget(() => connects, monotonic),
        clusterConnectsPerSecond: together,
        policy: { membersMs: 0 },
        monotonic,
      })
      await planner.beat(member, () => [])
      return { planner, member }
    },
    async again({ planner, member }, more) {
      await store.renew(member.incarnation, 60_000, { ...member, ...more })
      return planner.beat({ ...member, ...more }, () => [])
    },
    async own(session, { member }) {
      const [fence] = await store.claim([session], member.incarnation)
      if (fence === undefined) throw new Error('not taken')
      return fence.epoch
    },
    async end({ member }, { planner }) {
      await store.markDead(member.incarnation)
      await planner.gone(member.incarnation)
    },
    listening: async () => {},
  }
})

t.test('the nodes are read no more often than they change', async (t) => {
  let [now, reads] = [0, 0]
  const store = memoryStore({
    now: () => now,
    at: (name, when) => {
      if (name === 'members' && when === 'before') reads += 1
    },
  })
  const planner = rowsPlanner({
    store,
    budget: makeBudget(
      () => 0,
      () => now,
    ),
    clusterConnectsPerSecond: 0,
    policy: { membersMs: 2_000 },
    monotonic: () => now,
  })
  for (let n = 0; n < 50; n += 1) await planner.place(aSession())
  t.equal(reads, 1)
  now = 2_000
  await planner.place(aSession())
  t.equal(reads, 2)
})
