// The PostgreSQL of a run: one for all trials, bundled and thrown away at the end, or one that was named.

import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Embedded, startEmbedded } from '../../src/persistence/embedded.ts'
import { freeze, thaw } from '../crash/frozen.ts'

export interface DatabaseServer {
  /** Databases may be made on it. */
  readonly adminUrl: string
  /** For the head of the run: which one, and whether it waits for the disk. */
  readonly says: string
  /** Takes it away and brings it back; null for one that is not ours. */
  readonly power: DatabasePower | null
  /** Never rejects for a server that is gone already. */
  close(): Promise<void>
}

export interface DatabasePower {
  /** Ends the server in order: its clients are told off. */
  stop(): Promise<void>
  /** Starts it again on the same data and port. @throws when the port was taken meanwhile */
  start(): Promise<void>
  /** Stops all its processes in the middle of what they do: connections stay open, and nothing is answered. */
  freeze(): void
  thaw(): void
}

const SILENT = { info: () => {}, warn: () => {} }

/** @throws EmbeddedFailed */
export async function openDatabaseServer(given: string | null): Promise<DatabaseServer> {
  if (given !== null)
    return { adminUrl: given, says: 'the one that was named', power: null, close: async () => undefined }
  const dataDir = await realpath(await mkdtemp(join(tmpdir(), 'whatsapp-erp-crash-')))
  // As root the bundled server runs under another account, which must come in.
  await chmod(dataDir, 0o755)
  const clear = () => rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  const start = () => startEmbedded({ dataDir, log: SILENT })
  try {
    let embedded = await start()
    const { tcpUrl: url } = embedded
    return {
      adminUrl: url,
      says: 'bundled PostgreSQL, fsync on',
      power: powerOf(
        () => embedded,
        async () => {
          embedded = await start()
          if (embedded.tcpUrl !== url) throw new Error('the database came back on another port')
        },
      ),
      async close() {
        // A frozen process hears no signal but the last one, and its children would outlive it.
        thaw(embedded.pid)
        await embedded.stop()
        await clear()
      },
    }
  } catch (error) {
    await clear()
    throw error
  }
}

function powerOf(embedded: () => Embedded, start: () => Promise<void>): DatabasePower {
  return {
    stop: () => embedded().stop(),
    start,
    freeze: () => freeze(embedded().pid),
    thaw: () => thaw(embedded().pid),
  }
}
