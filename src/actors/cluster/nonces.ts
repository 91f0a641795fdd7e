// Remembers the nonces of signed requests for as long as their signature counts, so that none is taken twice. Two generations of a set:
// what is older than one span has expired anyway.

/** How many nonces of one generation are kept at most; beyond that requests are refused rather than believed. */
const MOST = 500_000

export interface Nonces {
  /** @returns true the first time; false when it was seen before, or when there is no room to remember it */
  fresh(nonce: string, now: number): boolean
}

/** @param spanMs how long a nonce must be remembered at least */
export function makeNonces(spanMs: number, most = MOST): Nonces {
  let present = new Set<string>()
  let past = new Set<string>()
  let began = Number.NEGATIVE_INFINITY
  return {
    fresh(nonce, now) {
      if (now - began >= spanMs) {
        past = now - began >= 2 * spanMs ? new Set() : present
        present = new Set()
        began = now
      }
      if (present.has(nonce) || past.has(nonce) || present.size >= most) return false
      present.add(nonce)
      return true
    },
  }
}
