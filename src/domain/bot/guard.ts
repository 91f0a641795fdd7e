// Keeps the bot from talking to another bot, and from talking on to somebody who is not helped by it. What it has to remember of a chat is a
// small value that is kept with the conversation; it holds times and a hash, never words.

export interface GuardPolicy {
  /** The same text so often in this time is not answered any more. */
  readonly sameTextTimes: number
  readonly sameTextWithinMs: number
  /** More answers than this in a minute, or in ten, are a conversation of two machines. */
  readonly repliesPerMinute: number
  readonly repliesPerTenMinutes: number
  /** A message that comes so soon after our answer was written by nobody; so many of them in a row are a machine. */
  readonly echoWithinMs: number
  readonly echoes: number
  /** How long the bot leaves a chat alone in which it met a machine. */
  readonly pauseMs: number
  /** After help and the offer of a person, what is not understood gets no answer for so long. */
  readonly misunderstoodMs: number
}

/** What is remembered of a chat. Times are Unix milliseconds. */
export interface GuardState {
  /** When it was answered, oldest first; as many as the limits need. */
  readonly replies: readonly number[]
  readonly same: { readonly hash: string; readonly times: number; readonly since: number } | null
  /** Messages in a row that came too soon after our answers. */
  readonly echoes: number
  /** Texts in a row that were not understood. */
  readonly misunderstood: { readonly times: number; readonly at: number } | null
}

export const NEW_CHAT: GuardState = { replies: [], same: null, echoes: 0, misunderstood: null }

const MINUTE_MS = 60_000
const TEN_MINUTES_MS = 600_000

export interface Heard {
  /** Of the normalised text. */
  readonly hash: string
  /** When it was written, Unix milliseconds. */
  readonly at: number
  /** When our last answer in this chat left; null when none has. */
  readonly answeredAt: number | null
}

export type Verdict =
  /** Go on and answer. */
  | 'answer'
  /** The same again and again: say nothing this time. */
  | 'silence'
  /** A machine: pause the bot in this chat and tell the owner. */
  | 'loop'

/** Looks at a message before it is answered. Pure. */
export function hear(
  state: GuardState,
  heard: Heard,
  policy: GuardPolicy,
): { readonly verdict: Verdict; readonly state: GuardState } {
  const { hash, at, answeredAt } = heard
  const replies = state.replies.filter((time) => time > at - TEN_MINUTES_MS)
  const gap = answeredAt === null ? Number.POSITIVE_INFINITY : at - answeredAt
  const echoes = gap >= 0 && gap <= policy.echoWithinMs ? state.echoes + 1 : 0
  const goesOn = state.same?.hash === hash && at - state.same.since <= policy.sameTextWithinMs
  const same = goesOn && state.same ? { ...state.same, times: state.same.times + 1 } : { hash, times: 1, since: at }
  const next = { ...state, replies, same, echoes }
  const lately = replies.filter((time) => time > at - MINUTE_MS).length
  if (echoes >= policy.echoes || lately >= policy.repliesPerMinute || replies.length >= policy.repliesPerTenMinutes)
    // A fresh start when the pause is over.
    return { verdict: 'loop', state: { ...NEW_CHAT, same } }
  return { verdict: same.times >= policy.sameTextTimes ? 'silence' : 'answer', state: next }
}

/** Remembers an answer. @param at Unix milliseconds */
export function answered(state: GuardState, at: number): GuardState {
  return { ...state, replies: [...state.replies, at] }
}

/** Remembers that a text was understood. */
export function understood(state: GuardState): GuardState {
  return state.misunderstood === null ? state : { ...state, misunderstood: null }
}

export type Remedy = 'help' | 'offer-a-person' | 'nothing'

/** What to do about a text that was not understood: help once, offer a person the second time, then leave it. */
export function misunderstood(
  state: GuardState,
  at: number,
  policy: GuardPolicy,
): { readonly remedy: Remedy; readonly state: GuardState } {
  const before = state.misunderstood
  if (before === null || at - before.at > policy.misunderstoodMs)
    return { remedy: 'help', state: { ...state, misunderstood: { times: 1, at } } }
  const times = before.times + 1
  const remedy = times === 2 ? 'offer-a-person' : 'nothing'
  // The time runs from the last one that was answered: silence does not prolong itself.
  return { remedy, state: { ...state, misunderstood: { times, at: times === 2 ? at : before.at } } }
}

/** Reads a remembered state, of this program or an older one; what does not fit is a new chat. */
export function guardFrom(stored: unknown): GuardState {
  if (typeof stored !== 'object' || stored === null) return NEW_CHAT
  const { replies, same, echoes, misunderstood: lost } = stored as Record<string, unknown>
  if (!Array.isArray(replies) || !replies.every((time) => typeof time === 'number') || typeof echoes !== 'number')
    return NEW_CHAT
  return {
    replies,
    echoes,
    same: isObject(same, { hash: 'string', times: 'number', since: 'number' }) ? (same as GuardState['same']) : null,
    misunderstood: isObject(lost, { times: 'number', at: 'number' }) ? (lost as GuardState['misunderstood']) : null,
  }
}

function isObject(value: unknown, shape: Readonly<Record<string, 'string' | 'number'>>): boolean {
  if (typeof value !== 'object' || value === null) return false
  const fields = value as Record<string, unknown>
  return Object.entries(shape).every(([name, type]) => typeof fields[name] === type)
}
