// What a message that is no text means to a shop: a voice note nobody here can hear, a cart, a photo of a payment, a place. Pure; whether the bot may
// answer, and what is owed, is asked by actors/inbox/kind.ts.

import type { Attention } from '../conversation/attention.ts'
import type { MessageContent } from '../conversation/message.ts'

export type Kind = Extract<Attention, 'voice' | 'cart' | 'location' | 'payment-proof'>

/**
 * What waits for a person because of it; null for what needs nobody: stickers, GIFs, pictures that move, contacts, polls. A photo or a PDF is a
 * `payment-proof` only of somebody who owes something.
 */
export function kindOf(content: MessageContent): Kind | null {
  if (content.kind === 'cart' || content.kind === 'location') return content.kind
  if (content.kind !== 'media') return null
  switch (content.media) {
    case 'voice':
    case 'audio':
      return 'voice'
    case 'image':
      return 'payment-proof'
    case 'document':
      return content.mime === 'application/pdf' || content.mime?.startsWith('image/') === true ? 'payment-proof' : null
    default:
      return null
  }
}

/** An amount as WhatsApp writes it in a cart, in thousandths, in the minor units of a currency with so many decimals. */
export function minorOfThousandths(amount: number, decimals: number): number {
  return Math.round((amount * 10 ** decimals) / 1_000)
}
