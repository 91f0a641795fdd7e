// Randomness that a seed decides, so that one trial can be run again by itself.

import { createHash } from 'node:crypto'

export interface Dice {
  /** From 0 up to, and without, 1. */
  fraction(): number
  /** A whole number; both ends count. */
  between(least: number, most: number): number
  pick<T>(from: readonly [T, ...T[]]): T
  chance(probability: number): boolean
}

/** Mulberry32, started by a text. */
export function dice(seed: string): Dice {
  let state = createHash('sha256').update(seed).digest().readUInt32LE(0)
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (least: number, most: number) => least + Math.floor(fraction() * (most - least + 1))
  return {
    fraction,
    between,
    pick: (from) => from[between(0, from.length - 1)] ?? from[0],
    chance: (probability) => fraction() < probability,
  }
}
