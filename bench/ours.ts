// The server under measurement, in a process of its own: the whole node as `npm start` runs it, on a database that is there already. Only the
// limits of relaxed.ts differ.

import { RELAXED_BOT } from '../scripts/proof/relaxed.ts'
import { openBaileysSocket } from '../src/actors/whatsapp/baileys.ts'
import { readConfig } from '../src/config.ts'
import { asId, type UserId } from '../src/domain/ids.ts'
import { makeLog } from '../src/log.ts'
import { startNode } from '../src/node.ts'
import { makePolicy, type PacePolicy } from '../src/policy.ts'
import { serve } from './channel.ts'
import { makeOpenings } from './openings.ts'
import { cpuMs, settledRss } from './process-figures.ts'
import { RECONNECT_INTERVAL_MS } from './relaxed.ts'

const openings = makeOpenings()
const policy = makePolicy({ bot: RELAXED_BOT })
const pace = policy.pace as { -readonly [K in keyof PacePolicy]: PacePolicy[K] }
const asItIs = { ...pace }

const config = readConfig({
  PORT: '0',
  RECONNECT_INTERVAL: String(RECONNECT_INTERVAL_MS),
  DATABASE_URL: process.env['DATABASE_URL'],
  DATA_DIR: process.env['DATA_DIR'],
  DATABASE_POOL: process.env['DATABASE_POOL'],
  WHATSAPP_SOCKET_URL: process.env['WHATSAPP_SOCKET_URL'],
  WHATSAPP_TRUST_ROOT: process.env['WHATSAPP_TRUST_ROOT'],
})

const node = await startNode({
  config,
  log: makeLog(config.logLevel),
  version: 'bench',
  policy,
  openSocket: (options) =>
    openBaileysSocket({
      ...options,
      emit(event) {
        if (event.type === 'opened') openings.opened(options.session)
        options.emit(event)
      },
    }),
})

const functions = {
  /** Begins a pairing. @returns the QR */
  pair: (user: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const id = asId<UserId>(user)
      const stop = node.sessions.watch(id, (event) => {
        if (event.type !== 'qr') return
        resolve(event.qr)
        setImmediate(() => stop())
      })
      node.sessions.ask(id, 'session.connect', {}).catch(reject)
    }),
  /** Brings back what should be connected without waiting for the next comparison. */
  resume: () => node.sessions.resumeAll(),
  opened: openings.wait,
  openNow: () => node.sessions.counts().open,
  paced(on: boolean): void {
    Object.assign(pace, on ? asItIs : { gapMs: 0, jitterMs: 0 })
  },
  rss: settledRss,
  cpu: cpuMs,
}

export type Ours = typeof functions

serve(functions, () => node.close())
