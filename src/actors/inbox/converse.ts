// From a message and what is known of its chat to what the bot does and what the chat is like afterwards: gates, the open question, the guard against
// machines, the turn. Reads, and writes nothing; process.ts carries it out.
import { createHash } from 'node:crypto'
import { passage } from '../../domain/bot/gates.ts'
import { answered, hear, misunderstood, understood } from '../../domain/bot/guard.ts'
import { type Intent, interpret } from '../../domain/bot/interpret.ts'
import { languageFor } from '../../domain/bot/languages/index.ts'
import type { CatalogueNames } from '../../domain/bot/names.ts'
import { normalise } from '../../domain/bot/normalise.ts'
import { type Asked, earlierOf, isList, openPrompt, payloadFrom } from '../../domain/bot/question.ts'
import { voice } from '../../domain/bot/say.ts'
import { type BotState, lettersOf, stateFrom, withScript } from '../../domain/bot/state.ts'
import type { CatalogueHit } from '../../domain/catalogue/variant.ts'
import { asId, type Fence, type OrderId } from '../../domain/ids.ts'
import type { Admission } from '../../persistence/admission.ts'
import { exampleName } from '../../persistence/catalogue-search.ts'
import type { PromptDraft, TalkChange } from '../../persistence/talk-statement.ts'
import type { ProcessDeps } from './process.ts'
import { SILENT, type Talk, type Turn } from './turn.ts'
import { decideTurn, expiredTurn } from './turn-decide.ts'
import { oldListTurn } from './turn-pages.ts'

/** Timestamps of WhatsApp have no fractions: a message is up to this much younger than it says. */
const SECOND_MS = 999

export interface Heard {
  readonly deps: ProcessDeps
  readonly fence: Fence
  readonly admission: Admission
  readonly names: CatalogueNames
  readonly hits: readonly CatalogueHit[]
  readonly text: string
  /** It is the caption of a picture: no question to the bot unless it is a command. */
  readonly caption: boolean
  readonly quotedId: string | null
  readonly waMessageId: string
  readonly at: Date
  readonly now: Date
  readonly accountPhone: string | null
}

export interface Conversed {
  /** What the bot read; null when it did not listen. */
  readonly command: Intent['intent'] | null
  readonly turn: Turn
  /** @param replyId what the answer will be called on WhatsApp */
  readonly change: (replyId: string) => TalkChange
}

export async function converse(heard: Heard): Promise<Conversed> {
  const { deps, admission, text, at, now } = heard
  const { policy, organization } = deps
  const before = withScript(stateFrom(admission.botState), text)
  const question = questionFor(heard)
  const meant = meaningOf(heard, question.asked)
  const gate = passage({
    ownAccount: admission.ownAccount,
    consents: meant.intent === 'stop' || meant.intent === 'start',
    enabled: organization.settings.bot.enabled,
    pausedUntil: policy.bot.staysOut ? admission.pausedUntil : null,
    ...{ at, now, oldAfterMs: policy.bot.oldAfterMs },
  })
  const silently = (turn: Turn, state: BotState = before): Conversed => ({
    command: null,
    turn,
    change: () => ({ botState: state, attention: turn.attention, pause: turn.pause }),
  })
  if (gate === 'own-account') return { command: null, turn: SILENT, change: () => ({}) }
  if (gate === 'paused' || gate === 'off') {
    const bought = meant.intent === 'order' && meant.outcome !== 'usage'
    return silently(bought ? { text: null, attention: ['looks-like-order'] } : SILENT)
  }
  const consents = meant.intent === 'stop' || meant.intent === 'start'
  const late = gate === 'late'
  let state = before
  const hash = hashOf(heard)
  const written = Math.min(now.getTime(), at.getTime() + SECOND_MS)
  const sound = { hash, at: written, answeredAt: admission.answeredAt?.getTime() ?? null }
  // STOP and START are always heeded, and answered as often as anything else.
  const consent = consents ? hear(state.guard, sound, policy.bot.guard) : null
  const muted = consent?.verdict === 'loop'
  if (consent !== null && !muted) state = { ...state, guard: consent.state }
  if (late && meant.intent !== 'order' && !consents) {
    if (state.caughtUpAt !== null && now.getTime() - state.caughtUpAt < policy.bot.catchUpEveryMs)
      return silently(SILENT)
    state = { ...state, caughtUpAt: now.getTime() }
  } else if (!late && !consents) {
    const { verdict, state: guard } = hear(state.guard, sound, policy.bot.guard)
    state = { ...state, guard }
    // Three questions are answered with three times YES.
    if (verdict === 'silence' && (question.asked === null || !isAnswer(meant))) return silently(SILENT, state)
    if (verdict === 'loop') {
      const until = new Date(now.getTime() + policy.bot.guard.pauseMs)
      return silently({ text: null, attention: ['loop'], pause: { until, reason: 'loop' } }, state)
    }
  }
  const talk = talkOf(heard, state, question.asked, { late, hash, meant })
  const turn = await turnOf(talk, heard, meant, question)
  if (turn === null) return silently(SILENT, state)
  const finished = muted ? { ...turn.turn, text: null } : turn.turn
  state = turn.state
  if (finished.text !== null) state = { ...state, guard: answered(state.guard, now.getTime()) }
  const { order } = finished
  if (order !== undefined) state = { ...state, order: { hash, at: now.getTime(), id: asId<OrderId>(order.orderId) } }
  return {
    command: meant.intent,
    turn: finished,
    change: (replyId) => ({
      botState: state,
      attention: finished.attention,
      pause: finished.pause,
      ...promptChange(heard, question, finished, replyId),
    }),
  }
}

interface Decided {
  readonly turn: Turn
  readonly state: BotState
}

/** Null: a picture with a few words is not a question to the bot. */
async function turnOf(talk: Talk, heard: Heard, meant: Intent, question: Open): Promise<Decided | null> {
  const { deps, names, text, caption, now } = heard
  const { state } = talk
  if (question.expired !== null && question.asked === null) {
    const open = openPrompt(question.expired.question)
    const turn = await expiredTurn(talk, text, question.expired.question, { names, prompt: open })
    if (turn !== null) return { turn, state }
  }
  if (meant.intent === 'unknown') {
    if (caption) return null
    if (question.elsewhere && /^\s*#?\p{Nd}{1,3}[.)]?\s*$/u.test(text)) return { turn: await oldListTurn(talk), state }
    const { remedy, state: guard } = misunderstood(state.guard, now.getTime(), deps.policy.bot.guard)
    const next = { ...state, guard }
    if (remedy === 'help') return { turn: { text: talk.say.unknown() }, state: next }
    if (remedy === 'nothing') return { turn: SILENT, state: next }
    return { turn: { text: talk.say.offerPerson(), attention: ['not-understood'] }, state: next }
  }
  const turn = await decideTurn(talk, meant, heard.hits, deps.sealer.mac)
  return { turn, state: { ...state, guard: understood(state.guard) } }
}

function isAnswer({ intent }: Intent): boolean {
  return intent === 'confirm' || intent === 'reject' || intent === 'select' || intent === 'qty'
}

/** What the text means as an answer to that question. */
function meaningOf({ text, names }: Heard, asked: Asked | null): Intent {
  return interpret(text, { names, prompt: asked === null ? null : openPrompt(asked.question) })
}

interface Open {
  /** The question this answers, if it is an answer. */
  readonly asked: Asked | null
  /** The last question, when its time is over. */
  readonly expired: Asked | null
  /** A message is quoted that is no question of ours any more. */
  readonly elsewhere: boolean
  readonly current: Asked | null
  readonly earlier: readonly Asked[]
}

/** A quoted question is meant; else the last one; else, behind a list, the one before it, when it is answered with YES or NO. */
function questionFor(heard: Heard): Open {
  const { admission, quotedId, now } = heard
  const { prompt } = admission
  const payload = payloadFrom(prompt?.payload)
  const none = { asked: null, expired: null, elsewhere: quotedId !== null, current: null, earlier: [] }
  if (prompt === null || payload === null) return none
  const current = { waMessageId: prompt.waMessageId, until: prompt.expiresAt.getTime(), question: payload.question }
  const open = { current, earlier: payload.earlier, elsewhere: false, expired: null }
  const lives = ({ until }: Asked) => until > now.getTime()
  if (quotedId !== null) {
    const quoted = [current, ...payload.earlier].find(({ waMessageId }) => waMessageId === quotedId)
    if (quoted === undefined) return { ...open, asked: null, elsewhere: true }
    return lives(quoted) ? { ...open, asked: quoted } : { ...open, asked: null, expired: quoted }
  }
  if (isList(current.question)) {
    const behind = payload.earlier.find((each) => !isList(each.question))
    if (behind !== undefined && lives(behind) && openPrompt(behind.question).type === 'confirm') {
      const { intent } = meaningOf(heard, behind)
      if (intent === 'confirm' || intent === 'reject') return { ...open, asked: behind }
    }
  }
  return lives(current) ? { ...open, asked: current } : { ...open, asked: null, expired: current }
}

/** Which question is open afterwards, and whether what was answered must still be as it was. */
function promptChange(heard: Heard, open: Open, turn: Turn, replyId: string): Pick<TalkChange, 'answers' | 'prompt'> {
  const { admission, deps, now } = heard
  const { prompt } = admission
  const target = open.asked ?? open.expired
  const closes = turn.closes === true && target !== null
  const answers = closes && prompt !== null ? { version: prompt.version, waMessageId: prompt.waMessageId } : undefined
  const left = [...(open.current === null ? [] : [open.current]), ...open.earlier].filter(
    (each) => !closes || each !== target,
  )
  const put = (
    question: Asked['question'],
    waMessageId: string,
    until: number,
    before: readonly Asked[],
  ): PromptDraft => ({
    kind: openPrompt(question).type,
    payload: { question, earlier: earlierOf(before, now.getTime()) },
    waMessageId,
    expiresAt: new Date(until),
  })
  if (turn.ask !== undefined && turn.text !== null)
    return { answers, prompt: put(turn.ask, replyId, now.getTime() + deps.policy.bot.promptMs, left) }
  if (!closes) return {}
  const { current } = open
  if (current === null || target === current) return { answers, prompt: null }
  return {
    answers,
    prompt: put(
      current.question,
      current.waMessageId,
      current.until,
      left.filter((each) => each !== current),
    ),
  }
}

function talkOf(
  heard: Heard,
  state: BotState,
  asked: Asked | null,
  { late, hash, meant }: { readonly late: boolean; readonly hash: string; readonly meant: Intent },
): Talk {
  const { deps, fence, admission } = heard
  const { organization, db } = deps
  const chosen = meant.intent === 'language' ? meant.language : null
  const language = languageFor(chosen ?? admission.language, lettersOf(state), organization.settings.languageDefault)
  const { name: shop, locale, timezone } = organization
  const speaker = { language, shop, locale, timezone, customer: admission.name, example: '' }
  return {
    ...{ db, organization, policy: deps.policy.bot, state, asked, late, hash, language },
    orders: { ...deps, policy: deps.policy.orders },
    userId: fence.session,
    customerId: admission.customerId,
    conversationId: admission.conversationId,
    waMessageId: heard.waMessageId,
    ...{ at: heard.at, now: heard.now, accountPhone: heard.accountPhone },
    ordered: admission.placed,
    optedOut: admission.optedOutAt !== null,
    say: voice(speaker),
    sayWithExample: async () => voice({ ...speaker, example: (await exampleName(db, organization.id)) ?? '' }),
    newId: deps.newId,
  }
}

/** Of this chat and text; not the text. */
function hashOf({ admission, text }: Heard): string {
  const hash = createHash('sha256').update(admission.customerId).update('\n')
  return hash.update(normalise(text).text.toLowerCase()).digest('base64url').slice(0, 22)
}
