// Failed logins: after a few for the same account from the same address the next ones have to wait, longer each time.
// Every attempt counts as failed until it succeeds, so that many at once gain nothing. Where it is counted is the port's business.

import type { Limits, Waits } from '../actors/cluster/limits.ts'

const WAITS: Waits = { free: 5, firstMs: 60_000, longestMs: 900_000, memoryMs: 900_000 }

export interface Attempts {
  /** Counts one attempt. @returns seconds to wait before it may be made, 0 when it may be made now */
  begin(account: string, ip: string): Promise<number>
  /** The attempt was right: the account starts afresh. */
  succeeded(account: string, ip: string): Promise<void>
}

/** @param what is attempted: each is counted by itself */
export function makeAttempts(limits: Limits, what: 'login' | 'password'): Attempts {
  const nameOf = (account: string, ip: string) => `${what}\n${account}\n${ip}`
  return {
    begin: async (account, ip) => Math.ceil((await limits.attempt(nameOf(account, ip), WAITS)) / 1000),
    succeeded: (account, ip) => limits.forget(nameOf(account, ip)),
  }
}
