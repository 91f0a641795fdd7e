// Calls between the bench and the processes it measures: each serves named functions, and a call is a message there and one back.

import { type ChildProcess, fork } from 'node:child_process'

/** What a process serves. Arguments and answers cross as copies. */
export type Served = Readonly<Record<string, (argument: never) => unknown>>

export interface Part<S extends Served> {
  readonly pid: number
  call<N extends keyof S & string>(name: N, argument: Parameters<S[N]>[0]): Promise<Awaited<ReturnType<S[N]>>>
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>
}

interface Call {
  readonly id: number
  readonly name: string
  readonly argument: unknown
}

interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

const STOP = 'stop'
const STOP_WITHIN_MS = 30_000

/** Serves the functions to the process that started this one, until it says stop or is gone. */
export function serve(functions: Served, stop: () => Promise<unknown> = async () => undefined): void {
  const end = () => void stop().finally(() => process.exit(0))
  const answer = (reply: Answer) => void process.send?.(reply)
  process.once('disconnect', end)
  process.on('message', ({ id, name, argument }: Call) => {
    if (name === STOP) return end()
    const found = functions[name] as ((argument: unknown) => unknown) | undefined
    Promise.resolve()
      .then(() => {
        if (found === undefined) throw new Error(`nothing is called ${name}`)
        return found(argument)
      })
      .then(
        (value) => answer({ id, value }),
        (error: unknown) =>
          answer({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      )
  })
}

export interface StartOptions {
  readonly flags?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

/** Starts a process from a file of this folder. What it prints is dropped, its complaints are passed on. */
export function startPart<S extends Served>(file: string, options: StartOptions = {}): Part<S> {
  const child = fork(new URL(file, import.meta.url), [], {
    execArgv: [...(options.flags ?? [])],
    env: { PATH: process.env['PATH'] ?? '', ...options.environment },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let calls = 0
  child.on('message', ({ id, value, error }: Answer) => {
    const call = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) call?.resolve(value)
    else call?.reject(new Error(`${file}: ${error}`))
  })
  void ended.then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`${file} ended`))
    waiting.clear()
  })
  return {
    pid: child.pid ?? 0,
    call: (name, argument) =>
      new Promise((resolve, reject) => {
        calls += 1
        waiting.set(calls, { resolve: resolve as (value: unknown) => void, reject })
        const message: Call = { id: calls, name, argument }
        child.send(message, (error) => error && reject(error))
      }),
    stop: () => stopped(child, ended),
  }
}

async function stopped(child: ChildProcess, ended: Promise<void>): Promise<void> {
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
  if (child.connected) child.send({ id: 0, name: STOP, argument: null } satisfies Call, () => undefined)
  await ended
  clearTimeout(late)
}
