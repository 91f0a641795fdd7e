// Sends one stored message under its stored id, and tells honestly what is known about it afterwards.

import type { WASocket } from '@whiskeysockets/baileys'
import { parseJid, plainJid } from './address.ts'
import { masked } from './disconnected.ts'
import { UploadFailed, type Uploading } from './media-upload.ts'
import { messageOf } from './outbound.ts'
import type { JournaledRepository } from './repository.ts'
import type { Outbound, SendOutcome } from './socket.ts'

export interface Sending {
  readonly sock: Pick<WASocket, 'getUSyncDevices' | 'relayMessage' | 'user'>
  readonly repository: Pick<JournaledRepository, 'encryptedFor' | 'keepingSessions'>
  readonly uploading: Uploading
  readonly timeoutMs: number
}

/** Never rejects. */
export async function send(sending: Sending, message: Outbound): Promise<SendOutcome> {
  const timeout = Promise.withResolvers<SendOutcome>()
  const timer = setTimeout(() => timeout.resolve({ kind: 'failed', reason: 'timeout' }), sending.timeoutMs)
  const sent = sending.repository.keepingSessions(() => deliver(sending, message)).catch(failed)
  try {
    return await Promise.race([sent, timeout.promise])
  } finally {
    clearTimeout(timer)
  }
}

async function deliver({ sock, repository, uploading }: Sending, message: Outbound): Promise<SendOutcome> {
  const recipient = plainJid(message.recipient)
  const user = parseJid(recipient)?.user
  const self = ownAddress(sock.user, recipient)
  if (user === undefined || self === null) return { kind: 'failed', reason: 'no-address' }
  // Baileys sends to nobody, and calls it sent, when the question for the recipient's devices stays unanswered.
  const devices = await sock.getUSyncDevices([self, recipient], true, false)
  if (!devices.some((device) => device.user === user)) return { kind: 'no-recipient' }
  const before = repository.encryptedFor(user)
  const content = await messageOf(message.content, { recipient, own: self }, uploading)
  await sock.relayMessage(recipient, content, { messageId: message.waMessageId })
  return repository.encryptedFor(user) > before ? { kind: 'on-the-wire' } : { kind: 'no-recipient' }
}

/** Our own address of the same kind as the recipient's: that is how Baileys asks, and what it then finds in its cache. */
export function ownAddress(me: WASocket['user'], recipient: string): string | null {
  const own = recipient.endsWith('@lid') && me?.lid ? me.lid : me?.id
  return own ? plainJid(own) : null
}

function failed(error: unknown): SendOutcome {
  if (error instanceof UploadFailed) return { kind: 'failed', reason: 'upload-failed' }
  return { kind: 'failed', reason: masked(error instanceof Error ? error.message : String(error)) }
}
