// Every promise with the line that keeps it, and the test that turns red when that line is taken out. The page for bad days shows this
// list; scripts/mutations.ts carries it out.

/** One line taken out. `find` occurs exactly once in `file`. */
export interface Mutation {
  readonly promise: string
  readonly file: string
  readonly find: string
  readonly replace: string
  /** The test file that must fail. */
  readonly test: string
}

export const MUTATIONS: readonly Mutation[] = [
  {
    promise: 'What another owner may write is locked out, not only looked at',
    file: 'src/persistence/leases.ts',
    find: "where session_id = ? and owner = ? and epoch = ? for share',\n    fenceValues",
    replace: "where session_id = ? and owner = ? and epoch = ?',\n    fenceValues",
    test: 'tests/persistence/leases.test.ts',
  },
  {
    promise: 'A stale owner commits no ratchet and no journal row',
    file: 'src/persistence/auth-state.ts',
    find: 'if (!held.has(fence.session)) throw new FencedError(fence)',
    replace: 'void held',
    test: 'tests/persistence/auth-state.test.ts',
  },
  {
    promise: 'A living node is not robbed of its sessions',
    file: 'src/persistence/leases.ts',
    find: 'and (owner is null or owner = ?',
    replace: 'and (true or owner is null or owner = ?',
    test: 'tests/persistence/leases.test.ts',
  },
  {
    promise: 'The plaintext is committed with the ratchet step',
    file: 'src/actors/whatsapp/repository.ts',
    find: 'keys.journal({ hash, messageKey: messageKeyOf(attrs), payload })',
    replace: '',
    test: 'tests/actors/whatsapp/repository.test.ts',
  },
  {
    promise: 'A redelivered ciphertext is answered from the journal',
    file: 'src/actors/whatsapp/repository.ts',
    find: 'const row = await store.journaled(hash)',
    replace: 'const row = null as Awaited<ReturnType<typeof store.journaled>>; void hash',
    test: 'tests/actors/whatsapp/repository.test.ts',
  },
  {
    promise: 'Failing storage cuts the connection before anything is thrown to Baileys',
    file: 'src/actors/whatsapp/safe-store.ts',
    find: '      cut(code, detail)\n',
    replace: '',
    test: 'tests/actors/whatsapp/safe-store.test.ts',
  },
  {
    promise: 'No frame leaves without the lease',
    file: 'src/actors/whatsapp/wire.ts',
    find: 'if (!mute && guard.valid()) return send(data, done)',
    replace: 'if (!mute) return send(data, done)',
    test: 'tests/actors/whatsapp/wire.test.ts',
  },
  {
    promise: 'No frame is taken in without the lease',
    file: 'src/actors/whatsapp/wire.ts',
    find: "      fenced('in')\n      return false",
    replace: '',
    test: 'tests/actors/whatsapp/wire.test.ts',
  },
  {
    promise: 'A server that cannot prove who it is gets nothing',
    file: 'src/actors/whatsapp/baileys.ts',
    find: '  enforceSignatures()\n',
    replace: '',
    test: 'tests/actors/whatsapp/baileys.test.ts',
  },
  {
    promise: 'No private key is printed',
    file: 'src/actors/whatsapp/quiet.ts',
    find: '  if (quiet) return\n',
    replace: '  return\n',
    test: 'tests/actors/whatsapp/quiet.test.ts',
  },
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
    find: "sql: 'select from own, contacts where user_id = ? and customer_id = ?'",
    replace: "sql: 'select from contacts where user_id = ? and customer_id = ?'",
    test: 'tests/actors/inbox/process.test.ts',
  },
  {
    promise: 'A customer is told the number their order has',
    file: 'src/persistence/inbound-statement.ts',
    find: 'params: order === null ? [text] : [text, order.orderId]',
    replace: 'params: order === null ? [text] : [text, draft.inboxId]',
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
    promise: "A stranger's message leaves nothing in the journal",
    file: 'src/actors/inbox/process.ts',
    find: "finishInbox(tx, fence, inboxId, 'stranger', { keepPayload: false })",
    replace: "finishInbox(tx, fence, inboxId, 'stranger', { keepPayload: true })",
    test: 'tests/actors/inbox/process.test.ts',
  },
  {
    promise: 'Strangers get no answer',
    file: 'src/actors/inbox/process.ts',
    find: 'if (admission === null) return skipStranger(work)',
    replace: 'if (admission === null) throw new Error("mutated")',
    test: 'tests/actors/inbox/process.test.ts',
  },
  {
    promise: 'Stock is never sold twice',
    file: 'src/persistence/order-statement.ts',
    find: 'where coalesce(l.available, 0) < w.quantity`',
    replace: 'where false`',
    test: 'tests/persistence/orders.test.ts',
  },
  {
    promise: 'A second attempt under the same key is the same message',
    file: 'src/persistence/outbox.ts',
    find: ' on conflict (session_id, idem_key) do nothing`,',
    replace: '`,',
    test: 'tests/persistence/outbox.test.ts',
  },
  {
    promise: 'A 440 is not fought over',
    file: 'src/domain/session/machine.ts',
    find: 'if (last === null || now.getTime() - last.getTime() > policy.conflictWindowMs + policy.conflictRetryMs) {',
    replace: 'if (last === null || last !== null) {',
    test: 'tests/domain/session/machine.test.ts',
  },
  {
    promise: 'News of an older connection is dropped',
    file: 'src/domain/session/machine.ts',
    find: "if ('generation' in event && event.generation !== state.generation) return { state, effects: [] }",
    replace: '',
    test: 'tests/domain/session/machine.test.ts',
  },
  {
    promise: 'A connection is closed before the next is opened',
    file: 'src/domain/session/machine.ts',
    find: "[{ kind: 'close', how: 'destroy' }]",
    replace: '[]',
    test: 'tests/domain/session/machine.test.ts',
  },
  {
    promise: 'After a crash there is one actor, never two',
    file: 'src/actors/nact.ts',
    find: '      timer = setTimeout(launch, delayMs)\n',
    replace: '      timer = setTimeout(launch, delayMs)\n      launch()\n',
    test: 'tests/actors/nact.test.ts',
  },
  {
    promise: 'A wrong encryption key stops the start',
    file: 'src/node.ts',
    find: '    await checkKeyFingerprint(db, organization.id, sealer)\n',
    replace: '',
    test: 'tests/node.test.ts',
  },
  {
    promise: 'A role that was taken away is gone with the next request',
    file: 'src/http/plugins/auth.ts',
    find: 'user.tokenVersion !== claims.tv',
    replace: 'user.tokenVersion < 0',
    test: 'tests/http/routes/auth.test.ts',
  },
  {
    promise: 'What WhatsApp refuses as a new chat is held back, not lost',
    file: 'src/persistence/holds.ts',
    find: 'COLD} returning message_id`',
    replace: 'COLD} is not null returning message_id`',
    test: 'tests/actors/outbox/news.test.ts',
  },
  {
    promise: 'Late news of an earlier attempt does not end the present one',
    file: 'src/actors/outbox/outbox.actor.ts',
    find: 'if (state.inFlight.get(waMessageId) !== attempt) return',
    replace: '',
    test: 'tests/actors/outbox/outbox.actor.test.ts',
  },
  {
    promise: 'A file is fetched from WhatsApp and from nowhere else',
    file: 'src/actors/whatsapp/media-host.ts',
    find: 'return ca !== null || OWN_HOST.test(named) ? named : DEFAULT_HOST',
    replace: 'return named',
    test: 'tests/actors/whatsapp/media-host.test.ts',
  },
  {
    promise: 'Accounts come back a few at a time',
    file: 'src/node.ts',
    find: 'gate: makeGate(policy.session.handshakesAtOnce)',
    replace: 'gate: makeGate(1_000)',
    test: 'tests/scripts/fleet/run.test.ts',
  },
]
