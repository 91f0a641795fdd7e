import t from 'tap'
import { makeLane } from '../../src/persistence/lane.ts'
import { until } from '../support/until.ts'

/** A lane whose batches wait until they are let go, each by its number. */
function held(most: number) {
  const batches: (readonly number[])[] = []
  const gates: (() => void)[] = []
  const run = async (batch: readonly number[]) => {
    batches.push(batch)
    await new Promise<void>((open) => gates.push(open))
    return batch.map((n) => ({ status: 'fulfilled', value: n * 10 }) as const)
  }
  return { lane: makeLane<number, number>({ run, most }), batches, gates }
}

const begun = (gates: readonly unknown[], count: number) => until('the batch', () => gates.length >= count)

t.test('what arrives while a batch is under way goes together as the next, in order', async (t) => {
  const { lane, batches, gates } = held(3)
  const first = lane(1)
  await begun(gates, 1)
  const rest = [2, 3, 4, 5].map((n) => lane(n))
  for (let n = 0; n < 3; n += 1) {
    await begun(gates, n + 1)
    await new Promise(setImmediate)
    t.equal(gates.length, n + 1, 'one batch at a time')
    gates[n]?.()
  }
  t.same(await Promise.all([first, ...rest]), [10, 20, 30, 40, 50])
  t.same(batches, [[1], [2, 3, 4], [5]])
})

t.test('what is asked for in one turn of the event loop goes together, also when the lane is idle', async (t) => {
  const { lane, batches, gates } = held(9)
  const answer = Promise.resolve()
  const all = [1, 2, 3].map(async (n) => {
    for (let step = 0; step < n; step += 1) await answer
    return lane(n)
  })
  await begun(gates, 1)
  gates[0]?.()
  t.same(await Promise.all(all), [10, 20, 30])
  t.same(batches, [[1, 2, 3]])
})

t.test('each has its own failure, and a batch that fails whole fails for each; the lane goes on', async (t) => {
  const run = async (batch: readonly string[]): Promise<readonly PromiseSettledResult<string>[]> => {
    if (batch.includes('storm')) throw new Error('all of it')
    return batch.map((item) =>
      item === 'bad' ? { status: 'rejected', reason: new Error('only this') } : { status: 'fulfilled', value: item },
    )
  }
  const lane = makeLane<string, string>({ run, most: 10 })
  const first = lane('fine')
  const [bad, good] = [lane('bad'), lane('good')]
  t.equal(await first, 'fine')
  await t.rejects(bad, { message: 'only this' })
  t.equal(await good, 'good')
  await t.rejects(lane('storm'), { message: 'all of it' })
  t.equal(await lane('after'), 'after')
})
