// What one trial plays on: a fresh copy of the shop, a simulator, a relay to the database, and the server, which can be killed and started
// again. It decides nothing about when.

import { setTimeout as sleep } from 'node:timers/promises'
import { connectSimulator, type RemoteSimulator } from '../../simulator/remote.ts'
import { connect } from '../../src/persistence/database.ts'
import { ACCOUNTS } from './cast.ts'
import { makeClosers } from './closers.ts'
import { makeDatabase } from './databases.ts'
import { callApi } from './http.ts'
import { type Ledger, makeLedger } from './ledger.ts'
import {
  makeRunDirectory,
  removeRunDirectory,
  type ServerProcess,
  startServerProcess,
  startSimulatorProcess,
} from './processes.ts'
import { type DatabaseRelay, openRelay } from './relay.ts'
import type { Shop } from './shop.ts'

const POLL_MS = 25
const PAIR_WITHIN_MS = 30_000

export interface Stage {
  readonly sim: RemoteSimulator
  readonly relay: DatabaseRelay
  readonly ledger: Ledger
  /** Starts the server and does not wait for it. @param args see server.ts */
  startServer(args?: readonly string[]): ServerProcess
  /** Links both accounts by their QR; resolves when they are open. */
  pair(url: string): Promise<void>
  /** Ends everything and leaves nothing. Never rejects. */
  close(): Promise<void>
}

/** @throws when something does not start; then nothing is left */
export async function openStage(shop: Shop, adapter: 'journaled' | 'unprotected'): Promise<Stage> {
  const closers = makeClosers()
  try {
    const theatre = startSimulatorProcess()
    closers.push(async () => (await theatre).program.kill())
    const database = await makeDatabase(shop.adminUrl, shop.template.name)
    closers.push(database.drop)
    const { url } = database
    const relay = await openRelay(url)
    closers.push(() => relay.close())
    const db = await connect({ url, poolMax: 2 })
    closers.push(() => db.close())
    const dataDir = await makeRunDirectory()
    closers.push(() => removeRunDirectory(dataDir))
    const { url: socketUrl, trustRoot, control } = await theatre
    const sim = connectSimulator(control)
    // From now on they are on WhatsApp, also before they write.
    await sim.inboxes(ACCOUNTS.flatMap(({ customers }) => customers))
    const env = {
      DATABASE_URL: relay.url,
      DATA_DIR: dataDir,
      WHATSAPP_SOCKET_URL: socketUrl,
      WHATSAPP_TRUST_ROOT: trustRoot,
      ...shop.secrets,
    }
    return {
      sim,
      relay,
      ledger: makeLedger(db, shop),
      close: closers.close,
      startServer(args = []) {
        const server = startServerProcess(env, adapter === 'unprotected' ? [...args, '--unprotected'] : args)
        closers.push(() => server.program.kill())
        return server
      },
      async pair(url) {
        await Promise.all(ACCOUNTS.map(({ number }) => pairOne(sim, url, number, shop.users.get(number)?.token ?? '')))
      },
    }
  } catch (error) {
    await closers.close()
    throw error
  }
}

/** Links an account by its QR; resolves when it is open. @param url of a server */
export async function pairOne(sim: RemoteSimulator, url: string, number: string, token: string): Promise<void> {
  const deadline = performance.now() + PAIR_WITHIN_MS
  const ask = async <T>(path: string) => (await callApi(url, 'GET', path, { token })).body as T
  await callApi(url, 'POST', '/api/whatsapp/connect', { token, body: {} })
  let scanned = false
  for (;;) {
    if (performance.now() > deadline) throw new Error(`${number} was not linked within ${PAIR_WITHIN_MS / 1000} s`)
    const { qr } = scanned ? { qr: null } : await ask<{ qr?: string | null }>('/api/whatsapp/qr')
    if (qr) {
      await sim.scan(number, qr)
      scanned = true
    }
    const { state } = await ask<{ state: string }>('/api/whatsapp/status')
    if (state === 'open') return
    await sleep(POLL_MS)
  }
}
