// Whether the bot speaks at all, before anything is decided about a message: the gates in their order. Pure; what a message means is interpret.ts, and
// what is done about it the inbox's.

export interface AtTheGate {
  /** Of another account of the shop: two bots must not talk to each other. */
  readonly ownAccount: boolean
  /** STOP or START: always heard. */
  readonly consents: boolean
  readonly enabled: boolean
  readonly pausedUntil: Date | null
  /** When it was written. */
  readonly at: Date
  readonly now: Date
  /** A message that is older when it reaches us waited while we were away. */
  readonly oldAfterMs: number
}

export type Passage =
  | 'answer'
  /** A person has the chat. */
  | 'paused'
  /** Nobody is answered. */
  | 'off'
  /** Answered with care: what was wanted then may not be wanted now. */
  | 'late'
  | 'own-account'

export function passage(message: AtTheGate): Passage {
  const { ownAccount, consents, enabled, pausedUntil, at, now, oldAfterMs } = message
  if (ownAccount) return 'own-account'
  if (consents) return 'answer'
  if (pausedUntil !== null && pausedUntil.getTime() > now.getTime()) return 'paused'
  if (!enabled) return 'off'
  return now.getTime() - at.getTime() > oldAfterMs ? 'late' : 'answer'
}
