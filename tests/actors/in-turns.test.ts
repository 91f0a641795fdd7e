import { setImmediate as tick } from 'node:timers/promises'
import t from 'tap'
import { inTurns } from '../../src/actors/in-turns.ts'

interface Item {
  readonly id: number
  readonly names: readonly string[]
}

const item = (id: number, ...names: string[]): Item => ({ id, names })

/** Works on each for some turns of the event loop, the first ones the longest, and writes down when it began and ended. */
async function run(items: readonly Item[], failing?: number) {
  const seen: string[] = []
  const done = inTurns(
    items,
    ({ names }) => names,
    async ({ id }) => {
      seen.push(`+${id}`)
      for (let turn = 0; turn < 10 - id; turn += 1) await tick()
      if (id === failing) throw new Error(`${id} fails`)
      seen.push(`-${id}`)
    },
  )
  return { seen, done }
}

t.test('those that share a name follow each other, others are done at once', async (t) => {
  const { seen, done } = await run([item(1, 'a'), item(2, 'b'), item(3, 'a'), item(4, 'b')])
  await done
  t.strictSame(seen, ['+1', '+2', '-2', '+4', '-1', '+3', '-4', '-3'])
})

t.test('a chat that has two names waits for both', async (t) => {
  const { seen, done } = await run([item(1, 'phone'), item(2, 'lid'), item(3, 'phone', 'lid'), item(4, 'lid')])
  await done
  t.ok(seen.indexOf('+3') > Math.max(seen.indexOf('-1'), seen.indexOf('-2')), seen.join(' '))
  t.ok(seen.indexOf('+4') > seen.indexOf('-3'), seen.join(' '))
})

t.test('what has no name waits for nobody', async (t) => {
  const { seen, done } = await run([item(1), item(2)])
  await done
  t.strictSame(seen.slice(0, 2), ['+1', '+2'])
})

t.test('after a failure none is begun; what was under way is waited for, and the failure is told', async (t) => {
  const { seen, done } = await run([item(1, 'a'), item(9, 'b'), item(2, 'b'), item(3, 'a')], 9)
  await t.rejects(done, { message: '9 fails' })
  t.strictSame(seen, ['+1', '+9', '-1'])
})
