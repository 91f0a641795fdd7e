// A budget of so many a second: a token bucket as a value. What it is a budget of, and the clock, are the caller's.

export interface Bucket {
  readonly tokens: number
  /** When it was looked at last, in ms of a clock that only goes forward. */
  readonly at: number
}

/** Full: what a second allows may be taken at once. */
export function fullBucket(perSecond: number, now: number): Bucket {
  return { tokens: size(perSecond), at: now }
}

/**
 * Takes what is there, up to `count`.
 * @param perSecond how many come back a second; 0 is no limit. It may differ from call to call.
 * @returns how many were taken (a whole number), and the bucket after
 */
export function takeFrom(
  bucket: Bucket,
  count: number,
  perSecond: number,
  now: number,
): { readonly taken: number; readonly bucket: Bucket } {
  if (perSecond <= 0) return { taken: count, bucket }
  const passed = Math.max(0, now - bucket.at)
  const tokens = Math.min(size(perSecond), bucket.tokens + (passed / 1_000) * perSecond)
  const taken = Math.min(count, Math.floor(tokens))
  return { taken, bucket: { tokens: tokens - taken, at: Math.max(now, bucket.at) } }
}

/** Puts back what was taken and not used. */
export function putBack(bucket: Bucket, count: number): Bucket {
  return { ...bucket, tokens: bucket.tokens + count }
}

/** A budget below one a second must still be able to hold one. */
function size(perSecond: number): number {
  return Math.max(1, perSecond)
}
