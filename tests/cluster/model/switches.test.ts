import t from 'tap'
import { check } from './check.ts'
import { runModel } from './script.ts'
import { MUTANTS } from './switches.ts'

/** Each is noticed within this many runs, and with its own seed most within twenty. */
const RUNS = 2_000

t.test('the invariants notice every guard that is taken away', async (t) => {
  const { lines } = await runModel(['--without', '', '--quick', '--runs', String(RUNS)])
  for (const { name } of MUTANTS) {
    const line = lines.find((candidate) => candidate.endsWith(`: ${name}`)) ?? `nothing was said: ${name}`
    t.match(line, /^noticed/, line)
  }
})

t.test('what was found is made smaller, and found again at once by its seed and path', async (t) => {
  const mutant = MUTANTS.find(({ off }) => off === 'uniqueOrder') ?? null
  if (mutant === null) throw new Error('no such mutant')
  const { found } = await check({ runs: RUNS, seed: 1, mutant })
  if (found === null) throw new Error('it was not noticed')
  t.same(
    found.timeline.map(({ command }) => command.type),
    ['customer', 'encrypt-again'],
  )
  const again = await check({ runs: RUNS, seed: found.seed, path: found.path, mutant })
  t.same(again.found?.violation, found.violation)
  t.same(again.found?.timeline, found.timeline)
  t.ok(again.runs < found.shrinks + 5, 'it did not have to be looked for')
})
