// What a node stands on: its data directory, its port, its secrets, the bundled PostgreSQL. Imports little, so that a program can lay it
// first and load the rest while the database comes up. Which database is used and what is done with all this is node.ts.

import { createServer } from 'node:net'
import { uuidv7 } from 'uuidv7'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import { type DataDirLock, lockDataDir } from './persistence/data-dir.ts'
import { startEmbedded } from './persistence/embedded.ts'
import { loadSecrets, type Secrets } from './persistence/secrets.ts'

/** How long the node before us may take to leave the data directory, in ms. */
const TAKE_OVER_MS = 8_000

export interface Ground {
  /** UUID of this start. */
  readonly incarnation: string
  readonly lock: DataDirLock
  readonly secrets: Secrets
  /** Of the database, with its password: not for logs. */
  readonly databaseUrl: string
  /** Stops the bundled server, if it is ours, and gives the directory back. Throws what the first of them threw. */
  close(): Promise<void>
}

/** Thrown when a node cannot start; the message is one sentence for the operator. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart'
}

export interface LayOptions {
  /** Gives it up between two steps: what was laid is taken away again. */
  readonly signal?: AbortSignal | undefined
  /** Told when only the database is still waited for. */
  readonly begun?: () => void
}

/**
 * @throws CannotStart, DataDirInUse, BadSecret, EmbeddedFailed: one sentence each; nothing is left behind
 */
export async function layGround(config: Config, log: Logger, options: LayOptions = {}): Promise<Ground> {
  const { dataDir, jwtSecret, authEncryptionKey } = config
  const incarnation = uuidv7()
  const lock = await lockDataDir(dataDir, { waitMs: TAKE_OVER_MS, incarnation })
  try {
    options.signal?.throwIfAborted()
    await assertPortFree(config)
    const secrets = loadSecrets({ dataDir, jwtSecret, authEncryptionKey })
    const begun = options.begun ?? (() => undefined)
    if (config.databaseUrl !== null) begun()
    const embedded = config.databaseUrl === null ? await startEmbedded({ dataDir, log, spawned: begun }) : null
    const close = async () => {
      try {
        await embedded?.stop()
      } finally {
        lock.release()
      }
    }
    return { incarnation, lock, secrets, databaseUrl: config.databaseUrl ?? embedded?.url ?? '', close }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** Said before a database is started for nothing; `listen` decides in the end. */
async function assertPortFree(config: Config): Promise<void> {
  if (config.port === 0) return
  const probe = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject)
      probe.listen({ port: config.port, host: config.host }, resolve)
    })
  } catch (error) {
    throw cannotListen(config, error)
  } finally {
    probe.close()
  }
}

/** What listening failed with, as a sentence when there is one. */
export function cannotListen(config: Pick<Config, 'port' | 'host'>, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'EADDRINUSE')
    return new CannotStart(`Port ${config.port} is taken by another program: stop it, or set PORT to another port.`)
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL')
    return new CannotStart(`Cannot listen on ${config.host} port ${config.port} (${code}): set HOST or PORT to others.`)
  return error
}
