import fc from 'fast-check'
import t from 'tap'
import { makeNonces } from '../../../src/actors/cluster/nonces.ts'

t.test('a request is fresh once, in whatever order requests arrive', async (t) => {
  const nonces = makeNonces(1_000, 8)
  for (const count of [1, 3, 2, 8]) t.ok(nonces.fresh('a', count, 0), String(count))
  for (const count of [1, 3, 2, 8]) t.notOk(nonces.fresh('a', count, 0), String(count))
  t.ok(nonces.fresh('b', 1, 0), 'each sender counts for itself')
})

t.test(
  'no request is taken twice, however they are mixed, and none is refused that was overtaken by few',
  async (t) => {
    const window = 8
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 200 }), (counts) => {
        const nonces = makeNonces(1_000, window)
        const taken = new Set<number>()
        let latest = 0
        for (const count of counts) {
          const fresh = nonces.fresh('a', count, 0)
          if (fresh && taken.has(count)) return false
          if (!fresh && !taken.has(count) && latest < count + window) return false
          if (fresh) taken.add(count)
          latest = Math.max(latest, count)
        }
        return true
      }),
    )
    t.pass()
  },
)

t.test('a sender is remembered for its span, and forgotten only when there is another', async (t) => {
  const nonces = makeNonces(1_000, 8, 2)
  t.ok(nonces.fresh('a', 1, 0))
  t.ok(nonces.fresh('b', 1, 500))
  t.notOk(nonces.fresh('c', 1, 999), 'no room: nothing is believed')
  t.notOk(nonces.fresh('a', 1, 999))
  t.ok(nonces.fresh('c', 1, 1_999), 'the signatures of b have expired, and those of a were counted anew by being asked')
  t.notOk(nonces.fresh('c', 1, 1_999))
})
