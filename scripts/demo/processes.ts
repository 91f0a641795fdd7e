// A program as a process of its own: its output is read line by line, its end is waited for. It decides nothing about what runs;
// every process is ended by its id, and none outlives this one.

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A program that does not end on a friendly signal is killed after this. */
const END_WITHIN_MS = 20_000
const KEPT_LINES = 500

export interface Program {
  readonly pid: number
  /** Resolves when it has ended, with how, in words. Never rejects. */
  readonly ended: Promise<string>
  running(): boolean
  /** The last lines it wrote, on either stream. */
  tail(count: number): readonly string[]
  /** The next or an earlier line that fits. Rejects when the program ends or the time is over. */
  line(what: string, test: RegExp, withinMs: number): Promise<RegExpExecArray>
  /** Asks it to end, and after a while makes it. */
  end(): Promise<void>
  /** Takes it away in the middle of what it does. */
  kill(): Promise<void>
}

/** A program that did not do what it was started for. The message carries what it said. */
export class ProgramFailed extends Error {
  override readonly name = 'ProgramFailed'
}

export interface Launch {
  readonly name: string
  /** Arguments of this same Node. */
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** Out of reach of the Ctrl-C that its starter hears, who then ends it in order. */
  readonly ownGroup?: boolean
  /** Told each line it writes, on either stream. */
  readonly onLine?: (line: string) => void
}

const living = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

/** Starts it. The caller ends it. @throws ProgramFailed when the process cannot be made */
export function launch({ name, args, cwd, env, ownGroup = false, onLine }: Launch): Program {
  const child = spawn(process.execPath, [...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: ownGroup })
  const { pid } = child
  if (pid === undefined) {
    child.once('error', () => undefined)
    throw new ProgramFailed(`The process of ${name} cannot be started.`)
  }
  living.add(child)
  const lines: string[] = []
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of [...listeners]) listener()
  }
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      onLine?.(line)
      if (lines.length > KEPT_LINES) lines.shift()
      tell()
    })
  let end: string | null = null
  const ended = new Promise<string>((resolve) => {
    // `close` comes after the last output has been read.
    child.once('close', (code, signal) => {
      living.delete(child)
      end = signal === null ? `ended with status ${code}` : `was ended by ${signal}`
      resolve(end)
      tell()
    })
  })
  const stop = async (signal: NodeJS.Signals) => {
    if (end !== null) return
    child.kill(signal)
    const timer = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS)
    await ended
    clearTimeout(timer)
  }

  return {
    pid,
    ended,
    running: () => end === null,
    tail: (count) => lines.slice(-count),
    line: (what, test, withinMs) =>
      new Promise((resolve, reject) => {
        const settle = (conclude: () => void) => {
          clearTimeout(timer)
          listeners.delete(look)
          conclude()
        }
        const fail = (how: string) =>
          settle(() => reject(new ProgramFailed(`${what}: ${name} ${how}. It said:\n${lines.slice(-15).join('\n')}`)))
        const look = () => {
          for (const line of lines) {
            const found = test.exec(line)
            if (found !== null) return settle(() => resolve(found))
          }
          if (end !== null) fail(end)
        }
        const timer = setTimeout(() => fail(`said nothing of it within ${withinMs / 1000} s`), withinMs)
        listeners.add(look)
        look()
      }),
    end: () => stop('SIGTERM'),
    kill: () => stop('SIGKILL'),
  }
}
