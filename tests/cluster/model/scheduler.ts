// Virtual time. Everything that happens in the simulated cluster is an event here; between two events all promises settle. Events belong to
// a process, which can be frozen (they wait) or killed (they never come). Which of several comes first is decided by the seed alone.

/** A process, as far as time is concerned. */
export interface Process {
  readonly name: string
  state: 'running' | 'frozen' | 'dead'
  /** How fast its clocks go: 1.2 is a fifth too fast. */
  rate: number
  readonly held: Event[]
}

/** Events of one stream stay in their order: the frames of a connection. */
export interface Stream {
  lastAt: number
}

interface Event {
  at: number
  sequence: number
  readonly process: Process | null
  readonly stream: Stream | null
  readonly run: () => void
  cancelled: boolean
}

export interface Scheduler {
  /** True time in ms, which no process can see. */
  now(): number
  /** In [0, 1). The n-th answer under one label depends on the seed, the label and n only, so that leaving out a command disturbs little else. */
  random(label: string): number
  process(name: string): Process
  /** @param process null: the world itself, which never stops. @returns cancels */
  after(ms: number, process: Process | null, run: () => void, stream?: Stream): () => void
  freeze(process: Process): void
  /** What was held back happens now, in any order except within a stream: a timer that is due is not faster than a frame that waits. */
  thaw(process: Process): void
  kill(process: Process): void
  /** Runs until this moment. */
  runUntil(at: number): Promise<void>
  events(): number
  /** The process whose event is being carried out, promises included. */
  running(): Process | null
}

/** Promises of a process that was killed never settle; whatever else waits settles here. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

/** How far apart the events of a process that wakes are spread, ms. */
const WAKE_SPREAD_MS = 2

export function makeScheduler(seed: number): Scheduler {
  const heap: Event[] = []
  const counts = new Map<string, number>()
  let now = 0
  let sequence = 0
  let count = 0
  let running: Process | null = null

  const random = (label: string): number => {
    const n = counts.get(label) ?? 0
    counts.set(label, n + 1)
    return hash(`${seed}|${label}|${n}`) / 2 ** 32
  }

  const push = (event: Event) => {
    heap.push(event)
    let child = heap.length - 1
    while (child > 0) {
      const parent = (child - 1) >> 1
      if (!sooner(heap[child], heap[parent])) break
      swap(heap, child, parent)
      child = parent
    }
  }

  const pop = (): Event | undefined => {
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    heap[0] = last
    let parent = 0
    for (;;) {
      const left = 2 * parent + 1
      const next = sooner(heap[left + 1], heap[left]) ? left + 1 : left
      if (!sooner(heap[next], heap[parent])) return first
      swap(heap, next, parent)
      parent = next
    }
  }

  const schedule = (event: Event) => {
    if (event.stream !== null) {
      event.at = Math.max(event.at, event.stream.lastAt)
      event.stream.lastAt = event.at
    }
    event.sequence = sequence
    sequence += 1
    push(event)
  }

  return {
    now: () => now,
    random,
    process: (name) => ({ name, state: 'running', rate: 1, held: [] }),
    after(ms, process, run, stream) {
      const event: Event = { at: now + ms, sequence: 0, process, stream: stream ?? null, run, cancelled: false }
      schedule(event)
      return () => {
        event.cancelled = true
      }
    },
    freeze(process) {
      if (process.state === 'running') process.state = 'frozen'
    },
    thaw(process) {
      if (process.state !== 'frozen') return
      process.state = 'running'
      const held = process.held.splice(0)
      for (const event of held) event.at = now + random(`wake ${process.name}`) * WAKE_SPREAD_MS
      // From the last to the first, and each under its old number: what was held comes before what is still on its way in the same stream.
      for (const event of held.reverse()) {
        const { stream } = event
        if (stream === null) schedule(event)
        else {
          const behind = heap.filter((each) => each.stream === stream).map(({ at }) => at)
          event.at = Math.min(event.at, ...behind)
          stream.lastAt = Math.max(stream.lastAt, event.at)
          push(event)
        }
      }
    },
    kill(process) {
      process.state = 'dead'
      process.held.length = 0
    },
    async runUntil(at) {
      for (;;) {
        const next = heap[0]
        if (next === undefined || next.at > at) break
        pop()
        now = next.at
        if (next.cancelled || next.process?.state === 'dead') continue
        if (next.process?.state === 'frozen') {
          next.process.held.push(next)
          continue
        }
        count += 1
        running = next.process
        next.run()
        await settle()
        running = null
      }
      now = at
    },
    events: () => count,
    running: () => running,
  }
}

function sooner(a: Event | undefined, b: Event | undefined): boolean {
  if (a === undefined || b === undefined) return a !== undefined
  return a.at === b.at ? a.sequence < b.sequence : a.at < b.at
}

function swap(heap: Event[], a: number, b: number): void {
  const [one, other] = [heap[a], heap[b]]
  if (one === undefined || other === undefined) return
  heap[a] = other
  heap[b] = one
}

/** FNV-1a with a finaliser: 32 well-mixed bits of a short text. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
