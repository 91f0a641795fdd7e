// Writes what messages do, those that come at once in one statement: one round trip, one start of its plan and one wait for the disk for all of
// them. Each stands behind its own fence and conditions; one that fails for its own reasons takes nothing from the others. Orders that
// together want more than there is are tried again one after the other, so that who came first is served.

import type { Fence } from '../domain/ids.ts'
import type { Database } from './database.ts'
import {
  type InboundDraft,
  type InboundStored,
  type InboundWrite,
  inboundStatement,
  outcomesOf,
} from './inbound-statement.ts'
import { makeLane, togetherOrAlone } from './lane.ts'
import type { Sealer } from './sealer.ts'

/**
 * Writes everything a message does, or nothing.
 * @throws FencedError; a duplicate key (see `isDuplicate`) when the same message is stored at this moment under another journal row
 */
export type InboundWriter = (fence: Fence, draft: InboundDraft) => Promise<InboundStored>

type Outcome = PromiseSettledResult<InboundStored>

/** @param most how many messages one statement takes */
export function makeInboundWriter(db: Database, sealer: Sealer, most: number): InboundWriter {
  const write = async (batch: readonly InboundWrite[], waiting: boolean): Promise<readonly Outcome[]> => {
    const { sql, params } = inboundStatement(sealer, batch, waiting)
    return outcomesOf(batch, await db.rows(sql, params))
  }

  const alone = async (item: InboundWrite): Promise<InboundStored> => {
    const [outcome] = await write([item], true)
    if (outcome?.status === 'fulfilled') return outcome.value
    throw outcome?.reason
  }

  const together = async (batch: readonly InboundWrite[]): Promise<readonly Outcome[]> => {
    const outcomes = [...(await write(batch, false))]
    for (const [n, item] of batch.entries()) {
      const outcome = outcomes[n]
      if (outcome?.status !== 'fulfilled' || outcome.value.kind !== 'short') continue
      const [again] = await Promise.allSettled([alone(item)])
      if (again !== undefined) outcomes[n] = again
    }
    return outcomes
  }

  const lane = () =>
    makeLane<InboundWrite, InboundStored>({
      run: (batch) => togetherOrAlone(batch, together, alone),
      most,
      // The chats are what a statement writes once.
      nameOf: ({ fence, draft }) => `${fence.session} ${draft.customerId}`,
    })
  // An order waits for its turn and its stock; nobody else need wait with it.
  const [orders, others] = [lane(), lane()]
  return (fence, draft) => (draft.order === null ? others : orders)({ fence, draft })
}
