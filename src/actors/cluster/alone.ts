// The planner of a node that knows of no others: every session lives here, and nobody limits how many connect at once.

import type { Planner } from './planner.ts'

export function aloneInTheCluster(incarnation: string): Planner {
  const here = { incarnation, epoch: 0n }
  return {
    beat: async (self) => [self],
    place: async (_session, not) => (not === incarnation ? null : here),
    home: async () => here,
    publish: async () => undefined,
    forget: async () => undefined,
    take: async (count) => count,
    ring: async () => undefined,
    listen: () => () => undefined,
    close: async () => undefined,
  }
}
