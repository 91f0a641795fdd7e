import t, { type Test } from 'tap'
import { type JanitorDeps, startJanitor } from '../../src/actors/janitor.actor.ts'
import { startActors } from '../../src/actors/nact.ts'
import type { SessionMessage } from '../../src/actors/session/messages.ts'
import { asId, type UserId } from '../../src/domain/ids.ts'
import type { SessionStateName } from '../../src/domain/session/state.ts'
import { makeLog } from '../../src/log.ts'
import { until } from '../support/until.ts'

const ANNA = asId<UserId>('00000000-0000-7000-8000-000000000001')
const BEN = asId<UserId>('00000000-0000-7000-8000-000000000002')

/** Sessions that say they are stale as long as they are in `stale`, and are then closed. */
function build(t: Test, users: readonly UserId[], policy: Partial<JanitorDeps> = {}) {
  const actors = startActors()
  const stale = new Set<UserId>()
  const states = new Map<UserId, SessionStateName>(users.map((user) => [user, 'open']))
  const refs = users.map((user) => ({
    user,
    ref: actors.spawn<SessionMessage, null>({
      name: user,
      start: () => null,
      handle(state, message) {
        if (message.type !== 'check') return state
        const found = stale.delete(user)
        if (found) states.set(user, 'connecting')
        message.reply(found)
        return state
      },
    }),
  }))
  const janitor = startJanitor(actors, {
    intervalMs: 20,
    staleTimeoutMs: 1_000,
    log: makeLog('silent'),
    now: () => new Date(),
    purge: async () => ({}),
    sessions: async () => refs,
    stateOf: (user) => states.get(user),
    session: { askTimeoutMs: 1_000 },
    ...policy,
  })
  t.teardown(async () => {
    await janitor.stop()
    await actors.stop()
  })
  const totals = () => janitor.stats().totals
  /** Until so many more runs are over. */
  const runs = async (count: number) => {
    const before = janitor.stats().runs
    await until(`${count} runs`, () => janitor.stats().runs >= before + count)
  }
  return { stale, states, totals, runs, janitor }
}

t.test('a stale session that does not open again is closed and not reconnected', async (t) => {
  const { stale, states, totals, runs } = build(t, [ANNA, BEN])
  stale.add(ANNA)
  stale.add(BEN)
  await until('both were closed', () => totals().closed === 2)
  await runs(2)
  t.equal(totals().reconnected, 0)
  states.set(BEN, 'open')
  await until('one is back', () => totals().reconnected === 1)
  await runs(2)
  t.equal(totals().reconnected, 1, 'each is counted once')
  t.equal(totals().closed, 2)
})

t.test('one that was given up is not waited for', async (t) => {
  const { stale, states, totals, runs } = build(t, [ANNA])
  stale.add(ANNA)
  await until('it was closed', () => totals().closed === 1)
  states.set(ANNA, 'logged_out')
  await runs(2)
  states.set(ANNA, 'open')
  await runs(2)
  t.equal(totals().reconnected, 0, 'a pairing long after has nothing to do with it')
})

t.test('one that is stale again and again counts each time it was open in between', async (t) => {
  const { stale, states, totals } = build(t, [ANNA])
  for (const round of [1, 2, 3]) {
    stale.add(ANNA)
    await until(`closed ${round} times`, () => totals().closed === round)
    states.set(ANNA, 'open')
    await until(`back ${round} times`, () => totals().reconnected === round)
  }
})

t.test('it runs at once when it is told to, and counts what was purged', async (t) => {
  const { janitor } = build(t, [], { intervalMs: 3_600_000, purge: async () => ({ messages: 3 }) })
  t.equal(janitor.stats().runs, 0)
  janitor.run()
  await until('it ran', () => janitor.stats().runs === 1)
  t.same(janitor.stats().lastRun?.purged, { messages: 3 })
})
