// Keeps one node of a local cluster running: starts it, starts it again when it ends by itself, and ends it in order. What it writes goes to
// a file.

import { createWriteStream } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { launch, type Program, ProgramFailed } from '../demo/processes.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const START_WITHIN_MS = 60_000
const UP = /is up: http/
/** Before a node that ended by itself is started again; doubles while it does not come up. */
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000

export interface KeptNode {
  readonly name: string
  readonly url: string
  readonly log: string
  /** Of the process of the moment. */
  pid(): number | null
  /** Ends it in order and starts it no more. Safe to call twice. */
  end(): Promise<void>
}

export interface KeeperOptions {
  readonly name: string
  readonly port: number
  /** Of the file its lines go to. */
  readonly log: string
  readonly env: NodeJS.ProcessEnv
  readonly say: (line: string) => void
}

/** Resolves when it is up for the first time. @throws ProgramFailed when it cannot start */
export async function keepNode({ name, port, log, env, say }: KeeperOptions): Promise<KeptNode> {
  const file = createWriteStream(log, { flags: 'a' })
  const over = new AbortController()
  let program: Program | null = null

  const begin = async (): Promise<Program> => {
    const onLine = (line: string) => void file.write(`${line}\n`)
    const started = launch({ name, args: ['scripts/start.mjs'], cwd: ROOT, env, ownGroup: true, onLine })
    program = started
    try {
      await started.line(`${name} starts`, UP, START_WITHIN_MS)
      return started
    } catch (error) {
      await started.end()
      const said = started.tail(50).find((line) => line.startsWith('Cannot start: '))
      throw said === undefined ? error : new ProgramFailed(`${name}: ${said}`)
    }
  }

  const again = async (): Promise<Program | null> => {
    for (let pauseMs = FIRST_PAUSE_MS; !over.signal.aborted; pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
      await sleep(pauseMs, undefined, { signal: over.signal }).catch(() => undefined)
      if (over.signal.aborted) break
      try {
        return await begin()
      } catch (error) {
        if (!over.signal.aborted) say(error instanceof Error ? error.message : String(error))
      }
    }
    return null
  }

  const keep = async (first: Program) => {
    for (let living: Program | null = first; living !== null; ) {
      const { pid, ended } = living
      const how = await ended
      if (over.signal.aborted) return
      say(`${name} (pid ${pid}) ${how}; it is started again`)
      const began = performance.now()
      living = await again()
      if (living !== null)
        say(`${name} is up again after ${((performance.now() - began) / 1000).toFixed(1)} s (pid ${living.pid})`)
    }
  }
  const kept = keep(await begin())

  return {
    name,
    url: `http://localhost:${port}`,
    log,
    pid: () => (program?.running() === true ? program.pid : null),
    async end() {
      over.abort()
      await program?.end()
      await kept
      await new Promise<void>((resolve) => file.end(resolve))
    },
  }
}
