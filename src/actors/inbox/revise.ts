// An edit: what the message was before is kept, and what it says now is heard once, as if it had just been written. A message that has done
// something stays done: the customer is told how to change it. How a text is answered is converse.ts.

import type { CatalogueHit } from '../../domain/catalogue/variant.ts'
import { asId, type MessageId } from '../../domain/ids.ts'
import type { Admission } from '../../persistence/admission.ts'
import { finishInbox } from '../../persistence/inbox.ts'
import { type Editable, revisionOf } from '../../persistence/message-edits.ts'
import { storable } from '../../persistence/messages.ts'
import { carryOut, chatOf, type Decision, type Draft, decideOrLeave } from './carry-out.ts'
import { converse } from './converse.ts'
import type { Change, ProcessOutcome, Work } from './process.ts'
import { SILENT } from './turn.ts'

type Edit = Extract<Change, { readonly kind: 'edit' }>

export interface Revised {
  readonly admission: Admission
  /** What its words may mean of the catalogue. */
  readonly hits: readonly CatalogueHit[]
  /** The message as it is stored; null: we do not have it. */
  readonly stored: Editable | null
}

/** @returns null when something it stood on has changed meanwhile: then nothing was written */
export async function revise(
  work: Work,
  { admission, hits, stored }: Revised,
  edit: Edit,
): Promise<ProcessOutcome | null> {
  if (stored === null || stored.revoked || isKnown(work, stored, edit)) return leave(work, admission, stored)
  const { deps, message } = work
  const late = message.at.getTime() - stored.at.getTime() > deps.policy.bot.editWithinMs
  const decision =
    message.fromMe || late || edit.text.trim() === ''
      ? { command: null, turn: SILENT, change: () => ({}) }
      : await decideOrLeave(() => decide(work, admission, hits, stored, edit))
  const outcome = await carryOut(work, draftOf(work, admission, stored, edit), decision)
  return outcome?.kind === 'stored' ? { ...outcome, kind: 'changed' } : outcome
}

/** It came before, or an edit after it did. */
function isKnown({ message }: Work, { text, edits }: Editable, edit: Edit): boolean {
  const last = edits.at(-1)
  if (last !== undefined && Date.parse(last.until) > message.at.getTime()) return true
  return text === storable(edit.text) || edits.some(({ id }) => id === message.waMessageId)
}

async function leave(work: Work, { conversationId }: Admission, stored: Editable | null): Promise<ProcessOutcome> {
  const fresh = await finishInbox(work.deps.db, work.fence, work.inboxId, 'stored', { keepPayload: false })
  if (!fresh || (stored !== null && !stored.revoked)) return { kind: 'duplicate' }
  return { kind: 'changed', conversationId, messageId: null }
}

async function decide(
  { deps, fence, message, now, accountPhone }: Work,
  admission: Admission,
  hits: readonly CatalogueHit[],
  stored: Editable,
  { text, targetId }: Edit,
): Promise<Decision> {
  const names = await deps.catalogue.at(admission.namesVersion)
  const done = stored.acted || stored.order !== null || admission.placed
  return converse({
    ...{ deps, fence, admission, names, hits, text, accountPhone, now },
    ...{ caption: stored.type !== 'text', quotedId: stored.quotedWaId, waMessageId: targetId, at: message.at },
    revises: done ? { done: true, order: stored.order } : { done: false },
    // Something was bought since, or what it said first never reached us: what was bought may be what this is about.
    asks: stored.orderedSince || stored.edits.some((former) => former.text === null),
  })
}

function draftOf(work: Work, admission: Admission, stored: Editable, edit: Edit): Draft {
  const { fence, message, now } = work
  return {
    ...chatOf(work, admission),
    event: 'message.edited',
    message: {
      id: asId<MessageId>(stored.id),
      userId: fence.session,
      waMessageId: edit.targetId,
      fromMe: message.fromMe,
      author: message.fromMe ? 'phone' : 'customer',
      type: stored.type,
      text: edit.text,
      status: message.fromMe ? 'sent' : 'received',
      at: stored.at,
    },
    revision: revisionOf(stored, { id: message.waMessageId, at: message.at }, now),
  }
}
