// Promises about messages: in once, out once, in their order.

import type { Mutation } from '../mutation.ts'

export const MESSAGES: readonly Mutation[] = [
  {
    promise: 'A processed message is not processed again',
    file: 'src/persistence/inbox.ts',
    find: "where id = ? and session_id = ? and state = 'new' returning 1",
    replace: 'where id = ? and session_id = ? returning 1',
    test: 'tests/persistence/inbox.test.ts',
  },
  {
    promise: 'What a message does is written by the owner of its session, or not at all',
    file: 'src/persistence/inbound-statement.ts',
    find: 'sql: `select n from own join said using (n)',
    replace: 'sql: `select n from said',
    test: 'tests/actors/inbox/process.test.ts',
  },
  {
    promise: 'One message is stored once, and places one order, however it is delivered',
    file: 'src/actors/inbox/process.ts',
    find: 'if (admission.stored) return duplicate(work)',
    replace: '',
    test: 'tests/actors/inbox/process.test.ts',
  },
  {
    promise: 'A cart reaches a person even while the bot is silent',
    file: 'src/actors/inbox/kind.ts',
    find: "if (gate === 'paused' || gate === 'off') return heard",
    replace: "if (gate === 'paused' || gate === 'off') return SILENT",
    test: 'tests/actors/inbox/kind.test.ts',
  },
  {
    promise: 'A voice note is answered once in ten minutes',
    file: 'src/actors/inbox/kind.ts',
    find: '(await botSaid(db, admission.conversationId, text, since)) ? heard',
    replace: '(await botSaid(db, null, text, since)) ? heard',
    test: 'tests/actors/inbox/kind.test.ts',
  },
  {
    promise: 'Who comes first is served, also when orders that come together want more than there is',
    file: 'src/persistence/inbound-writer.ts',
    find: "if (outcome?.status !== 'fulfilled' || outcome.value.kind !== 'short') continue",
    replace: 'continue',
    test: 'tests/persistence/inbound-writer.test.ts',
  },
  {
    promise: 'A message that cannot be written takes nothing from those it came with',
    file: 'src/persistence/lane.ts',
    find: "if (isUnavailable(error) || !SQL_STATE.test(errorCode(error) ?? '')) throw error",
    replace: 'throw error',
    test: 'tests/persistence/inbound-writer.test.ts',
  },
  {
    promise: 'A second attempt under the same key is the same message',
    file: 'src/persistence/outbox.ts',
    find: ' on conflict (session_id, idem_key) do nothing`,',
    replace: '`,',
    test: 'tests/persistence/outbox.test.ts',
  },
  {
    promise: 'What WhatsApp refuses as a new chat is held back, not lost',
    file: 'src/persistence/holds.ts',
    find: 'COLD} returning message_id`',
    replace: 'COLD} is not null returning message_id`',
    test: 'tests/actors/outbox/news.test.ts',
  },
  {
    promise: 'A name changed on another node is understood by the next message',
    file: 'src/actors/inbox/catalogue-index.ts',
    find: '    while (known < version) {',
    replace: '    while (known < 0) {',
    test: 'tests/http/routes/bot.test.ts',
  },
]
