// Orders as customers write them, for property tests: several items in one text, and other ways to write the same text.

import type { NamedVariant } from '../../src/domain/bot/names.ts'

const MOST_OF_ONE = 999

export interface WrittenItem {
  readonly variant: NamedVariant
  /** How the customer calls it. */
  readonly name: string
  readonly count: number
  readonly write: (name: string, count: number) => string
  /** Stands before it, unless it is the first. */
  readonly separator: string
}

/**
 * @param order the word the text begins with
 * @returns the text, and how many of which SKU are wanted by it in the order they are named; null when one of them is wanted more often than
 *   one order may hold
 */
export function writtenOrder(
  order: string,
  items: readonly WrittenItem[],
): { readonly text: string; readonly wanted: readonly (readonly [sku: string, count: number])[] } | null {
  const wanted = new Map<string, number>()
  let text = `${order} `
  for (const [at, { variant, name, count, write, separator }] of items.entries()) {
    text += `${at === 0 ? '' : separator}${write(name, count)}`
    wanted.set(variant.sku, (wanted.get(variant.sku) ?? 0) + count)
  }
  return [...wanted.values()].some((count) => count > MOST_OF_ONE) ? null : { text, wanted: [...wanted] }
}

/** The zeros of scripts that count in tens. */
export const ZEROS = [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10, 0x1d7ce, 0x1e950] as const

/** What changes nothing of what a text means: case, composed letters, spaces, invisible marks, and digits of the script with this zero. */
export const REWRITES: readonly ((text: string, zero: number) => string)[] = [
  (text) => text.toUpperCase(),
  (text) => text.toLowerCase(),
  (text) => text.normalize('NFD'),
  (text) => text.normalize('NFC'),
  (text) => text.replaceAll(' ', ' \u200b\u00a0 \u200e'),
  (text) => `  ${[...text].join('\u2060')}\u200f `,
  (text, zero) => text.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit))),
]
