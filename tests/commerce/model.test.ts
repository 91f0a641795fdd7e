import t from 'tap'
import { check } from './check.ts'
import { layGround, makeWorld } from './world.ts'

t.test('a shop', async (t) => {
  const ground = await layGround(t)

  await t.test('whatever happens to it, alone or at once, its rules hold', async (t) => {
    const { found, steps } = await check(ground, { runs: 4, seed: 20_260_301, length: 40, shrink: false })
    t.equal(found, null, found === null ? '' : `${found.message}\n${JSON.stringify(found.steps)}\n${found.again}`)
    t.ok(steps > 50, `${steps} steps`)
  })

  await t.test('an order goes all of its way, one that nobody confirms ends, and a key has one effect', async (t) => {
    const world = await makeWorld(ground)
    const lines = [
      [1, 2],
      [2, 1],
    ] as const
    const place = { kind: 'place', lines, message: null } as const
    await world.run(place)
    for (const to of ['confirmed', 'processing', 'shipped', 'delivered'] as const)
      await world.run({ kind: 'move', order: 0, to, by: 'employee' })
    await world.run({ kind: 'return', order: 0, restocked: 1 })
    await world.run(place)
    await world.run({ kind: 'draft', lines })
    await world.run({ kind: 'expire', hours: 49 })
    for (const claims of [true, false])
      for (const what of ['order', 'payment', 'stock'] as const)
        await world.run({ kind: 'keyed', what, key: 0, item: 0, amount: 1, claims })
    const [made] = await ground.shop.db.rows(
      `select (select count(*)::int from orders where note like ?) as orders, (select count(*)::int from payments where reference like ?) as payments,
         (select count(*)::int from stock_movements where reason like ?) as stock`,
      [`${world.keys}%`, `${world.keys}%`, `${world.keys}%`],
    )
    t.same(made, { orders: 1, payments: 1, stock: 1 })
  })

  await t.test('orders that are moved at the same instant each give back what they held', async (t) => {
    const world = await makeWorld(ground)
    const all = [0, 1, 2, 3, 4, 5]
    await world.run({ kind: 'rush', item: 2, buyers: all.length })
    const cancel = all.map((order) => ({ kind: 'move', order, to: 'cancelled', by: 'admin' }) as const)
    await t.resolves(world.run({ kind: 'together', steps: cancel }))
  })
})
