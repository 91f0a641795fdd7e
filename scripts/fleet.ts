// `npm run fleet`: hundreds of linked accounts on one server that is killed and started again while their customers write. It ends with status
// 1 when an account does not come back, when they come in a storm, or when a message is lost.

import { findings, json, table } from './fleet/result.ts'
import { runFleet } from './fleet/run.ts'
import { HELP } from './fleet/usage.ts'
import { prove } from './proof/command.ts'
import { whole } from './proof/options.ts'
import { relaxations } from './proof/relaxed.ts'

const FEWEST = 2
const MOST = 5_000

await prove({
  help: HELP,
  settings: (given: { readonly accounts?: string | undefined }) =>
    whole(given, 'accounts', { otherwise: 500, least: FEWEST, most: MOST }),
  relaxed: relaxations().filter((line) => !line.startsWith('RECONNECT_INTERVAL')),
  async run(accounts, stage) {
    const result = await runFleet({ accounts, adminUrl: stage.server.adminUrl, say: stage.say })
    const wrong = findings(result)
    for (const line of wrong) stage.say(`WRONG: ${line}`)
    return { told: stage.json ? json(result) : table(result), held: wrong.length === 0 }
  },
})
