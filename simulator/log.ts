// One ordered log of everything the simulator saw and did, with a way to wait for what it has not seen yet.
// It decides nothing: who writes which entry is for the other files. Texts may appear here, keys never.

export type LogKind =
  | 'connected'
  | 'disconnected'
  | 'refused'
  | 'pairing-offered'
  | 'scanned'
  | 'paired'
  | 'pairing-refused'
  | 'passkey-demanded'
  | 'login'
  | 'login-refused'
  | 'replaced'
  | 'removed'
  | 'online'
  | 'offline-delivered'
  | 'prekeys-uploaded'
  | 'bundle-taken'
  | 'query'
  | 'queued'
  | 'delivered-to-client'
  | 'client-receipt'
  | 'client-ack'
  | 'client-retry'
  | 'client-message'
  | 'client-presence'
  | 'received'
  | 'handed-over'
  | 'own-copy'
  | 'undecryptable'
  | 'resent'
  | 'receipt-sent'
  | 'stream-error'
  | 'media-stored'
  | 'media-fetched'
  | 'fault'

export interface LogEntry {
  /** Position in the log, from 1. */
  readonly seq: number
  /** Unix time in milliseconds. */
  readonly at: number
  readonly kind: LogKind
  /** The account it concerns: digits of its phone number. */
  readonly number?: string
  /** The linked device of that account. */
  readonly device?: number
  /** The other party: digits of its phone number, or a group. */
  readonly peer?: string
  /** WhatsApp message id. */
  readonly id?: string
  /** Subtype: of a receipt, a query, a ciphertext, a fault. */
  readonly type?: string
  readonly text?: string
  readonly count?: number
  readonly code?: number
}

export type LogFacts = Omit<LogEntry, 'seq' | 'at'>

export interface Log {
  readonly entries: readonly LogEntry[]
  readonly add: (facts: LogFacts) => void
  /** Calls the listener with each later entry; the answer stops that. */
  readonly listen: (listener: (entry: LogEntry) => void) => () => void
}

export interface WaitOptions {
  /** Milliseconds; 5,000 if not given. */
  readonly timeoutMs?: number
  /** What is waited for, for the message of the rejection. */
  readonly what: string
}

const DEFAULT_WAIT_MS = 5_000
const POLL_MS = 25
const SHOWN_ENTRIES = 12

export const createLog = (now: () => number = Date.now): Log => {
  const entries: LogEntry[] = []
  const listeners = new Set<(entry: LogEntry) => void>()
  return {
    entries,
    add: (facts) => {
      const entry = { seq: entries.length + 1, at: now(), ...facts }
      entries.push(entry)
      for (const listener of [...listeners]) listener(entry)
    },
    listen: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** One line of an entry, for messages that say what was seen instead. */
const describeEntry = (entry: LogEntry): string => {
  const { seq, at: _at, kind, ...facts } = entry
  const shown = Object.entries(facts).map(([name, value]) => `${name}=${String(value)}`)
  return `${seq} ${kind} ${shown.join(' ')}`.trim()
}

/**
 * Resolves with the first value of `probe` that is neither undefined nor false. The probe runs at once, after every log
 * entry and a few times a second. Rejects after the deadline with the end of the log.
 */
export const waitUntil = <T>(log: Log, probe: () => T | undefined | false, options: WaitOptions): Promise<T> =>
  new Promise((resolve, reject) => {
    let settled = false
    const finish = (conclude: () => void): void => {
      if (settled) return
      settled = true
      clearInterval(poll)
      clearTimeout(deadline)
      stop()
      conclude()
    }
    const attempt = (): void => {
      if (settled) return
      try {
        const value = probe()
        if (value !== undefined && value !== false) finish(() => resolve(value))
      } catch (error) {
        finish(() => reject(error))
      }
    }
    const stop = log.listen(attempt)
    const poll = setInterval(attempt, POLL_MS)
    const timeoutMs = options.timeoutMs ?? DEFAULT_WAIT_MS
    const deadline = setTimeout(() => {
      const seen = log.entries.slice(-SHOWN_ENTRIES).map(describeEntry).join('\n  ')
      finish(() => reject(new Error(`${options.what}: not seen within ${timeoutMs} ms. Last in the log:\n  ${seen}`)))
    }, timeoutMs)
    attempt()
  })
