// What a demo plays on: a simulated WhatsApp and the real server, each a process of its own, on a data directory of this run.
// It starts, kills and clears away; what is played is for others.

import { fileURLToPath } from 'node:url'
import { connectSimulator, type RemoteSimulator } from '../../simulator/remote.ts'
import { makeDataDirectory, removeDataDirectory } from './data-directory.ts'
import { launch, type Program, ProgramFailed } from './processes.ts'
import { serverEnvironment } from './settings.ts'
import { until } from './until.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const START_WITHIN_MS = 60_000
const UP = /is up: http:\/\/[^:]+:(\d+)/

export interface Stage {
  readonly dataDir: string
  readonly simulator: { readonly url: string; readonly trustRoot: string; readonly control: string }
  readonly sim: RemoteSimulator
  /** Where the server of the moment listens, without a slash at the end. */
  url(): string
  /** Starts the server (again, on the same data). @returns ms from the start of its process until /health says ok */
  startServer(): Promise<number>
  /** kill -9 */
  killServer(): Promise<void>
  /** The last lines of the server's log. */
  log(lines: number): readonly string[]
  /** Resolves when a process ends that nobody ended, with a sentence. */
  readonly accident: Promise<string>
  /** Ends everything and removes the data. Safe to call twice. */
  close(): Promise<void>
}

export interface StageOptions {
  /** 0 takes a free port; left out, PORT counts as in a normal start. */
  readonly port?: 0
}

/** Starts the simulator; the server is started by the caller. @throws ProgramFailed, and nothing is left */
export async function openStage(options: StageOptions = {}): Promise<Stage> {
  let closing: Promise<void> | null = null
  let server: Program | null = null
  let latest: Program | null = null
  let address = ''
  const accident = Promise.withResolvers<string>()
  const dataDir = await makeDataDirectory()
  const theatre = startSimulator()
  const watch = (program: Program, name: string) => {
    void program.ended.then((how) => {
      const wanted = closing !== null || (program !== theatre && program !== server)
      if (!wanted) accident.resolve(`The ${name} ${how}, and nobody asked it to.`)
    })
  }
  const close = () => {
    closing ??= (async () => {
      await server?.end()
      await theatre.end()
      await removeDataDirectory(dataDir)
    })()
    return closing
  }
  const said = await theatre
    .line('The simulator starts', /^\{.*"control".*\}$/, START_WITHIN_MS)
    .catch(async (error) => {
      await close()
      throw error
    })
  const simulator = JSON.parse(said[0]) as Stage['simulator']
  watch(theatre, 'simulator')

  return {
    dataDir,
    simulator,
    sim: connectSimulator(simulator.control),
    url: () => address,
    accident: accident.promise,
    log: (lines) => latest?.tail(lines) ?? [],
    close,
    async startServer() {
      if (closing !== null) throw new ProgramFailed('The demo is ending.')
      const started = performance.now()
      const env = serverEnvironment({ ...options, dataDir, simulator, now: new Date() })
      const program = launch({ name: 'the server', args: ['scripts/start.mjs'], cwd: ROOT, env })
      server = program
      latest = program
      const up = await program.line('The server starts', UP, START_WITHIN_MS).catch((error) => {
        throw refusal(program) ?? error
      })
      address = `http://127.0.0.1:${up[1]}`
      const health = () => fetch(`${address}/health`).then(({ status }) => status, String)
      await until('/health answers 200', health, (status) => status === 200, { deadlineMs: START_WITHIN_MS })
      watch(program, 'server')
      return Math.round(performance.now() - started)
    },
    async killServer() {
      const program = server
      server = null
      await program?.kill()
    },
  }
}

function startSimulator(): Program {
  const args = ['--import', './scripts/demo/follow-parent.ts', 'simulator/main.ts', '--json']
  return launch({ name: 'the simulator', args, cwd: ROOT, env: process.env })
}

/** The sentence with which a server says that it cannot start, if it did. */
function refusal(program: Program): ProgramFailed | null {
  const said = program.tail(50).find((line) => line.startsWith('Cannot start: '))
  return said === undefined ? null : new ProgramFailed(said)
}
