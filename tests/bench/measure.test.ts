import t from 'tap'
import { figure } from '../../bench/figures.ts'
import { measureAll } from '../../bench/measure.ts'
import type { Measurement } from '../../bench/plan.ts'

const measurement = (name: string, run: Measurement['run']): Measurement => ({ names: [name], run })
const one = (name: string) => [figure({ name, better: 'lower', unit: 'ms', ours: [1], bare: [2] })]

t.test('a measurement that fails costs its own figures only, and is named with why', async (t) => {
  const said: string[] = []
  const measured = await measureAll(
    [
      measurement('first', async () => one('first')),
      measurement('second', async () => {
        throw new Error('the shelves are empty')
      }),
      measurement('third', async () => one('third')),
    ],
    ({ run }) => run(null as never, true),
    (text) => void said.push(text),
  )
  t.same(
    measured.figures.map(({ name }) => name),
    ['first', 'third'],
  )
  t.same(measured.missing, ['second'])
  t.match(said[1], /first +1 +2 +0\.5/)
  t.match(said[3], /^Not measured: second\. Error: the shelves are empty/)
})
