// One node of a cluster under test: a process that can be killed, frozen, ended in order and started again under the same name. Its way to
// WhatsApp is watched, and what it writes to the database is signed.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Closers } from '../proof/closers.ts'
import { type ServerProcess, startServerProcess } from '../proof/processes.ts'
import { signedAs } from './audit.ts'
import { type WatchedWire, watchWire } from './wire.ts'

export interface ChaosNode {
  /** The operator's name, the same after a restart. */
  readonly name: string
  /** Where it listens; null while it is down. */
  url(): string | null
  /** Of this start: what it says to WhatsApp. */
  wire(): WatchedWire
  /** Where it stands: `frozen` still runs. */
  running(): boolean
  /** Resolves when it listens. */
  start(): Promise<void>
  /** kill -9. */
  kill(): Promise<void>
  freeze(): void
  thaw(): void
  /** SIGTERM. @returns ms until it was gone */
  end(): Promise<number>
  /** Resolves when the process of the moment has ended, with how. */
  ended(): Promise<string>
  /** The last lines it logged. */
  tail(count: number): readonly string[]
}

export interface NodeOptions {
  readonly name: string
  /** Under which it gets a directory of its own for each start. */
  readonly directory: string
  /** The simulator's socket. */
  readonly socketUrl: string
  readonly env: Readonly<Record<string, string>>
  readonly closers: Pick<Closers, 'push'>
  /** The checkout whose program it runs at its first start; null: this one. */
  readonly former: string | null
}

export function makeNode({ name, directory, socketUrl, env, closers, former }: NodeOptions): ChaosNode {
  let starts = 0
  let server: ServerProcess | null = null
  let wire: WatchedWire | null = null
  let url: string | null = null

  const current = (): ServerProcess => {
    if (server === null) throw new Error(`${name} was never started`)
    return server
  }
  const signal = (which: NodeJS.Signals) => {
    const { program } = current()
    if (program.running()) process.kill(program.pid, which)
  }
  return {
    name,
    url: () => url,
    wire() {
      if (wire === null) throw new Error(`${name} was never started`)
      return wire
    },
    running: () => server?.program.running() ?? false,
    async start() {
      starts += 1
      const watched = await watchWire(socketUrl)
      // Another machine would have another directory: nothing here may tell it that the process before is dead.
      const dataDir = join(directory, `${name}.${starts}`)
      await mkdir(dataDir)
      const started = startServerProcess(
        {
          ...env,
          ...signedAs(`${name}.${starts}`),
          NODE_ID: name,
          DATA_DIR: dataDir,
          WHATSAPP_SOCKET_URL: watched.url,
        },
        [],
        starts === 1 && former !== null ? former : undefined,
      )
      closers.push(async () => {
        if (started.program.running()) process.kill(started.program.pid, 'SIGCONT')
        await started.program.kill()
        watched.close()
      })
      server = started
      wire = watched
      const at = await started.up
      url = at
      void started.program.ended.then(() => {
        if (server === started) url = null
      })
    },
    async kill() {
      url = null
      await current().program.kill()
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    async end() {
      const began = performance.now()
      await current().program.end()
      return performance.now() - began
    },
    ended: () => current().program.ended,
    tail: (count) => current().program.tail(count),
  }
}
