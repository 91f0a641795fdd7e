// Timers of the simulated processes. What src imports from the platform is replaced by these (source.ts), so that real code keeps virtual time.

import type { Process, Scheduler } from './scheduler.ts'

let world: Scheduler | null = null

/** The timers belong to this simulation from now on: one runs at a time. */
export function useScheduler(scheduler: Scheduler): void {
  world = scheduler
}

interface Timer {
  cancel: () => void
  unref(): Timer
  ref(): Timer
}

function start(run: (again: () => void) => void, ms: number): Timer {
  if (world === null) throw new Error('no simulation is running')
  const scheduler = world
  const process: Process | null = scheduler.running()
  if (process === null) throw new Error('a timer was set outside of any process')
  const timer: Timer = { cancel: () => undefined, unref: () => timer, ref: () => timer }
  const next = () => {
    timer.cancel = scheduler.after(ms / process.rate, process, () => run(next))
  }
  next()
  return timer
}

export const setTimeout = (run: () => void, ms: number): Timer => start(() => run(), ms)

export const setInterval = (run: () => void, ms: number): Timer =>
  start((again) => {
    again()
    run()
  }, ms)

export const clearTimeout = (timer: Timer | null | undefined): void => timer?.cancel()
export const clearInterval = clearTimeout

interface SleepOptions {
  readonly signal?: AbortSignal
  readonly ref?: boolean
}

/** As `setTimeout` of node:timers/promises. */
export function sleep<T>(ms: number, value?: T, options: SleepOptions = {}): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = start(() => resolve(value), ms)
    options.signal?.addEventListener('abort', () => {
      timer.cancel()
      reject(options.signal?.reason)
    })
  })
}
