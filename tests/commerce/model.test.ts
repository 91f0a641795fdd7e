import t from 'tap'
import { check } from './check.ts'
import { layGround } from './ground.ts'
import { makeWorld } from './world.ts'

t.test('whatever happens to a shop, alone or at once, its rules hold', async (t) => {
  const ground = await layGround(t)
  const { found, steps } = await check(ground, { runs: 4, seed: 20_260_301, length: 40, shrink: false })
  t.equal(found, null, found === null ? '' : `${found.message}\n${JSON.stringify(found.steps)}\n${found.again}`)
  t.ok(steps > 50, `${steps} steps`)
})

t.test('orders that are moved at the same instant each give back what they held', async (t) => {
  const world = await makeWorld(await layGround(t))
  const all = [0, 1, 2, 3, 4, 5]
  await world.run({ kind: 'rush', item: 2, buyers: all.length })
  const cancel = all.map((order) => ({ kind: 'move', order, to: 'cancelled', by: 'admin' }) as const)
  await t.resolves(world.run({ kind: 'together', steps: cancel }))
})
