import { fileURLToPath } from 'node:url'
import t from 'tap'
import { launch } from '../../../scripts/demo/processes.ts'
import { testServer } from '../../support/server.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const COLUMNS = [
  'trials',
  'messages',
  'lost',
  'ordersExpected',
  'ordersLost',
  'ordersDuplicated',
  'repliesLost',
  'repliesDuplicated',
  'resends',
  'undecryptable',
]

t.setTimeout(110_000)

t.test('two small trials, a calm one and a burst, lose and double nothing', { timeout: 100_000 }, async (t) => {
  const { adminUrl } = await testServer()
  const program = launch({
    name: 'the crash command',
    args: [
      'scripts/crash.ts',
      '--json',
      ...['--trials', '2', '--seed', '11', '--scale', '0.1', '--unprotected-trials', '0', '--database', adminUrl],
    ],
    cwd: ROOT,
    env: process.env,
  })
  t.teardown(() => program.kill())
  const how = await program.ended
  const told = program.tail(60).join('\n')
  t.equal(how, 'ended with status 0', told)
  const line = program.tail(60).findLast((said) => said.startsWith('{'))
  const totals = JSON.parse(line ?? 'null')
  t.same(Object.keys(totals), [...COLUMNS, 'unprotected'])
  t.same(Object.keys(totals.unprotected), COLUMNS)
  t.match(totals, { trials: 2, messages: 110, lost: 0, ordersLost: 0, ordersDuplicated: 0, undecryptable: 0 })
  t.match(totals, { repliesLost: 0, repliesDuplicated: 0 })
  t.ok(totals.ordersExpected > 10)
})
