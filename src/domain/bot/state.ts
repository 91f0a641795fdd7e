// What the bot remembers of a chat between two messages: times, counts, hashes and scripts, never words. Reading it never fails: what does not fit
// is a new chat.
import type { OrderId } from '../ids.ts'
import { type GuardState, guardFrom, NEW_CHAT } from './guard.ts'
import { TEXTS_FOR_SCRIPT } from './languages/index.ts'

/** `l` Latin letters, `a` Arabic ones. */
export type Script = 'l' | 'a'

export interface BotState {
  readonly guard: GuardState
  /** Of the customer's last messages with letters in them, newest first. */
  readonly scripts: readonly Script[]
  /** When something that had waited for long was answered last; Unix milliseconds. */
  readonly caughtUpAt: number | null
  /** When the chat was told last that the shop is closed; Unix milliseconds. */
  readonly awayAt: number | null
  /** The text that placed the last order. */
  readonly order: { readonly hash: string; readonly at: number; readonly id: OrderId } | null
}

export const NEW_STATE: BotState = { guard: NEW_CHAT, scripts: [], caughtUpAt: null, awayAt: null, order: null }

export function stateFrom(stored: unknown): BotState {
  if (typeof stored !== 'object' || stored === null) return NEW_STATE
  const { guard, scripts, caughtUpAt, awayAt, order } = stored as Record<string, unknown>
  return {
    guard: guardFrom(guard),
    scripts: Array.isArray(scripts) ? scripts.filter((each) => each === 'l' || each === 'a') : [],
    caughtUpAt: typeof caughtUpAt === 'number' ? caughtUpAt : null,
    awayAt: typeof awayAt === 'number' ? awayAt : null,
    order: orderFrom(order),
  }
}

function orderFrom(stored: unknown): BotState['order'] {
  if (typeof stored !== 'object' || stored === null) return null
  const { hash, at, id } = stored as Record<string, unknown>
  const fits = typeof hash === 'string' && typeof at === 'number' && typeof id === 'string'
  return fits ? { hash, at, id: id as OrderId } : null
}

/** Remembers in which script this was written; digits and signs say nothing. */
export function withScript(state: BotState, text: string): BotState {
  const seen = text.slice(0, 1_000)
  const latin = seen.match(/\p{Script=Latin}/gu)?.length ?? 0
  const arabic = seen.match(/\p{Script=Arabic}/gu)?.length ?? 0
  if (latin === 0 && arabic === 0) return state
  const script: Script = arabic > latin ? 'a' : 'l'
  return { ...state, scripts: [script, ...state.scripts].slice(0, TEXTS_FOR_SCRIPT) }
}

/** The scripts as texts that languages/index.ts `languageFor` can weigh. */
export function lettersOf({ scripts }: BotState): readonly string[] {
  return scripts.map((script) => (script === 'a' ? 'ابتثج' : 'abcde'))
}
