// The bundled PostgreSQL, so that `npm start` needs no other server. Decides the order of things and its settings; the steps are
// in embedded/. Whoever starts it owns the data directory's lock (data-dir.ts) and stops it.

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import type { DatabaseLog } from './database.ts'
import { serverAccount } from './embedded/account.ts'
import { findBinaries } from './embedded/binaries.ts'
import { EmbeddedFailed } from './embedded/failed.ts'
import { DATABASE, initialise, SUPERUSER } from './embedded/initialise.ts'
import { findLocation, type Location, STATE_ROOT } from './embedded/location.ts'
import { choosePort } from './embedded/port.ts'
import {
  type Postmaster,
  rememberedPort,
  runningPostmaster,
  startPostmaster,
  stopPostmaster,
} from './embedded/postmaster.ts'
import { hasSocket, socketDirectory } from './embedded/socket.ts'

export { EmbeddedFailed } from './embedded/failed.ts'

/** Long enough to replay the log after a crash. */
const START_TIMEOUT_MS = 120_000
const START_TRIES = 5

export interface Embedded {
  /** With its password: not for logs. Over a socket file where there can be one (see embedded/socket.ts), else over 127.0.0.1. */
  readonly url: string
  /** The same over 127.0.0.1, for programs that want a port. */
  readonly tcpUrl: string
  readonly pid: number
  /** Ends the server and waits for it. May be called twice. */
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  readonly dataDir: string
  readonly log: DatabaseLog
  /** Never waits for the disk: for tests, whose data may be lost. */
  readonly noSync?: boolean
  /** A server that an earlier process left running is used as it is instead of being restarted. */
  readonly reuse?: boolean
  readonly stateRoot?: string
  readonly startTimeoutMs?: number
  /** Told when the server's process runs and is not ready yet. */
  readonly spawned?: () => void
}

/** Starts the bundled PostgreSQL on the data of DATA_DIR, made at the first start. @throws EmbeddedFailed */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const account = serverAccount()
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 })
  const location = await findLocation(options.dataDir, account, options.stateRoot ?? STATE_ROOT)
  const left = runningPostmaster(location)
  if (left?.ready && options.reuse) return embedded(location, left)
  if (left) {
    options.log.warn({ pid: left.pid }, 'bundled postgres of a killed node found: stopping it')
    await stopPostmaster(left)
  }
  const spare = account === null ? location.home : (options.stateRoot ?? STATE_ROOT)
  const binaries = await findBinaries(account, spare)
  await initialise(location, binaries, account, options.noSync ?? false)
  const started = await startOnFreePort(location, (port) =>
    startPostmaster(
      location,
      binaries,
      account,
      port,
      settings(options, socketDirectory(location)),
      options.startTimeoutMs ?? START_TIMEOUT_MS,
      options.spawned,
    ),
  )
  options.log.info({ pid: started.pid, port: started.port, data: location.data }, 'bundled postgres started')
  return embedded(location, started)
}

/** Between our look and the server's own bind another program can take the port: then another port is tried. */
async function startOnFreePort(location: Location, start: (port: number) => Promise<Postmaster>): Promise<Postmaster> {
  for (let n = 1; ; n += 1) {
    const port = await choosePort(n === 1 ? await rememberedPort(location) : null)
    try {
      const started = await start(port)
      await writeFile(location.port, `${port}\n`, { mode: 0o600 })
      return started
    } catch (error) {
      const taken = error instanceof EmbeddedFailed && /could not bind|address already in use/i.test(error.message)
      if (!taken || n >= START_TRIES) throw error
    }
  }
}

async function embedded(location: Location, postmaster: Postmaster): Promise<Embedded> {
  const password = (await readFile(location.password, 'utf8')).trim()
  const urlAt = (host: string) => `postgres://${SUPERUSER}:${password}@${host}:${postmaster.port}/${DATABASE}`
  const directory = socketDirectory(location)
  const tcpUrl = urlAt('127.0.0.1')
  let stopping: Promise<void> | null = null
  return {
    url: directory === null || !hasSocket(directory, postmaster.port) ? tcpUrl : urlAt(encodeURIComponent(directory)),
    tcpUrl,
    pid: postmaster.pid,
    stop() {
      stopping ??= stopPostmaster(postmaster)
      return stopping
    },
  }
}

function settings(options: EmbeddedOptions, sockets: string | null): string[] {
  return [
    'listen_addresses=127.0.0.1',
    // Quoted: the setting is a list.
    `unix_socket_directories=${sockets === null ? '' : `"${sockets}"`}`,
    'unix_socket_permissions=0700',
    'max_connections=200',
    'timezone=UTC',
    'log_timezone=UTC',
    'log_checkpoints=off',
    // No statement and no key value in the log: they may hold a customer's words.
    'log_error_verbosity=terse',
    'log_min_error_statement=panic',
    ...(options.noSync ? ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'] : []),
  ]
}
