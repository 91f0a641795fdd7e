// One line taken out of a copy of the checkout, and the test that must then fail.

/** One line taken out. `find` occurs exactly once in `file`. */
export interface Mutation {
  readonly promise: string
  readonly file: string
  readonly find: string
  readonly replace: string
  /** The test file that must fail. */
  readonly test: string
}
