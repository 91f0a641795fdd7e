// The PostgreSQL of a run: one for all trials, bundled and thrown away at the end, or one that was named.

import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbedded } from '../../src/persistence/embedded.ts'

export interface DatabaseServer {
  /** Databases may be made on it. */
  readonly adminUrl: string
  /** For the head of the run: which one, and whether it waits for the disk. */
  readonly says: string
  /** Never rejects for a server that is gone already. */
  close(): Promise<void>
}

const SILENT = { info: () => {}, warn: () => {} }

/** @throws EmbeddedFailed */
export async function openDatabaseServer(given: string | null): Promise<DatabaseServer> {
  if (given !== null) return { adminUrl: given, says: 'the one that was named', close: async () => undefined }
  const dataDir = await realpath(await mkdtemp(join(tmpdir(), 'whatsapp-erp-crash-')))
  // As root the bundled server runs under another account, which must come in.
  await chmod(dataDir, 0o755)
  const clear = () => rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  try {
    const embedded = await startEmbedded({ dataDir, log: SILENT })
    return {
      adminUrl: embedded.tcpUrl,
      says: 'bundled PostgreSQL, fsync on',
      async close() {
        await embedded.stop()
        await clear()
      },
    }
  } catch (error) {
    await clear()
    throw error
  }
}
