// While the shop is closed, what is left to a person is left until it opens: the customer is told, once in a long while. Orders say it by
// themselves (turn-order.ts), and what the bot settles alone needs nobody.
import type { Voice } from '../../domain/bot/say.ts'
import type { BotState } from '../../domain/bot/state.ts'
import type { Organization } from '../../persistence/organization.ts'
import { opensAt, type Turn } from './turn.ts'

export interface Told {
  readonly turn: Turn
  readonly state: BotState
}

/** @returns the turn with what it has to say about the hours, and what is remembered of that */
export function withAway(
  { turn, state }: Told,
  shop: { readonly organization: Organization; readonly say: Voice; readonly now: Date; readonly awayEveryMs: number },
): Told {
  const { text, attention = [], act } = turn
  if (text === null || attention.length === 0) return { turn, state }
  const now = shop.now.getTime()
  if (state.awayAt !== null && now - state.awayAt < shop.awayEveryMs) return { turn, state }
  const opens = opensAt(shop)
  if (opens === null) return { turn, state }
  const away = shop.say.away(opens, shop.organization.awayText)
  // That a colleague answers soon would not be true.
  const told = (said: string) => (turn.pause?.reason === 'handoff' ? away : `${said}\n${away}`)
  return {
    turn: { ...turn, text: told(text), ...(act === undefined ? {} : { act: async (tx) => told(await act(tx)) }) },
    state: { ...state, awayAt: now },
  }
}
