// One fleet: linked, brought up, killed while its customers write, and brought up again. What it must look like is in result.ts.

import { setTimeout as sleep } from 'node:timers/promises'
import { connectSimulator, type RemoteSimulator } from '../../simulator/remote.ts'
import { connect } from '../../src/persistence/database.ts'
import { loadSecrets } from '../../src/persistence/secrets.ts'
import { makePolicy } from '../../src/policy.ts'
import { makeClosers } from '../proof/closers.ts'
import { makeDatabase } from '../proof/databases.ts'
import { makeLedger } from '../proof/ledger.ts'
import {
  makeRunDirectory,
  removeRunDirectory,
  type ServerProcess,
  startServerProcess,
  startSimulatorProcess,
} from '../proof/processes.ts'
import { RELAXED } from '../proof/relaxed.ts'
import { makeWitness } from '../proof/witness.ts'
import { hire, orders } from './crew.ts'
import { type Doorman, makeDoorman } from './doorman.ts'
import type { FleetResult } from './result.ts'

export interface FleetOptions {
  /** One of them is stuck: its login is never answered. */
  readonly accounts: number
  /** A server on which a database may be made. */
  readonly adminUrl: string
  readonly say: (line: string) => void
}

const POLL_MS = 50
const OPEN_WITHIN_MS = 240_000
/** A fleet of which nobody opens for so long will not open. */
const STUCK_MS = 45_000
const QUIET_WITHIN_MS = 120_000
const LOAD_SPREAD_S = 20
const SLOWEST_LOAD = 20
const KILL_AFTER_MS = 1_000
const MS = 1_000

export async function runFleet({ accounts, adminUrl, say }: FleetOptions): Promise<FleetResult> {
  const closers = makeClosers(say)
  try {
    const theatre = await startSimulatorProcess()
    closers.push(() => theatre.program.kill())
    const database = await makeDatabase(adminUrl)
    closers.push(database.drop)
    const dataDir = await makeRunDirectory()
    closers.push(() => removeRunDirectory(dataDir))
    const sim = connectSimulator(theatre.control)
    const crew = await hire(sim, database.url, dataDir, accounts)
    say(`${accounts} accounts are linked; the login of ${crew.numbers[0]} is never answered.`)
    await sim.fault('silence', { number: crew.numbers[0], on: true })
    const start = (): ServerProcess => {
      const server = startServerProcess(
        {
          DATABASE_URL: database.url,
          DATA_DIR: dataDir,
          WHATSAPP_SOCKET_URL: theatre.url,
          WHATSAPP_TRUST_ROOT: theatre.trustRoot,
          RECONNECT_INTERVAL: '5000',
        },
        [],
      )
      closers.push(() => server.program.kill())
      return server
    }

    const doorman = makeDoorman()
    const watch = watcher(sim, doorman)
    const first = start()
    const opened = await watch.untilOpen(first, accounts - 1)
    say(`First start: ${opened.count} open after ${seconds(opened.ms)}, ${doorman.most()} handshakes at once at most.`)

    const messages = orders(crew, 1)
    await sim.startLoad(messages, Math.max(SLOWEST_LOAD, Math.ceil(messages.length / LOAD_SPREAD_S)))
    await sleep(KILL_AFTER_MS)
    process.kill(first.program.pid, 'SIGKILL')
    await first.program.ended
    await watch.untilGone()
    const before = doorman.most()
    doorman.forget()
    const again = await watch.untilOpen(start(), accounts - 1)
    say(`After kill -9: ${again.count} open after ${seconds(again.ms)}, ${doorman.most()} handshakes at once at most.`)

    const db = await connect({ url: database.url, poolMax: 1 })
    closers.push(() => db.close())
    const users = new Map(crew.numbers.map((number, index) => [number, { id: crew.userIds[index] ?? '', token: '' }]))
    const key = loadSecrets({ dataDir }).authEncryptionKey
    const secrets = { JWT_SECRET: '', AUTH_ENCRYPTION_KEY: Buffer.from(key).toString('hex') }
    const ledger = makeLedger(db, { users, secrets })
    const witness = makeWitness(sim, new Set(messages.map(({ id }) => id)))
    const taken = await untilQuiet(sim, witness, async () => (await ledger.waiting()).inbox)
    const stored = await ledger.stored()
    const lost = messages.filter(({ id, to }) => taken.has(id) && !stored.has(`${to}/${id}`)).length
    await watch.look()
    say(`${taken.size} messages of ${messages.length} were taken by WhatsApp meanwhile.`)
    return {
      accounts,
      opened: again.count,
      stuck: accounts - again.count,
      mostHandshakesAtOnce: Math.max(before, doorman.most()),
      limit: makePolicy(RELAXED).session.handshakesAtOnce,
      qrs: doorman.qrs(),
      messages: taken.size,
      messagesLost: lost + messages.length - taken.size,
    }
  } finally {
    await closers.close()
  }
}

const seconds = (ms: number): string => `${(ms / MS).toFixed(1)} s`

function watcher(sim: RemoteSimulator, doorman: Doorman) {
  let seen = 0
  let lastOpenAt = 0
  const look = async () => {
    for (const entry of await sim.log(seen)) {
      seen = entry.seq
      doorman.note(entry)
      if (entry.kind === 'online') lastOpenAt = entry.at
    }
  }
  return {
    look,
    async untilGone() {
      const deadline = performance.now() + OPEN_WITHIN_MS
      for (await look(); doorman.connections() > 0; await look()) {
        if (performance.now() > deadline) throw new Error(`${doorman.connections()} connections outlived the server.`)
        await sleep(POLL_MS)
      }
    },
    /** Until so many are open, or no more come. @returns how many are open, and ms from now until the last of them was */
    async untilOpen(server: ServerProcess, wanted: number): Promise<{ count: number; ms: number }> {
      const startedAt = Date.now()
      const deadline = performance.now() + OPEN_WITHIN_MS
      await server.up
      let progress = { count: 0, at: performance.now() }
      for (;;) {
        await look()
        const { size } = doorman.open
        const now = performance.now()
        if (size > progress.count) progress = { count: size, at: now }
        if (size >= wanted || now > deadline || now - progress.at > STUCK_MS)
          return { count: size, ms: lastOpenAt - startedAt }
        await sleep(POLL_MS)
      }
    },
  }
}

/** Until every message was delivered and processed, or the time is over. @returns the ids that WhatsApp took */
async function untilQuiet(
  sim: RemoteSimulator,
  witness: { look(): Promise<unknown>; waiting(): number },
  waiting: () => Promise<number>,
): Promise<ReadonlySet<string>> {
  const deadline = performance.now() + QUIET_WITHIN_MS
  for (;;) {
    const { asked, accepted, refused } = await sim.load()
    await witness.look()
    const written = accepted.length + refused.length === asked
    if ((written && witness.waiting() === 0 && (await waiting()) === 0) || performance.now() > deadline)
      return new Set(accepted)
    await sleep(POLL_MS)
  }
}
