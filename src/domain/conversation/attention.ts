// What in a conversation waits for a person, in a word each. Who sets one is the bot's and the staff's business; somebody of the staff who answers, or
// gives the chat back to the bot, has seen them all.

export const ATTENTIONS = [
  /** The customer asked for a person, or the bot gave up. */
  'handoff',
  /** What looks like an order came while the bot was silent. */
  'looks-like-order',
  'cart',
  'payment-proof',
  'voice',
  'location',
  /** The customer wants an order cancelled that the staff have confirmed. */
  'cancel-requested',
  /** Two bots seemed to talk to each other. */
  'loop',
  /** What the customer wrote was not understood, twice. */
  'not-understood',
  /** An order that is larger than the bot may place. */
  'over-limit',
  /** The bot could not do what it had to. */
  'bot-error',
] as const
export type Attention = (typeof ATTENTIONS)[number]

/** The stored words with what the rows themselves say, each once, in the order of the list. */
export function attentionOf(
  stored: readonly string[],
  facts: { readonly handedOff: boolean; readonly cancelRequested: boolean },
): readonly Attention[] {
  const found = new Set(stored)
  if (facts.handedOff) found.add('handoff')
  if (facts.cancelRequested) found.add('cancel-requested')
  return ATTENTIONS.filter((word) => found.has(word))
}
