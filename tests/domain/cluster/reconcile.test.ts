import t from 'tap'
import { candidates, divide, pauseMs, permitted } from '../../../src/domain/cluster/reconcile.ts'
import { asId, type SessionId } from '../../../src/domain/ids.ts'

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((text) => asId<SessionId>(text)) as [
  SessionId,
  SessionId,
  SessionId,
  SessionId,
]

t.test('what has an actor here is never looked at, and nothing is looked at twice', async (t) => {
  const facts = { lost: [b, b, c], orphans: [a, b, d, a], here: (session: SessionId) => session === c }
  t.same(candidates(facts), { lost: [b], orphans: [a, d] })
  t.same(candidates({ ...facts, here: () => true }), { lost: [], orphans: [] })
})

t.test('its own come first, then what is planned here in the order of the orphans', async (t) => {
  const placed = [
    { session: a, home: 'me' },
    { session: b, home: 'other' },
    { session: c, home: null },
  ]
  const round = divide('me', [d], placed, new Map())
  t.same(round.wanted, [d, a])
  t.same(round.ring, [{ session: b, incarnation: 'other' }])
})

t.test('a node is rung once for a session, and again when it is planned elsewhere', async (t) => {
  const first = divide('me', [], [{ session: b, home: 'other' }], new Map())
  t.equal(first.ring.length, 1)
  const second = divide('me', [], [{ session: b, home: 'other' }], first.told)
  t.equal(second.ring.length, 0)
  t.same(divide('me', [], [{ session: b, home: 'third' }], second.told).ring, [{ session: b, incarnation: 'third' }])
  const away = divide('me', [], [], second.told)
  t.equal(divide('me', [], [{ session: b, home: 'other' }], away.told).ring.length, 1, 'it was owned in between')
})

t.test('no more is claimed than may connect, the most urgent first', async (t) => {
  t.same(permitted([a, b, c], 2), [a, b])
  t.same(permitted([a, b], 5), [a, b])
  t.same(permitted([a, b], 0), [])
  t.same(permitted([a, b], -1), [])
})

t.test('the pause is the interval, a fifth more or less', async (t) => {
  t.equal(pauseMs(500, 0), 400)
  t.equal(pauseMs(500, 0.5), 500)
  t.ok(pauseMs(500, 0.999) <= 600)
})
