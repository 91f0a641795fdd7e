// Carries out what was decided about a message: in one statement, or, where it does something rare beside, in one transaction. All of it is there
// then, or nothing. What is decided is process.ts and revise.ts.
import type { Intent } from '../../domain/bot/interpret.ts'
import { asId, type MessageId, type OrderId, type OutboxId } from '../../domain/ids.ts'
import { never } from '../../domain/result.ts'
import type { Admission } from '../../persistence/admission.ts'
import { sealReplyAddress } from '../../persistence/conversations.ts'
import { isUnavailable } from '../../persistence/database.ts'
import {
  type InboundDraft,
  type InboundStored,
  inboundStatement,
  outcomesOf,
  type Reply,
} from '../../persistence/inbound-statement.ts'
import type { TalkChange } from '../../persistence/talk-statement.ts'
import type { ProcessOutcome, Work } from './process.ts'
import { SILENT, type Turn } from './turn.ts'

export interface Decision {
  /** What the bot read; null when it was not for the bot. */
  readonly command: Intent['intent'] | null
  readonly turn: Turn
  /** @param replyId what the answer will be called on WhatsApp */
  readonly change: (replyId: string) => TalkChange
  readonly error?: unknown
}

export type Draft = Omit<InboundDraft, 'order' | 'reply' | 'talk'>

/** What a draft says of its chat, whatever the message does. */
export function chatOf({ deps, fence, inboxId, message }: Work, { customerId, lidKnown }: Admission) {
  return {
    inboxId,
    orgId: deps.organization.id,
    customerId,
    newConversationId: deps.newId(),
    replyAddress: sealReplyAddress(deps.sealer, { userId: fence.session, customerId }, message.replyJid),
    newLid: lidKnown ? null : message.chat.lid,
  }
}

type CarriedOut = Extract<ProcessOutcome, { readonly kind: 'stored' | 'duplicate' }>

/** A bot that fails is silent: a missing answer is better than a wrong one, and a person is told. The message is stored all the same. */
export async function decideOrLeave(decide: () => Promise<Decision>): Promise<Decision> {
  try {
    return await decide()
  } catch (error) {
    if (isUnavailable(error)) throw error
    return { command: null, turn: SILENT, change: () => ({ attention: ['bot-error'] }), error }
  }
}

/** @returns null when something it stood on has changed meanwhile: then nothing was written */
export async function carryOut(work: Work, draft: Draft, decision: Decision): Promise<CarriedOut | null> {
  const { deps, fence } = work
  const { command, turn, change, error } = decision
  const order = turn.order ?? null
  const drafted = (text: string | null): InboundDraft => {
    const reply = text === null ? null : replyOf(work, text)
    return { ...draft, order, reply, talk: change(reply?.waMessageId ?? '') }
  }
  const written =
    turn.act === undefined
      ? await deps.writeInbound(fence, drafted(turn.text))
      : await writeWithAct(work, turn.act, turn.text !== null, drafted)
  switch (written.kind) {
    case 'outdated':
    // Another customer was faster between our look and our grip: what is left is another answer.
    case 'short':
      return null
    case 'done':
      return { kind: 'duplicate' }
    case 'stored':
      return {
        kind: 'stored',
        conversationId: written.conversationId,
        messageId: draft.message.id,
        command,
        replied: turn.text !== null,
        ...(error === undefined ? {} : { error }),
        ...(order === null ? {} : { orderId: asId<OrderId>(order.orderId) }),
      }
    default:
      return never(written)
  }
}

/** Thrown to undo what was done for a message that is not written. */
class NotWritten extends Error {
  readonly stored: InboundStored
  constructor(stored: InboundStored) {
    super('the message was not written')
    this.stored = stored
  }
}

/** The message and what it does beside, in one transaction: what it does first, then the statement with its fence and conditions. */
async function writeWithAct(
  { deps, fence }: Work,
  act: NonNullable<Turn['act']>,
  replies: boolean,
  drafted: (text: string | null) => InboundDraft,
): Promise<InboundStored> {
  try {
    return await deps.db.transaction(async (tx) => {
      const text = await act(tx)
      const write = { fence, draft: drafted(replies ? text : null) }
      const { sql, params } = inboundStatement(deps.sealer, [write], true)
      const [outcome] = outcomesOf([write], await tx.rows(sql, params))
      if (outcome?.status !== 'fulfilled') throw outcome?.reason
      if (outcome.value.kind !== 'stored') throw new NotWritten(outcome.value)
      return outcome.value
    })
  } catch (error) {
    if (error instanceof NotWritten) return error.stored
    throw error
  }
}

/** The answer, under the id it will have on WhatsApp. */
function replyOf({ deps, message, now }: Work, text: string): Reply {
  return {
    messageId: asId<MessageId>(deps.newId()),
    outboxId: asId<OutboxId>(deps.newId()),
    waMessageId: deps.newWaMessageId(),
    recipient: message.replyJid,
    text,
    at: now,
  }
}
