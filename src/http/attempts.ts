// Failed logins: after a few for the same account from the same address the next ones have to wait, longer each time.
// Every attempt counts as failed until it succeeds, so that many at once gain nothing. Kept in memory, bounded.

import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'

const FREE_ATTEMPTS = 5
const FIRST_WAIT_MS = 60_000
const LONGEST_WAIT_MS = 900_000
/** Failures are forgotten this long after the last one. */
const MEMORY_MS = 900_000
const ACCOUNTS = 10_000

interface Record {
  readonly failures: number
  /** Until when further attempts are turned away, ms since 1970. */
  readonly until: number
  readonly last: number
}

export interface Attempts {
  /** Counts one attempt. @returns seconds to wait before it may be made, 0 when it may be made now */
  begin(account: string, ip: string, nowMs: number): number
  /** The attempt was right: the account starts afresh. */
  succeeded(account: string, ip: string): void
}

export function makeAttempts(): Attempts {
  const records = new LRUCache<string, Record>({ max: ACCOUNTS })
  const nameOf = (account: string, ip: string) => createHash('sha256').update(`${account}\n${ip}`).digest('base64')
  return {
    begin(account, ip, nowMs) {
      const name = nameOf(account, ip)
      const known = records.get(name)
      const record = known === undefined || nowMs - known.last > MEMORY_MS ? { failures: 0, until: 0, last: 0 } : known
      if (nowMs < record.until) return Math.ceil((record.until - nowMs) / 1000)
      const failures = record.failures + 1
      const over = failures - FREE_ATTEMPTS
      const waitMs = over < 0 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** over)
      records.set(name, { failures, until: nowMs + waitMs, last: nowMs })
      return 0
    },
    succeeded(account, ip) {
      records.delete(nameOf(account, ip))
    },
  }
}
