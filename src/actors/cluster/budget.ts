// This node's own budget of connections a second, shared by whichever planner answers. The cluster's budget is theirs.

import { fullBucket, putBack, takeFrom } from '../../domain/cluster/bucket.ts'

export interface Budget {
  /** @returns how many of `count` are given */
  take(count: number): number
  putBack(count: number): void
}

/**
 * @param perSecond 0 is no limit; asked every time, since a share of the cluster's budget changes with the number of nodes
 * @param monotonic ms of a clock that only goes forward
 */
export function makeBudget(perSecond: () => number, monotonic: () => number): Budget {
  let bucket = fullBucket(perSecond(), monotonic())
  return {
    take(count) {
      const result = takeFrom(bucket, count, perSecond(), monotonic())
      bucket = result.bucket
      return result.taken
    },
    putBack(count) {
      bucket = putBack(bucket, count)
    },
  }
}
