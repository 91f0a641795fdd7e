// Promises about those who write and are not contacts.

import type { Mutation } from '../mutation.ts'

export const STRANGERS: readonly Mutation[] = [
  {
    promise: "A stranger's message leaves nothing in the journal",
    file: 'src/actors/inbox/stranger.ts',
    find: "finishInbox(tx, fence, inboxId, 'stranger', { keepPayload: false })",
    replace: "finishInbox(tx, fence, inboxId, 'stranger', { keepPayload: true })",
    test: 'tests/actors/inbox/process.test.ts',
  },
  {
    promise: 'A shop that leaves strangers alone says nothing to them',
    file: 'src/actors/inbox/stranger.ts',
    find: "bot.unknownSenderPolicy === 'strict'",
    replace: 'false',
    test: 'tests/actors/inbox/stranger.test.ts',
  },
  {
    promise: "Of a stranger's YES said twice comes one order",
    file: 'src/actors/inbox/stranger-order.ts',
    find: "  if (asked && taken === 0) throw new NotWritten({ kind: 'outdated' })\n",
    replace: '  void [asked, taken]\n',
    test: 'tests/actors/inbox/stranger.test.ts',
  },
  {
    promise: 'What a stranger was told is emptied when their phone has it',
    file: 'src/persistence/outbox.ts',
    find: "status === 'sent' ? '' : EMPTIED",
    replace: 'EMPTIED.slice(EMPTIED.length)',
    test: 'tests/actors/inbox/stranger.test.ts',
  },
  {
    promise: 'A stranger is not answered without end',
    file: 'src/actors/inbox/stranger.ts',
    find: '!mayAnswer(seen.own, seen.all, now, deps.policy.strangers)',
    replace: '!mayAnswer(null, null, now, deps.policy.strangers)',
    test: 'tests/actors/inbox/stranger.test.ts',
  },
  {
    promise: "An account of the shop that is nobody's contact is not answered",
    file: 'src/actors/inbox/stranger.ts',
    find: 'if (seen.ownAccount || ',
    replace: 'if (',
    test: 'tests/actors/inbox/stranger.test.ts',
  },
  {
    promise: 'Nobody becomes a customer who has not agreed',
    file: 'src/actors/inbox/stranger.ts',
    find: "if (auto && verdict.kind !== 'confirm') return",
    replace: "if (verdict.kind !== 'confirm') return",
    test: 'tests/actors/inbox/stranger.test.ts',
  },
]
