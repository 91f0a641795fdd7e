// How this process is doing, as it tells the others with every renewal: how far its event loop ran behind, and how much memory it holds.

import { monitorEventLoopDelay } from 'node:perf_hooks'

export interface Vitals {
  /** `loopLagMs`: the 99th percentile of the last second or more. */
  read(): { readonly loopLagMs: number; readonly rssMb: number }
  stop(): void
}

/** The timer of the measurement fires this often; what is above it is lag. */
const RESOLUTION_MS = 20
/** A reading stands for this long: several ask, and each would see only what came after the other. */
const STANDS_MS = 1_000

export function measureVitals(): Vitals {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  let last = { at: Number.NEGATIVE_INFINITY, loopLagMs: 0, rssMb: 0 }
  return {
    read() {
      const at = performance.now()
      if (at - last.at < STANDS_MS) return last
      const lag = delay.count === 0 ? 0 : delay.percentile(99) / 1e6 - RESOLUTION_MS
      delay.reset()
      last = {
        at,
        loopLagMs: Math.max(0, Math.round(lag * 10) / 10),
        rssMb: Math.round(process.memoryUsage.rss() / 2 ** 20),
      }
      return last
    },
    stop: () => void delay.disable(),
  }
}
