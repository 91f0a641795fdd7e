// Ids for what happened in the past: lists are ordered by them, so they must say when.

import type { Dice } from '../proof/random.ts'

/** A UUIDv7 of that instant, with the rest of it from the dice. */
export function idAt(at: Date, dice: Dice): string {
  const time = at.getTime().toString(16).padStart(12, '0')
  const random = Array.from({ length: 5 }, () => dice.between(0, 0xffff).toString(16).padStart(4, '0'))
  const [a = '', b = '', ...rest] = random
  const variant = (8 + dice.between(0, 3)).toString(16)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${a.slice(1)}-${variant}${b.slice(1)}-${rest.join('')}`
}
