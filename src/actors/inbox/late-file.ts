// A file that comes after the change of its caption, which was taken for the message: the message gets its file, and that is all. What the
// caption was before is not heard. What a change before its message does is process.ts.
import { type MediaKind, type MessageContent, storedForm } from '../../domain/conversation/message.ts'
import type { Admission } from '../../persistence/admission.ts'
import { appendEvent } from '../../persistence/events.ts'
import { finishInbox } from '../../persistence/inbox.ts'
import { addFile } from '../../persistence/media.ts'
import type { ProcessOutcome, Work } from './process.ts'

type Media = Extract<MessageContent, { readonly kind: 'media' }>

/** A file of which nothing is known but its caption. */
export function withoutFile(media: MediaKind, caption: string): Media {
  return { kind: 'media', media, mime: null, bytes: null, caption }
}

/** Of a message that is stored, and in most cases whole. Rare, so it takes its steps one after the other, in a transaction. */
export function lateFile(work: Work, { conversationId }: Admission, content: Media): Promise<ProcessOutcome> {
  const { deps, fence, inboxId, message } = work
  return deps.db.transaction(async (tx) => {
    const fresh = await finishInbox(tx, fence, inboxId, 'stored', { keepPayload: false })
    if (!fresh || conversationId === null) return { kind: 'duplicate' }
    const { fromMe, waMessageId } = message
    const before = storedForm(withoutFile(content.media, '')).media
    const file = { ...storedForm(content), before, source: content.source ?? null }
    const messageId = await addFile(tx, deps.sealer, { conversationId, fromMe, waMessageId }, file)
    if (messageId === null) return { kind: 'duplicate' }
    await appendEvent(tx, {
      ...{ orgId: deps.organization.id, type: 'message.edited', subject: conversationId, userId: fence.session },
      payload: { messageId },
    })
    return { kind: 'changed', conversationId, messageId }
  })
}
