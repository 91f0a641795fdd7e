// A deletion, a reaction: what becomes of the message it is about. Neither does anything else; an edit may (revise.ts).
import type { ConversationId, MessageId } from '../../domain/ids.ts'
import { never } from '../../domain/result.ts'
import type { Admission } from '../../persistence/admission.ts'
import { linkIdentity } from '../../persistence/contacts.ts'
import { ensureConversation, sealReplyAddress } from '../../persistence/conversations.ts'
import type { Tx } from '../../persistence/database.ts'
import { appendEvent } from '../../persistence/events.ts'
import { finishInbox } from '../../persistence/inbox.ts'
import { reactTo, revokeMessage } from '../../persistence/messages.ts'
import type { Change, ProcessOutcome, Work } from './process.ts'

type Rest = Exclude<Change, { readonly kind: 'edit' }>

/** Rare, so it takes its steps one after the other, in a transaction. */
export async function change(work: Work, admission: Admission, content: Rest): Promise<ProcessOutcome> {
  const { deps, fence, inboxId, message } = work
  return deps.db.transaction(async (tx) => {
    const fresh = await finishInbox(tx, fence, inboxId, 'stored', { keepPayload: false })
    if (!fresh) return { kind: 'duplicate' }
    const { customerId } = admission
    const { lid } = message.chat
    if (lid !== null) await linkIdentity(tx, { orgId: deps.organization.id, customerId, kind: 'lid', value: lid })
    const between = { userId: fence.session, customerId }
    const address = sealReplyAddress(deps.sealer, between, message.replyJid)
    const conversationId = await ensureConversation(tx, between, deps.newId, address)
    const messageId = await apply(tx, work, conversationId, content)
    if (messageId !== null)
      await appendEvent(tx, {
        orgId: deps.organization.id,
        type: CHANGED[content.kind],
        subject: conversationId,
        userId: fence.session,
        payload: { messageId },
      })
    return { kind: 'changed', conversationId, messageId }
  })
}

const CHANGED = { delete: 'message.deleted', reaction: 'message.reaction' } as const

function apply(tx: Tx, work: Work, conversationId: ConversationId, content: Rest): Promise<MessageId | null> {
  const { message, now } = work
  const { fromMe } = message
  const target = { conversationId, fromMe, waMessageId: content.targetId }
  switch (content.kind) {
    case 'delete':
      return revokeMessage(tx, target, now)
    case 'reaction':
      return reactTo(tx, target, fromMe ? 'phone' : 'customer', content.emoji)
    default:
      return never(content)
  }
}
