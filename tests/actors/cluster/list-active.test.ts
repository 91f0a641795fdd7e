import t from 'tap'
import { mergeActive } from '../../../src/actors/cluster/list-active.ts'
import type { ActiveSession } from '../../../src/actors/session/protocol.ts'
import { asId, type SessionId } from '../../../src/domain/ids.ts'
import { cluster } from '../../support/routed.ts'

const A = '01900000-0000-7000-8000-00000000000a'
const B = '01900000-0000-7000-8000-00000000000b'
const user = (digit: number) => asId<SessionId>(`01900000-0000-7000-8000-00000000010${digit}`)

const row = (userId: SessionId, instanceId: string, epoch: string): ActiveSession => ({
  userId,
  state: 'open',
  instanceId,
  epoch,
  since: '2026-01-31T12:00:00.000Z',
  idleSeconds: 1,
  reconnectAttempts: 0,
  nextRetryAt: null,
  lastError: null,
  mailbox: 0,
  stale: false,
})
const lease = (session: SessionId, owner: string, epoch: bigint, wanted = true) => ({ session, owner, epoch, wanted })

t.test('what nodes say is laid beside the lease table', async (t) => {
  const lists = [
    { node: { incarnation: A, id: 'a' }, rows: [1, 2, 3, 4].map((digit) => row(user(digit), A, '7')) },
    { node: { incarnation: B, id: 'b' }, rows: null },
  ]
  const leases = [
    lease(user(1), A, 7n),
    lease(user(2), A, 8n),
    lease(user(3), B, 9n),
    lease(user(5), B, 10n),
    lease(user(6), B, 11n, false),
    lease(user(7), 'a dead one', 1n),
    lease(user(8), A, 12n),
  ]
  const seen = mergeActive(lists, leases).map(({ userId, node, state, reachable, disagreement }) => [
    Number(userId.slice(-1)),
    node,
    state,
    reachable,
    disagreement,
  ])
  t.same(seen, [
    [1, 'a', 'open', true, null],
    [2, 'a', 'open', true, 'epoch'],
    [3, 'a', 'open', true, 'owner'],
    [4, 'a', 'open', true, 'no-lease'],
    // Of the node that is silent: what it owns and should be connected.
    [3, 'b', 'unknown', false, 'not-listed'],
    [5, 'b', 'unknown', false, 'not-listed'],
    [7, null, 'unknown', false, 'not-listed'],
  ])
})

t.test('any node lists the sessions of all, and those of a node it cannot reach as that', async (t) => {
  const c = cluster(t)
  const [a, b] = [await c.node('a'), await c.node('b')]
  const edge = await c.node('edge', { role: 'edge', policy: { routing: { listTimeoutMs: 300 } } })
  const [one, two] = [await c.owned(a), await c.owned(b)]
  for (const from of [a, b, edge])
    t.same(
      (await from.sessions.listed()).map(({ userId, node, reachable, disagreement }) => [
        userId,
        node,
        reachable,
        disagreement,
      ]),
      [
        [one, 'a', true, null],
        [two, 'b', true, null],
      ],
    )
  // It hangs: the others do not wait for it longer than they have to.
  b.local.active = () => new Promise(() => undefined)
  const began = performance.now()
  const rows = await edge.sessions.listed()
  t.ok(performance.now() - began < 2_000)
  t.match(rows[1], { userId: two, node: 'b', state: 'unknown', reachable: false, disagreement: 'not-listed' })
  t.match(rows[0], { userId: one, state: 'open', reachable: true })
  t.same(
    (await edge.sessions.active()).map(({ userId }) => userId),
    [one],
  )
})
