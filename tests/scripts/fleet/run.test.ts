import t from 'tap'
import { findings } from '../../../scripts/fleet/result.ts'
import { runFleet } from '../../../scripts/fleet/run.ts'
import { testServer } from '../../support/server.ts'

t.setTimeout(100_000)

t.test('a small fleet comes back after kill -9, a stuck account in its midst, and loses nothing', async (t) => {
  const { adminUrl } = await testServer()
  const said: string[] = []
  const result = await runFleet({ accounts: 12, adminUrl, say: (line) => said.push(line) })
  t.same(findings(result), [], said.join('\n'))
  t.match(result, { accounts: 12, opened: 11, stuck: 1, qrs: 0, messages: 22, messagesLost: 0 })
})
