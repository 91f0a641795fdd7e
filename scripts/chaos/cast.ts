// Who takes part in the runs of a cluster: enough accounts for every node to have some, and a few customers each.

import type { Account } from '../proof/cast.ts'

/** @param count how many accounts; @param customers how many write to each */
export function castOf(count: number, customers = 6): readonly Account[] {
  return Array.from({ length: count }, (_, index) => {
    const first = 15551000000 + index * 10_000
    return {
      number: String(first),
      email: `shop-${index + 1}@chaos.test`,
      customers: Array.from({ length: customers }, (_, n) => String(first + 1_000 + n)),
    }
  })
}
