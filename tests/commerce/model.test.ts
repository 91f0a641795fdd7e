import t from 'tap'
import { check } from './check.ts'
import { layGround } from './world.ts'

t.test('whatever happens to a shop, alone or at once, its rules hold', async (t) => {
  const ground = await layGround(t)
  const { found, steps } = await check(ground, { runs: 4, seed: 20_260_301, length: 40 })
  t.equal(found, null, found === null ? '' : `${found.message}\n${JSON.stringify(found.steps)}\n${found.again}`)
  t.ok(steps > 50, `${steps} steps`)
})
