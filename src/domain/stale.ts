// Somebody changed it meanwhile: the refusal of a change that was decided upon an older version. Stores compare the version in the statement
// that writes.

import { refuse } from './result.ts'

/** @param current the version it has now */
export function stale(current: number) {
  return refuse(
    'stale-version',
    `It was changed meanwhile and has version ${current} now. Read it again, and decide again.`,
  )
}
