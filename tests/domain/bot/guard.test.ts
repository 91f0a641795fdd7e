import fc from 'fast-check'
import t from 'tap'
import {
  answered,
  type GuardPolicy,
  type GuardState,
  guardFrom,
  hear,
  misunderstood,
  NEW_CHAT,
  understood,
} from '../../../src/domain/bot/guard.ts'

const POLICY: GuardPolicy = {
  sameTextTimes: 3,
  sameTextWithinMs: 120_000,
  repliesPerMinute: 6,
  repliesPerTenMinutes: 20,
  echoWithinMs: 2_000,
  echoes: 4,
  pauseMs: 3_600_000,
  misunderstoodMs: 600_000,
}
const T0 = Date.UTC(2026, 0, 1)

/** Plays messages, each answered at once unless the guard says otherwise; tells what it said to each. */
function chat(messages: readonly { text: string; at: number; answeredAt?: number | null }[]): string[] {
  let state: GuardState = NEW_CHAT
  return messages.map(({ text, at, answeredAt = null }) => {
    const heard = hear(
      state,
      { hash: text, at: T0 + at, answeredAt: answeredAt === null ? null : T0 + answeredAt },
      POLICY,
    )
    state = heard.verdict === 'answer' ? answered(heard.state, T0 + at) : heard.state
    return heard.verdict
  })
}

t.test('a person who asks five things in a minute is answered each time', async (t) => {
  const asked = [0, 9_000, 21_000, 33_000, 50_000].map((at, index) => ({ text: `question ${index}`, at }))
  t.same(chat(asked), Array(5).fill('answer'))
})

t.test('the same text a third time within two minutes gets no answer; later it does', async (t) => {
  const times = [0, 50_000, 100_000, 130_000, 260_000]
  t.same(chat(times.map((at) => ({ text: 'hi', at }))), ['answer', 'answer', 'silence', 'answer', 'answer'])
})

t.test('four messages that come within two seconds of our answers are a machine', async (t) => {
  const echo = [1, 2, 3, 4].map((n) => ({ text: `thanks ${n}`, at: n * 20_000 + 1_500, answeredAt: n * 20_000 }))
  t.same(chat(echo), ['answer', 'answer', 'answer', 'loop'])
  const slow = echo.map((message, index) => (index === 2 ? { ...message, at: message.at + 5_000 } : message))
  t.same(chat(slow), Array(4).fill('answer'), 'one that took its time starts the count again')
  const ahead = echo.map((message) => ({ ...message, answeredAt: message.at + 1 }))
  t.same(chat(ahead), Array(4).fill('answer'), 'what was written before our answer left answers nothing')
})

t.test('too many answers in a minute or in ten are a loop, and the pause begins with a clean slate', async (t) => {
  const quick = Array.from({ length: 7 }, (_, n) => ({ text: `a${n}`, at: n * 8_000 }))
  t.same(chat(quick), [...Array(6).fill('answer'), 'loop'])
  const steady = Array.from({ length: 22 }, (_, n) => ({ text: `b${n}`, at: n * 25_000 }))
  t.same(chat(steady), [...Array(20).fill('answer'), 'loop', 'answer'])
})

t.test('two machines that answer each other at once stop within a fixed number of messages', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.string(), fc.integer({ min: 0, max: 2_500 })), { minLength: 40 }),
      async (said) => {
        let at = 0
        const heard = said.map(([text, pause]) => {
          at += pause + 1
          return { text, at }
        })
        const verdicts = chat(heard)
        t.ok(verdicts.slice(0, 40).includes('loop') || verdicts.slice(0, 40).includes('silence'))
      },
    ),
    { numRuns: 200, seed: 6 },
  )
})

t.test(
  'what is not understood: help, a person, then silence until something is understood or ten minutes are over',
  async (t) => {
    const first = misunderstood(NEW_CHAT, T0, POLICY)
    const second = misunderstood(first.state, T0 + 1_000, POLICY)
    const third = misunderstood(second.state, T0 + 2_000, POLICY)
    t.same([first.remedy, second.remedy, third.remedy], ['help', 'offer-a-person', 'nothing'])
    t.equal(
      misunderstood(third.state, T0 + 601_500, POLICY).remedy,
      'help',
      'ten minutes after the last that was answered',
    )
    t.equal(misunderstood(understood(third.state), T0 + 3_000, POLICY).remedy, 'help')
  },
)

t.test('what is remembered survives the database, and rubbish is a new chat', async (t) => {
  const state = misunderstood(
    answered(hear(NEW_CHAT, { hash: 'x', at: T0, answeredAt: null }, POLICY).state, T0),
    T0,
    POLICY,
  ).state
  t.same(guardFrom(JSON.parse(JSON.stringify(state))), state)
  for (const rubbish of [null, undefined, 3, 'x', {}, { replies: ['x'], echoes: 0 }, { replies: [], echoes: 'x' }])
    t.same(guardFrom(rubbish), NEW_CHAT)
  t.same(guardFrom({ replies: [], echoes: 1, same: { hash: 3 }, misunderstood: 'x' }), { ...NEW_CHAT, echoes: 1 })
})
