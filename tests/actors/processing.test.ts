import t from 'tap'
import { makeProcessing } from '../../src/actors/processing.ts'

const never = new AbortController().signal
const turn = () => new Promise((resolve) => setImmediate(() => resolve('waits')))

/** How many of so many that ask now come in. */
async function comeIn(processing: ReturnType<typeof makeProcessing>, asking: number) {
  const inside: (() => void)[] = []
  for (let n = 0; n < asking; n += 1)
    void processing.enter(never).then((leave) => {
      if (leave !== null) inside.push(leave)
    })
  await turn()
  return inside
}

t.test('while messages are being stored only a few are worked on beside, and more when that is over', async (t) => {
  const processing = makeProcessing({ processingAtOnce: 8, storingAtOnce: 1, processingBeside: 2 })
  const stored = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  for (const { promise } of stored) void processing.storing(promise)
  const inside = await comeIn(processing, 10)
  t.equal(inside.length, 2)
  stored[0]?.resolve()
  await turn()
  inside[0]?.()
  await turn()
  t.equal(inside.length, 9, 'one left, eight are inside')
})

t.test('messages come in together: the next ones when most of those before are done', async (t) => {
  const processing = makeProcessing({ processingAtOnce: 4, storingAtOnce: 1, processingBeside: 2 })
  const inside = await comeIn(processing, 8)
  t.equal(inside.length, 4)
  for (const leave of inside.slice(0, 2)) leave()
  await turn()
  t.equal(inside.length, 4)
  inside[2]?.()
  await turn()
  t.equal(inside.length, 7)
})

t.test('a store that fails is over too, and its failure is its own', async (t) => {
  const processing = makeProcessing({ processingAtOnce: 4, storingAtOnce: 0, processingBeside: 1 })
  await t.rejects(processing.storing(Promise.reject(new Error('away'))), { message: 'away' })
  t.equal((await comeIn(processing, 5)).length, 4)
})

t.test('what one account stores by itself holds nothing up', async (t) => {
  const processing = makeProcessing({ processingAtOnce: 4, storingAtOnce: 1, processingBeside: 1 })
  void processing.storing(new Promise(() => {}))
  t.equal((await comeIn(processing, 5)).length, 4)
})
