import t from 'tap'
import { runModel } from './script.ts'
import { run } from './world.ts'

/** More of them, and other seeds: node scripts/model.ts --runs 10000 */
const RUNS = 400
const SEED = 20_260_101

t.test(`no promise breaks in ${RUNS} runs of everything that may befall a cluster (seed ${SEED})`, async (t) => {
  const { code, output } = await runModel(['--runs', String(RUNS), '--seed', String(SEED)])
  t.equal(code, 0, output)
  t.match(output, `${RUNS} runs, `)
  t.match(output, 'every promise held')
  t.comment(output)
})

t.test(`nothing that befalls Redis ends a connection (seed ${SEED})`, async (t) => {
  const { code, output } = await runModel(['--redis', '--runs', '150', '--seed', String(SEED)])
  t.equal(code, 0, output)
})

t.test('the same commands and the same seed are the same run', async (t) => {
  const timeline = [
    { after: 5, command: { type: 'customer', session: 0, chat: 0, count: 3 } },
    { after: 20, command: { type: 'pause', node: 0, at: 'now', ms: 20_000, suspend: false } },
    { after: 900, command: { type: 'rest', session: 1, chat: 1, node: 1, times: 2 } },
    { after: 4_000, command: { type: 'kill', node: 1, at: 'sent', proof: false } },
  ] as const
  const first = await run({ timeline, seed: 7, mutant: null })
  t.same(await run({ timeline, seed: 7, mutant: null }), first)
  t.not((await run({ timeline, seed: 8, mutant: null })).events, first.events)
})
