// How much this node takes on for others: so much at once, so much more in a queue, the rest is told to come back. What has too little time
// left is not begun, neither on arrival nor when its turn comes.

import { makeGate } from '../../actors/gate.ts'
import type { RoutingPolicy } from '../../policy.ts'

export type Admitted =
  | { readonly kind: 'in'; readonly leave: () => void }
  | { readonly kind: 'full' }
  /** Its time is over, or as good as. */
  | { readonly kind: 'late' }
  /** The caller went away while it waited. */
  | { readonly kind: 'gone' }

export interface Admission {
  /**
   * @param deadline by the monotonic clock, in ms
   * @param signal asked for only when there is a queue to wait in
   */
  enter(deadline: number, signal: () => AbortSignal): Promise<Admitted>
}

export function makeAdmission(policy: RoutingPolicy, monotonic: () => number): Admission {
  const gate = makeGate(policy.atOnce)
  const most = policy.atOnce + policy.waiting
  let inside = 0

  return {
    async enter(deadline, signal) {
      const late = () => deadline - monotonic() < policy.floorMs
      if (late()) return { kind: 'late' }
      if (inside >= most) return { kind: 'full' }
      inside += 1
      const free = gate.enterNow() ?? (await gate.enter(signal()))
      const leave = () => {
        inside -= 1
        free?.()
      }
      if (free === null) {
        leave()
        return { kind: 'gone' }
      }
      if (late()) {
        leave()
        return { kind: 'late' }
      }
      return { kind: 'in', leave }
    },
  }
}
