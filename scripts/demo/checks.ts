// What must hold for the demo to be true. A check that fails ends the story and says what was expected and what was seen.

import { isDeepStrictEqual } from 'node:util'

export class CheckFailed extends Error {
  override readonly name = 'CheckFailed'
  readonly expected: string
  readonly seen: string
  constructor(what: string, expected: unknown, seen: unknown) {
    super(what)
    this.expected = shown(expected)
    this.seen = shown(seen)
  }
}

export interface Checks {
  equal<T>(what: string, seen: T, expected: T): void
  matches(what: string, seen: string, expected: RegExp): void
  /** How many held so far. */
  passed(): number
}

/** @throws CheckFailed from every check that does not hold */
export function makeChecks(): Checks {
  let passed = 0
  return {
    equal(what, seen, expected) {
      if (!isDeepStrictEqual(seen, expected)) throw new CheckFailed(what, expected, seen)
      passed += 1
    },
    matches(what, seen, expected) {
      if (!expected.test(seen)) throw new CheckFailed(what, expected, seen)
      passed += 1
    },
    passed: () => passed,
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value
  return value instanceof RegExp ? `a text like ${value}` : (JSON.stringify(value, null, 2) ?? String(value))
}
