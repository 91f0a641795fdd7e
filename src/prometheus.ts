// Keeps what is counted and shows it in the text format of Prometheus: the one door to prom-client. What is counted, and under which names, is
// meters.ts; who may read it is http/routes/metrics.ts.

import type { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { type Exposition, METERS, type Meters, type SetGauge } from './meters.ts'

export const PREFIX = 'whatsapp_erp_'
/** What is counted before the library is loaded is kept, so much of it at most. */
const EARLY = 10_000

/** Sets gauges at the moment somebody looks. */
export type Look = (set: SetGauge) => Promise<void> | void

export interface Prometheus extends Meters, Exposition {
  /** @param look called at every scrape; what it does not set is not shown */
  gauges(look: Look): void
  /** Loads the library. It is not needed to count, and a start does not wait for it. */
  open(): Promise<void>
}

type LabelValues = Record<string, string>
interface Kept {
  readonly registry: Registry
  readonly counters: ReadonlyMap<string, Counter>
  readonly gauges: ReadonlyMap<string, Gauge>
  readonly histograms: ReadonlyMap<string, Histogram>
}

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export function makePrometheus(failed: (error: unknown) => void): Prometheus {
  const looks: Look[] = []
  let early: ((kept: Kept) => void)[] = []
  let kept: Kept | null = null
  let opening: Promise<Kept> | null = null

  const open = (): Promise<Kept> => {
    opening ??= keep().then((made) => {
      kept = made
      for (const event of early) event(made)
      early = []
      return made
    })
    return opening
  }
  const record = (event: (kept: Kept) => void): void => {
    if (kept !== null) event(kept)
    else if (early.length < EARLY) early.push(event)
  }

  return {
    contentType: CONTENT_TYPE,
    count: (name, labels, by = 1) => record(({ counters }) => counters.get(name)?.inc(labels as LabelValues, by)),
    observe: (name, labels, value) =>
      record(({ histograms }) => histograms.get(name)?.observe(labels as LabelValues, value)),
    gauges: (look) => void looks.push(look),
    async open() {
      await open()
    },
    async read() {
      const { registry, gauges } = await open()
      for (const [key, gauge] of gauges) {
        // One without labels would be reset to 0, which nobody measured.
        if (Object.keys(METERS[key as keyof typeof METERS].labels).length === 0) gauge.remove()
        else gauge.reset()
      }
      for (const look of looks)
        try {
          await look((name, labels, value) => gauges.get(name)?.set(labels as LabelValues, value))
        } catch (error) {
          failed(error)
        }
      return registry.metrics()
    },
  }
}

async function keep(): Promise<Kept> {
  const { default: client } = await import('prom-client')
  const registry = new client.Registry()
  client.collectDefaultMetrics({ register: registry })
  const counters = new Map<string, Counter>()
  const gauges = new Map<string, Gauge>()
  const histograms = new Map<string, Histogram>()
  for (const [key, metric] of Object.entries(METERS)) {
    const labelNames = Object.keys(metric.labels)
    const common = { name: PREFIX + metric.name, help: metric.help, labelNames, registers: [registry] }
    switch (metric.kind) {
      case 'counter': {
        const counter = new client.Counter(common)
        // So that the first increase is one.
        const only = Object.entries(metric.labels)
        const [label, values] = only[0] ?? []
        if (only.length === 1 && label !== undefined && typeof values === 'object')
          for (const value of values) counter.inc({ [label]: value }, 0)
        counters.set(key, counter)
        break
      }
      case 'gauge':
        gauges.set(key, new client.Gauge(common))
        break
      case 'histogram':
        histograms.set(key, new client.Histogram({ ...common, buckets: [...metric.buckets] }))
        break
    }
  }
  return { registry, counters, gauges, histograms }
}
