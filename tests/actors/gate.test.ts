import t from 'tap'
import { makeGate } from '../../src/actors/gate.ts'

const never = new AbortController().signal

t.test('no more than its places are inside at once, and those who wait come in by turns', async (t) => {
  const gate = makeGate(2)
  let inside = 0
  let most = 0
  const order: number[] = []
  const visit = async (n: number) => {
    const leave = await gate.enter(never)
    inside += 1
    most = Math.max(most, inside)
    order.push(n)
    await new Promise((resolve) => setImmediate(resolve))
    inside -= 1
    leave?.()
  }
  await Promise.all([1, 2, 3, 4, 5, 6].map(visit))
  t.equal(most, 2)
  t.same(order, [1, 2, 3, 4, 5, 6])
})

t.test('one that gives up leaves its turn to the next, and leaving twice frees one place', async (t) => {
  const gate = makeGate(1)
  const leave = await gate.enter(never)
  const giving = new AbortController()
  const first = gate.enter(giving.signal)
  const second = gate.enter(never)
  giving.abort()
  t.equal(await first, null)
  t.equal(await gate.enter(giving.signal), null, 'who has given up before does not wait at all')
  leave?.()
  leave?.()
  t.ok(await second)
  const third = gate.enter(never)
  t.equal(await Promise.race([third, new Promise((resolve) => setImmediate(() => resolve('waits')))]), 'waits')
})

t.test('a place may be taken without waiting, while there is one, and nobody is passed over', async (t) => {
  const gate = makeGate(1)
  const leave = gate.enterNow()
  t.type(leave, 'function')
  t.equal(gate.enterNow(), null)
  const waits = gate.enter(new AbortController().signal)
  leave?.()
  leave?.()
  t.equal(gate.enterNow(), null, 'who waited has it')
  const next = await waits
  next?.()
  t.type(gate.enterNow(), 'function')
})

t.test(
  'a gate that is refilled lets nobody in once it was full, until most have left; before that anybody',
  async (t) => {
    const gate = makeGate(4, 0.25)
    const leaves: (() => void)[] = []
    const come = () => {
      const leave = gate.enterNow()
      if (leave !== null) leaves.push(leave)
      return leave !== null
    }
    t.same([come(), come(), come()], [true, true, true])
    leaves.pop()?.()
    t.same([come(), come(), come()], [true, true, false], 'it was not full')
    const came: number[] = []
    for (const n of [1, 2, 3, 4, 5])
      void gate.enter(never).then((leave) => {
        came.push(n)
        if (leave !== null) leaves.push(leave)
      })
    for (const inside of [3, 2]) {
      leaves.pop()?.()
      await new Promise((resolve) => setImmediate(resolve))
      t.same(came, [], `${inside} are inside`)
    }
    leaves.pop()?.()
    await new Promise((resolve) => setImmediate(resolve))
    t.same(came, [1, 2, 3])
  },
)
