// The ids we give to our own messages. They are made and stored before the first attempt to send, and never change.

import { randomBytes } from 'node:crypto'

/** A WhatsApp message id in the form that linked devices use: `3EB0` and 18 random bytes in upper-case hex. */
export function newWaMessageId(): string {
  return `3EB0${randomBytes(18).toString('hex').toUpperCase()}`
}
