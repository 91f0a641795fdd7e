// The server as those who look at the shop see it, in a process of its own: the whole node, asked over HTTP. Nobody is turned away for asking
// too often.

import { readConfig } from '../src/config.ts'
import { makeLog } from '../src/log.ts'
import { startNode } from '../src/node.ts'
import { makePolicy } from '../src/policy.ts'
import { serve } from './channel.ts'
import { cpuMs } from './process-figures.ts'

const config = readConfig({ PORT: '0', ...process.env })
const node = await startNode({
  config,
  log: makeLog(config.logLevel),
  version: 'bench',
  policy: makePolicy({ http: { requestsPerMinute: 100_000_000 } }),
})
const functions = { url: () => node.url, cpuMs }
export type ShopFront = typeof functions

serve(functions, () => node.close())
