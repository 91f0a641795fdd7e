// The server of the crash runs: the real node, started with relaxed limits, with a failpoint or the unprotected adapter when asked.
// Settings come from the environment as in a normal start; a trap counts from SIGUSR2 on, or from the start with --armed. It says {"url"} when it is up.

import { parseArgs } from 'node:util'
import { openBaileysSocket } from '../../src/actors/whatsapp/baileys.ts'
import { readConfig } from '../../src/config.ts'
import { makeLog } from '../../src/log.ts'
import { startNode } from '../../src/node.ts'
import { followParent } from '../../src/parent.ts'
import { makePolicy, type PolicyOverride } from '../../src/policy.ts'
import { PLACES } from '../proof/plan.ts'
import { POLICY_VARIABLE, RELAXED } from '../proof/relaxed.ts'
import { type Trap, withFailpoints } from './failpoints.ts'
import { openUnprotected } from './unprotected.ts'

function trapOf(place: string | undefined, nth: string | undefined): Trap | null {
  const known = PLACES.find((name) => name === place)
  if (place !== undefined && known === undefined) throw new Error(`There is no failpoint "${place}".`)
  return known === undefined ? null : { place: known, nth: Number(nth ?? 1) }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      place: { type: 'string' },
      nth: { type: 'string' },
      armed: { type: 'boolean' },
      unprotected: { type: 'boolean' },
    },
  })
  followParent(() => process.exit(1))
  const open = values.unprotected === true ? openUnprotected : openBaileysSocket
  const failpoints = withFailpoints(open, trapOf(values.place, values.nth), () => process.kill(process.pid, 'SIGKILL'))
  process.on('SIGUSR2', failpoints.arm)
  if (values.armed === true) failpoints.arm()
  const config = readConfig({ ...process.env })
  const log = makeLog(config.logLevel)
  const toldDead = () => {
    log.fatal('another node declared this one dead')
    process.exit(1)
  }
  const policy = makePolicy({ ...RELAXED, ...(JSON.parse(process.env[POLICY_VARIABLE] ?? '{}') as PolicyOverride) })
  const node = await startNode({ config, log, version: '0.0.0-crash', policy, toldDead, openSocket: failpoints.open })
  process.once('SIGTERM', () => void node.close().then(() => process.exit(0)))
  process.stdout.write(`${JSON.stringify({ url: node.url.replace('localhost', '127.0.0.1') })}\n`)
}

await main()
