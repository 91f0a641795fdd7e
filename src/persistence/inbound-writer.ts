// Writes what messages do, several of them as one transaction when they come at once: orders take turns at the number anyway, and one commit
// for all of a batch is one wait for the disk. Each statement stands behind its own fence and conditions; one that fails for its own reasons
// takes nothing from the others.

import type { Fence } from '../domain/ids.ts'
import { type Database, isUnavailable, PipelineFailed } from './database.ts'
import { type InboundDraft, type InboundStored, inboundStatement, outcomeOf } from './inbound-statement.ts'
import { makeLane } from './lane.ts'
import type { Sealer } from './sealer.ts'

/**
 * Writes everything a message does, or nothing.
 * @throws FencedError; a duplicate key (see `isDuplicate`) when the same message is stored at this moment under another journal row
 */
export type InboundWriter = (fence: Fence, draft: InboundDraft) => Promise<InboundStored>

interface Write {
  readonly fence: Fence
  readonly draft: InboundDraft
}

/** @param most how many messages one transaction takes */
export function makeInboundWriter(db: Database, sealer: Sealer, most: number): InboundWriter {
  const alone = async ({ fence, draft }: Write): Promise<InboundStored> => {
    const { sql, params } = inboundStatement(sealer, fence, draft)
    return outcomeOf(fence, await db.rows(sql, params))
  }

  const run = async (batch: readonly Write[]): Promise<readonly PromiseSettledResult<InboundStored>[]> => {
    if (batch.length === 1) return Promise.allSettled(batch.map(alone))
    try {
      const answers = await db.together(batch.map(({ fence, draft }) => inboundStatement(sealer, fence, draft)))
      return await Promise.allSettled(batch.map(async ({ fence }, index) => outcomeOf(fence, answers[index] ?? [])))
    } catch (error) {
      if (!(error instanceof PipelineFailed)) throw error
      if (isUnavailable(error.cause)) throw error.cause
      // Nothing was done. One of them has a reason of its own, which must not be that of the others.
      const results: PromiseSettledResult<InboundStored>[] = []
      for (const write of batch) results.push(...(await Promise.allSettled([alone(write)])))
      return results
    }
  }

  const orders = makeLane(run, most)
  const others = makeLane(run, most)
  return (fence, draft) => (draft.order === null ? others : orders)({ fence, draft })
}
