// How many inbound messages of a node are worked on at once. What arrives is stored first: WhatsApp is told of a message when it is stored, and its
// answer is no worse for a moment more, so that work gives way while much is being stored.

import type { SessionPolicy } from '../policy.ts'
import { type Gate, makeGate } from './gate.ts'

export interface Processing {
  /** A place to work on a message (see gate.ts). */
  readonly enter: Gate['enter']
  /** Counts as storing until the work has ended, well or not. */
  storing<T>(work: Promise<T>): Promise<T>
}

/** Messages that come in together are written in one statement, which costs little more than that of one. Some that take long hold up nobody. */
const REFILL_AT = 0.25

type Limits = Pick<SessionPolicy, 'processingAtOnce' | 'storingAtOnce' | 'processingBeside'>

export function makeProcessing({ processingAtOnce, storingAtOnce, processingBeside }: Limits): Processing {
  let storing = 0
  const stored = () => {
    storing -= 1
  }
  const { enter } = makeGate(() => (storing > storingAtOnce ? processingBeside : processingAtOnce), REFILL_AT)
  return {
    enter,
    storing(work) {
      storing += 1
      work.then(stored, stored)
      return work
    },
  }
}
