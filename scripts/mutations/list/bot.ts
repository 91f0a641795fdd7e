// Promises about what the bot understands, asks and says.

import type { Mutation } from '../mutation.ts'

export const BOT: readonly Mutation[] = [
  {
    promise: 'A customer is told the number their order has',
    file: 'src/persistence/inbound-statement.ts',
    find: 'replace(a.text, a.order_id::text,',
    replace: 'replace(a.text, a.outbox_id::text,',
    test: 'tests/actors/inbox/process.test.ts',
  },
  {
    promise: 'The bot never guesses with numbers',
    file: 'src/domain/bot/names.ts',
    find: 'numbers.every((each) => numbersIn(label.words).includes(each))',
    replace: 'numbers.length >= 0 || label === null',
    test: 'tests/domain/bot/interpret.test.ts',
  },
  {
    promise: 'A number beside a name that is no quantity is not read as one',
    file: 'src/domain/bot/resolve-item.ts',
    find: "if (found.kind === 'none' || found.moreNumbers) continue",
    replace: "if (found.kind === 'none') continue",
    test: 'tests/domain/bot/interpret.test.ts',
  },
  {
    promise: 'A guess is asked, never placed',
    file: 'src/domain/bot/interpret.ts',
    find: "items.some(({ guessed }) => guessed) ? 'confirm' : 'place'",
    replace: "'place'",
    test: 'tests/domain/bot/interpret.test.ts',
  },
  {
    promise: 'Nothing is bought from a text that was cut off',
    file: 'src/domain/bot/interpret.ts',
    find: 'const items = cut ? null : readItems(rest, names)',
    replace: 'const items = readItems(rest, names)',
    test: 'tests/domain/bot/interpret.test.ts',
  },
  {
    promise: 'Nothing the bot says reads as a command',
    file: 'src/domain/bot/lexicon.ts',
    find: "const PLEASE = whole(either(all('please')))",
    replace: 'const PLEASE = whole(POLITE)',
    test: 'tests/domain/bot/say.test.ts',
  },
  {
    promise: 'A question of the bot is answered once, however many say YES at the same moment',
    file: 'src/persistence/talk-statement.ts',
    find: 'order by p.conversation_id for update of p`',
    replace: 'order by p.conversation_id`',
    test: 'tests/situations/orders.test.ts',
  },
  {
    promise: 'A price that changed after it was shown is shown again before anything is bought',
    file: 'src/actors/inbox/turn-order.ts',
    find: 'if (basket.totalMinor !== question.totalMinor || basket.currency !== question.currency)',
    replace: 'if (basket.currency !== question.currency)',
    test: 'tests/situations/orders.test.ts',
  },
  {
    promise: 'An order that waited for hours places nothing without asking',
    file: 'src/actors/inbox/turn-order.ts',
    find: 'return talk.late ? stillWanted(talk, verdict.lines) : buy(talk, verdict.lines, true)',
    replace: 'return buy(talk, verdict.lines, true)',
    test: 'tests/situations/orders.test.ts',
  },
  {
    promise: 'In a chat that a person has the bot is silent, and an order in it is marked',
    file: 'src/domain/bot/gates.ts',
    find: "if (pausedUntil !== null && pausedUntil.getTime() > now.getTime()) return 'paused'",
    replace: '',
    test: 'tests/situations/people.test.ts',
  },
  {
    promise: 'A chat with another machine ends after four answers',
    file: 'src/domain/bot/guard.ts',
    find: 'if (echoes >= policy.echoes || ',
    replace: 'if (',
    test: 'tests/situations/people.test.ts',
  },
  {
    promise: 'Over the wire, whatever answers every answer at once gets a fixed number of answers',
    file: 'src/domain/bot/guard.ts',
    find: "return { verdict: 'loop', state: { ...NEW_CHAT, same } }",
    replace: "return { verdict: 'answer', state: next }",
    test: 'tests/situations/wire-strangers.test.ts',
  },
  {
    promise: 'Over the wire, two accounts of one shop never answer each other',
    file: 'src/domain/bot/gates.ts',
    find: "if (ownAccount) return 'own-account'",
    replace: '',
    test: 'tests/situations/wire-strangers.test.ts',
  },
  {
    promise: 'A catalogue is sent in the language of the chat',
    file: 'src/persistence/chat-language.ts',
    find: 'languageOf(row?.language ?? null, row?.bot_state, settings.languageDefault)',
    replace: 'languageOf(null, null, settings.languageDefault)',
    test: 'tests/http/routes/messages.test.ts',
  },
]
