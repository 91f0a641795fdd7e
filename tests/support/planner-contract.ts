// What every planner promises: run against Redis, its twin in memory, and the rows of the database.

import type { Test } from 'tap'
import { uuidv7 } from 'uuidv7'
import type { Bell, Home, Planner } from '../../src/actors/cluster/planner.ts'
import type { Member } from '../../src/actors/cluster/store.ts'
import { asId, type SessionId } from '../../src/domain/ids.ts'
import { until } from './until.ts'

export interface PlannerNode {
  readonly planner: Planner
  readonly member: Member
}

export interface PlannerHarness {
  /** A node that has beaten once. */
  node(more?: Partial<Member>): Promise<PlannerNode>
  /** It beats again, with other figures. */
  again(node: PlannerNode, more: Partial<Member>): Promise<readonly Member[]>
  /** The session is owned there now, and published. @returns the epoch */
  own(session: SessionId, node: PlannerNode): Promise<bigint>
  /** The node is over, and somebody says so. */
  end(node: PlannerNode, teller: PlannerNode): Promise<void>
  /** Waits until listeners are heard, where that takes time. */
  listening(node: PlannerNode): Promise<void>
}

export interface PlannerKind {
  /** It keeps plans and homes of its own, follows the load, and carries bells; else it only reads what the database says. */
  readonly remembers: boolean
}

export const aSession = (): SessionId => asId<SessionId>(uuidv7())

export const aMember = (more: Partial<Member> = {}): Member => ({
  incarnation: uuidv7(),
  id: 'a',
  url: 'http://127.0.0.1:5001',
  version: '1.0.0',
  role: 'all',
  capacity: 100,
  startedAt: new Date('2026-01-01T00:00:00Z'),
  draining: false,
  sessions: 0,
  loopLagMs: 1.5,
  rssMb: 120,
  leaseSlackMs: 5_900,
  ...more,
})

/** @param make one cluster's planners; `connects` and `together` are the budgets, 0 for no limit */
export function plannerContract(
  t: Test,
  { remembers }: PlannerKind,
  make: (t: Test, budgets?: { connects: number; together: number }) => Promise<PlannerHarness>,
): void {
  const homeless = async (planner: Planner, count: number): Promise<Map<string, number>> => {
    const found = new Map<string, number>()
    for (let n = 0; n < count; n += 1) {
      const home = await planner.place(aSession())
      if (home !== null) found.set(home.incarnation, (found.get(home.incarnation) ?? 0) + 1)
    }
    return found
  }

  t.test('a beat tells who else lives, and what they say of themselves', async (t) => {
    const { node, again } = await make(t)
    const [a, b] = [await node({ url: null, sessions: 3 }), await node({ role: 'edge' })]
    const seen = await again(a, { draining: true, sessions: 4 })
    const wanted = [{ ...a.member, draining: true, sessions: 4 }, b.member]
    t.same(
      seen.map((member) => ({ ...member, startedAt: null })),
      wanted
        .map((member) => ({ ...member, startedAt: null }))
        .sort((one, other) => (one.incarnation < other.incarnation ? -1 : 1)),
    )
    t.ok(seen[0]?.startedAt instanceof Date)
  })

  t.test('a session gets a home, the same whoever asks', async (t) => {
    const { node, again } = await make(t)
    const [a, b] = [await node(), await node()]
    await again(a, {})
    for (let n = 0; n < 20; n += 1) {
      const session = aSession()
      const home = await a.planner.place(session)
      t.ok(home !== null && [a, b].some(({ member }) => member.incarnation === home.incarnation))
      t.equal(home?.epoch, 0n, 'nobody owns it yet')
      t.same(await b.planner.place(session), home)
      t.same(await a.planner.place(session), home)
    }
  })

  t.test('edge nodes, draining ones and the one not wanted never get a session', async (t) => {
    const { node, again } = await make(t)
    const [edge, draining] = [await node({ role: 'edge' }), await node({ draining: true })]
    t.equal(await edge.planner.place(aSession()), null, 'no node takes sessions')
    const worker = await node({ role: 'worker' })
    await again(edge, {})
    t.same([...(await homeless(edge.planner, 10)).keys()], [worker.member.incarnation])
    t.equal(await edge.planner.place(aSession(), worker.member.incarnation), null)
    await again(worker, { draining: true })
    await again(edge, {})
    t.equal(await edge.planner.place(aSession()), null)
    await again(draining, { draining: false })
    await again(edge, {})
    t.same([...(await homeless(edge.planner, 10)).keys()], [draining.member.incarnation])
  })

  t.test('the newest version comes first, and within it a node with room', async (t) => {
    const { node, again } = await make(t)
    const old = await node({ version: '1.9.0' })
    const recent = await node({ version: '1.10.0', capacity: 5 })
    await again(old, {})
    t.same([...(await homeless(old.planner, 4)).keys()], [recent.member.incarnation])
    await again(recent, { sessions: 5 })
    await again(old, {})
    t.same([...(await homeless(old.planner, 10)).keys()], [old.member.incarnation], 'the full one comes after')
    await again(recent, { sessions: 9 })
    await again(old, { sessions: 200 })
    t.same([...(await homeless(old.planner, 10)).keys()], [recent.member.incarnation], 'all are full')
  })

  t.test('nodes are filled in proportion to what they should own', async (t) => {
    const { node, again } = await make(t)
    const nodes = [await node({ capacity: 100 }), await node({ capacity: 200 }), await node({ capacity: 300 })]
    const [first] = nodes
    if (first === undefined) return
    await again(first, {})
    const found = await homeless(first.planner, 300)
    const [slack, counts] = [remembers ? 1 : 35, nodes.map(({ member }) => found.get(member.incarnation) ?? 0)]
    for (const [n, wanted] of [50, 100, 150].entries())
      t.ok(Math.abs((counts[n] ?? 0) - wanted) <= slack, `${counts[n]} of ${wanted}`)
  })

  t.test('an owned session stays where it is while its node lives, and gets another home after', async (t) => {
    const { node, again, own, end } = await make(t)
    const [a, b] = [await node(), await node()]
    await again(a, {})
    const session = aSession()
    t.equal(await a.planner.home(session), null)
    const epoch = await own(session, b)
    const home: Home = { incarnation: b.member.incarnation, epoch }
    t.same(await a.planner.home(session), home)
    t.same(await a.planner.place(session), home)
    await again(b, { draining: true, sessions: 99 })
    await again(a, {})
    t.same(await a.planner.place(session), home, 'draining it is still there')
    await end(b, a)
    t.same(await a.planner.home(session), home, 'nobody says otherwise yet')
    t.same(await a.planner.place(session), { incarnation: a.member.incarnation, epoch: 0n })
    const next = await own(session, a)
    t.same(await b.planner.home(session), { incarnation: a.member.incarnation, epoch: next })
  })

  t.test('a session that should move is planned anywhere but there', async (t) => {
    const { node, again, own } = await make(t)
    const [a, b] = [await node(), await node()]
    await again(a, {})
    await again(b, {})
    const session = aSession()
    await own(session, a)
    t.same(await b.planner.place(session, a.member.incarnation), { incarnation: b.member.incarnation, epoch: 0n })
  })

  t.test('connections are given within the budget of the node', async (t) => {
    const { node } = await make(t, { connects: 5, together: 100 })
    const [a, b] = [await node(), await node()]
    t.equal(await a.planner.take(3), 3)
    t.equal(await a.planner.take(3), 2)
    t.equal(await a.planner.take(0), 0)
    t.equal(await b.planner.take(9), 5, 'each has its own')
  })

  t.test('and within that of all nodes together', async (t) => {
    const { node, again } = await make(t, { connects: 100, together: 8 })
    const [a, b] = [await node(), await node()]
    await again(a, {})
    await again(b, {})
    const given = (await a.planner.take(6)) + (await b.planner.take(6)) + (await a.planner.take(6))
    t.ok(given >= 8 - 1 && given <= 8 + 1, `${given} of 8`)
    await until('more is given later', async () => (await b.planner.take(1)) === 1)
  })

  t.test('without a budget all are given', async (t) => {
    const { node } = await make(t, { connects: 0, together: 0 })
    t.equal(await (await node()).planner.take(1_000), 1_000)
  })

  if (!remembers) return

  t.test('a planned home is kept while that node takes sessions, and known to all', async (t) => {
    const { node, again, end } = await make(t)
    const [a, b] = [await node({ sessions: 90 }), await node()]
    const session = aSession()
    const planned = { incarnation: b.member.incarnation, epoch: 0n }
    t.same(await a.planner.place(session), planned)
    await again(b, { sessions: 99 })
    t.same(await a.planner.place(session), planned, 'it does not follow the load')
    t.same(await b.planner.home(session), planned)
    await again(b, { draining: true })
    t.same(await a.planner.place(session), { incarnation: a.member.incarnation, epoch: 0n })
    await again(b, { draining: false, sessions: 0 })
    const other = aSession()
    t.same(await a.planner.place(other), planned)
    await end(b, a)
    t.equal((await a.planner.place(other))?.incarnation, a.member.incarnation)
  })

  t.test('an older epoch never takes the place of a newer one, not even of a plan after it', async (t) => {
    const { node } = await make(t)
    const [a, b] = [await node(), await node()]
    const session = aSession()
    const at = (owner: PlannerNode, epoch: bigint): Home => ({ incarnation: owner.member.incarnation, epoch })
    await a.planner.publish(session, at(a, 10n))
    await b.planner.publish(session, at(b, 9n))
    t.same(await b.planner.home(session), at(a, 10n))
    await a.planner.place(session, a.member.incarnation)
    await b.planner.publish(session, at(a, 9n))
    t.same(await b.planner.home(session), at(b, 0n))
    const large = 2n ** 60n + 1n
    await b.planner.publish(session, at(b, large))
    await a.planner.publish(session, at(a, large - 1n))
    t.same(await a.planner.home(session), at(b, large), 'exact where a double is not')
    await b.planner.forget(session, large - 1n)
    t.same(await a.planner.home(session), at(b, large))
    await b.planner.forget(session, large)
    t.equal(await a.planner.home(session), null)
  })

  t.test('bells reach the node they are for, moves reach all, and who stops listening hears nothing', async (t) => {
    const { node, listening } = await make(t)
    const [a, b] = [await node(), await node()]
    const [bells, moves]: [Bell[], [SessionId, Home][]] = [[], []]
    const session = aSession()
    const stop = b.planner.listen({
      bell: (bell) => bells.push(bell),
      moved: (who, home) => {
        if (who === session) moves.push([who, home])
      },
    })
    await listening(b)
    await a.planner.ring(a.member.incarnation, { type: 'own', session })
    await a.planner.ring(b.member.incarnation, { type: 'own', session })
    await a.planner.ring(b.member.incarnation, { type: 'outbox', session })
    const home = { incarnation: a.member.incarnation, epoch: 7n }
    await a.planner.publish(session, home)
    await a.planner.publish(session, home)
    await until('they are heard', () => bells.length === 2 && moves.length >= 1)
    t.same(bells, [
      { type: 'own', session },
      { type: 'outbox', session },
    ])
    t.same(moves, [[session, home]], 'the same said again is no move')
    stop()
    await a.planner.publish(session, { ...home, epoch: 8n })
    await a.planner.home(session)
    t.equal(moves.length, 1)
  })
}
