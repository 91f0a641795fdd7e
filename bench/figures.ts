// The arithmetic of the bench: medians, slopes, ratios. Pure.

export type Better = 'lower' | 'higher'

/** One figure. `bare` and `ratio` (ours / bare) are null where there is nothing to compare with. */
export interface Figure {
  readonly name: string
  readonly ours: number
  readonly bare: number | null
  readonly ratio: number | null
  readonly better: Better
  readonly unit: string
  /** The same with the native signature check in bare Baileys, where that was measured too. */
  readonly bareNative?: number
  readonly ratioNative?: number
  /** What else was seen, for people. */
  readonly note?: string
}

/** The middle one; of an even number the mean of the two in the middle. @throws of none */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]]
  if (low === undefined || high === undefined) throw new Error('the median of nothing')
  return (low + high) / 2
}

/** What one more costs, from two totals. */
export function slope(few: { count: number; total: number }, many: { count: number; total: number }): number {
  if (many.count <= few.count) throw new Error('a slope needs a larger count at its end')
  return (many.total - few.total) / (many.count - few.count)
}

/** So many within this time. */
export function perSecond(count: number, fromMs: number, toMs: number): number {
  if (toMs <= fromMs) throw new Error('a rate needs time')
  return (count * 1_000) / (toMs - fromMs)
}

/** Rounded for reading: three digits that say something. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3))
}

export interface Samples {
  readonly name: string
  readonly better: Better
  readonly unit: string
  readonly ours: readonly number[]
  readonly bare?: readonly number[]
  readonly bareNative?: readonly number[]
  readonly note?: string
}

/** The figure of several samples: medians, and the ratios of the medians. */
export function figure({ name, better, unit, ours, bare, bareNative, note }: Samples): Figure {
  const mine = median(ours)
  const theirs = bare === undefined || bare.length === 0 ? null : median(bare)
  const native = bareNative === undefined || bareNative.length === 0 ? null : median(bareNative)
  return {
    name,
    ours: rounded(mine),
    bare: theirs === null ? null : rounded(theirs),
    ratio: theirs === null ? null : rounded(mine / theirs),
    better,
    unit,
    ...(native === null ? {} : { bareNative: rounded(native), ratioNative: rounded(mine / native) }),
    ...(note === undefined ? {} : { note }),
  }
}
