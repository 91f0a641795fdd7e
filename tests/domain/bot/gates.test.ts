import t from 'tap'
import { type AtTheGate, passage } from '../../../src/domain/bot/gates.ts'

const now = new Date('2026-03-01T12:00:00Z')
const before = (ms: number) => new Date(now.getTime() - ms)
const ordinary: AtTheGate = {
  ownAccount: false,
  consents: false,
  enabled: true,
  pausedUntil: null,
  at: now,
  now,
  oldAfterMs: 900_000,
}
const at = (more: Partial<AtTheGate>) => passage({ ...ordinary, ...more })

t.test('what the bot does not answer, and why', async (t) => {
  t.equal(at({}), 'answer')
  t.equal(at({ pausedUntil: new Date(now.getTime() + 1) }), 'paused', 'a person has the chat')
  t.equal(at({ pausedUntil: now }), 'answer', 'the time of a pause is over')
  t.equal(at({ enabled: false }), 'off')
  t.equal(at({ at: before(900_001) }), 'late', 'it waited while we were away')
  t.equal(at({ at: before(900_000) }), 'answer')
})

t.test('STOP and START are heard whoever has the chat, and also by a shop that answers nobody', async (t) => {
  const paused = { pausedUntil: new Date(now.getTime() + 60_000) }
  t.equal(at({ consents: true, ...paused, enabled: false, at: before(9_000_000) }), 'answer')
})

t.test('an account of the shop is not answered, whatever it says', async (t) => {
  t.equal(at({ ownAccount: true }), 'own-account')
  t.equal(at({ ownAccount: true, consents: true }), 'own-account')
})
