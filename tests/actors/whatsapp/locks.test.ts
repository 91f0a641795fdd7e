import t from 'tap'
import { makeLocks } from '../../../src/actors/whatsapp/locks.ts'

const gate = () => Promise.withResolvers<void>()

t.test('one at a time per name, in the order of asking; other names do not wait', async (t) => {
  const locks = makeLocks()
  const order: string[] = []
  const first = gate()
  const a = locks.run(['x'], async () => {
    await first.promise
    order.push('a')
  })
  const b = locks.run(['x'], async () => void order.push('b'))
  await locks.run(['y'], async () => void order.push('other'))
  first.resolve()
  await Promise.all([a, b])
  t.same(order, ['other', 'a', 'b'])
})

t.test('names taken in opposite order do not wait in a circle', async (t) => {
  const locks = makeLocks()
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, n) => locks.run(n % 2 === 0 ? ['x', 'y'] : ['y', 'x'], async () => n)),
  )
  t.equal(results.length, 20)
  t.equal(await locks.run(['x', 'x'], async () => 'the same name twice is one'), 'the same name twice is one')
})

t.test('work that fails lets the next one in', async (t) => {
  const locks = makeLocks()
  await t.rejects(
    locks.run(['x'], async () => {
      throw new Error('no')
    }),
    /no/,
  )
  t.equal(await locks.run(['x'], async () => 'next'), 'next')
})

t.test('a name is free while nobody is at work under it or waits for it', async (t) => {
  const locks = makeLocks()
  const work = Promise.withResolvers<void>()
  t.ok(locks.free(['a', 'b']))
  const first = locks.run(['a'], () => work.promise)
  const second = locks.run(['a'], async () => undefined)
  t.notOk(locks.free(['a', 'b']))
  t.ok(locks.free(['b']))
  work.resolve()
  await Promise.all([first, second])
  t.ok(locks.free(['a']))
})
