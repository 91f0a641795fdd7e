import t from 'tap'
import { makeOpenings } from '../../bench/openings.ts'

t.test('it waits until enough accounts opened since then, and tells when the last of them did', async (t) => {
  let now = 100
  const openings = makeOpenings(() => now)
  openings.opened('early')
  now = 200
  openings.opened('one')
  const both = openings.wait({ since: 150, count: 2, timeoutMs: 1_000 })
  now = 300
  openings.opened('two')
  t.equal(await both, 300)
})

t.test('it says how many are missing when they do not open in time', async (t) => {
  let now = 0
  const openings = makeOpenings(() => (now += 10))
  await t.rejects(openings.wait({ since: 0, count: 3, timeoutMs: 5 }), /0 of 3 accounts/)
})
