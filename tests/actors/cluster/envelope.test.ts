import t from 'tap'
import {
  NODE_PROTOCOL,
  readCommand,
  readMoved,
  readReply,
  repeatable,
  writeCommand,
  writeMoved,
  writeReply,
} from '../../../src/actors/cluster/envelope.ts'
import type { CommandBody } from '../../../src/actors/session/protocol.ts'
import { asId, type UserId } from '../../../src/domain/ids.ts'
import { ok, refuse } from '../../../src/domain/result.ts'

const USER = asId<UserId>('01900000-0000-7000-8000-0000000000ff')
const over = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const message: CommandBody<'message.send'> = {
  recipient: { phone: '+15550100100' },
  text: 'hello',
  author: { kind: 'bot', userId: null },
  proactive: false,
}

t.test('a command arrives as it was sent', async (t) => {
  const bodies = {
    'session.connect': { pairingPhone: '+15550100100' },
    'session.disconnect': { unlink: true },
    'session.status': {},
    'message.send': { ...message, idempotencyKey: 'k', picture: { mime: 'image/png' as const, data: 'aGk=' } },
    'session.release-to': { to: USER },
    'session.restart': {},
  }
  t.same(Object.keys(bodies).sort(), Object.keys(NODE_PROTOCOL).sort())
  for (const [name, body] of Object.entries(bodies) as [keyof typeof bodies, never][])
    t.same(readCommand(JSON.parse(writeCommand(name, USER, body))), { kind: 'command', name, user: USER, body })
  const noEnvelopes = [null, 'x', {}, { v: 1, name: 7, user: USER, body: {} }, { v: 0.5, name: 'a', user: USER }]
  for (const given of [...noEnvelopes, { v: 1, name: 'session.status', user: 'me', body: {} }])
    t.same(readCommand(given), { kind: 'malformed' })
  t.same(readCommand({ v: 1, name: 'session.disconnect', user: USER, body: {} }), { kind: 'malformed' })
})

t.test('answers and refusals arrive as they were given, and what is no answer is nobody’s', async (t) => {
  t.same(readReply('session.restart', over(writeReply(ok({ done: true })))), ok({ done: true }))
  const refused = refuse('too-long', 'Shorten it.', {
    retryAfterSeconds: 3,
    errors: [{ path: 'text', code: 'too-long', message: 'long' }],
  })
  t.same(readReply('message.send', over(writeReply(refused))), refused)
  t.equal(readReply('session.restart', { v: 1, type: 'value', value: { done: 'yes' } }), null)
  t.equal(readReply('session.restart', { type: 'new' }), null)
  t.equal(readReply('session.restart', null), null)
  const newer = { v: 1, type: 'refusal', refusal: { code: 'of-a-newer-node', message: 'x' } }
  t.match(readReply('session.restart', newer), { ok: false, refusal: { code: 'session-timeout' } })
})

t.test('where it went keeps its epoch whole', async (t) => {
  const home = { incarnation: USER, epoch: 2n ** 62n }
  t.same(readMoved(over(writeMoved(home))), home)
  t.equal(readMoved(over(writeMoved(null))), null)
  t.equal(readMoved({ type: 'moved', incarnation: USER, epoch: '-1' }), null)
})

t.test('only what is the same twice as once may be repeated', async (t) => {
  t.ok(repeatable('session.status', {}))
  t.ok(repeatable('session.connect', {}))
  t.ok(repeatable('session.disconnect', { unlink: false }))
  t.notOk(repeatable('message.send', message))
  t.ok(repeatable('message.send', { ...message, idempotencyKey: 'k' }))
  t.notOk(repeatable('session.release-to', { to: USER }))
  t.notOk(repeatable('session.restart', {}))
})
