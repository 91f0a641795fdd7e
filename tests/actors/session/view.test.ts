import t from 'tap'
import { activeSessionOf, sessionViewOf, streamEventOf } from '../../../src/actors/session/view.ts'
import { asId, type UserId } from '../../../src/domain/ids.ts'
import { step } from '../../../src/domain/session/machine.ts'
import { asleep, type SessionEvent, type SessionState } from '../../../src/domain/session/state.ts'
import { MACHINE_POLICY } from '../../support/machine-policy.ts'

const T0 = new Date('2026-01-01T00:00:00Z')
const NOBODY = { phone: null, pushName: null, connectedAt: null, lastSeenAt: null }

function after(...events: readonly ((generation: number) => SessionEvent)[]): SessionState {
  return events.reduce((state, event) => step(state, event(state.generation), MACHINE_POLICY, T0, 0).state, asleep(T0))
}
const connect = (): SessionEvent => ({ type: 'connect', pairingPhone: null })
const opened = (generation: number): SessionEvent => ({
  type: 'socket.opened',
  generation,
  account: { phone: '+15550100', lid: null, pushName: 'Erin' },
})
const closed =
  (code: number) =>
  (generation: number): SessionEvent => ({ type: 'socket.closed', generation, code })

t.test('a status says what to do next, and an attempt counts only while one is under way', async (t) => {
  const view = (state: SessionState) => sessionViewOf(state, NOBODY, MACHINE_POLICY)
  t.match(view(asleep(T0)), { state: 'disconnected', nextStep: 'connect', reconnectAttempts: 0 })
  t.match(view(after(connect, opened)), {
    state: 'open',
    nextStep: 'none',
    phoneNumber: '+15550100',
    reconnectAttempts: 0,
  })
  const waiting = view(after(connect, opened, closed(428)))
  t.match(waiting, {
    state: 'reconnecting',
    nextStep: 'wait',
    reconnectAttempts: 1,
    lastError: { code: 'connection-lost' },
  })
  t.equal(waiting.nextRetryAt, new Date(T0.getTime() + 500).toISOString())
  t.match(view(after(connect, opened, closed(401))), { state: 'logged_out', nextStep: 'connect' })
  t.match(view(after(connect, opened, closed(405))), { state: 'halted', nextStep: 'ask-operator' })
})

t.test('only an open connection that was silent for too long is shown as stale', async (t) => {
  const row = (state: SessionState, idleMs: number | null) =>
    activeSessionOf(state, {
      user: asId<UserId>('u'),
      instanceId: 'n',
      epoch: 7n,
      idleMs,
      mailbox: 0,
      staleAfterMs: 1_000,
    })
  t.match(row(after(connect, opened), 999), { stale: false, idleSeconds: 0, epoch: '7' })
  t.equal(row(after(connect, opened), 1_000).stale, true)
  t.equal(row(after(connect), 5_000).stale, false)
  t.equal(row(asleep(T0), null).stale, false)
})

t.test('the stream shows a code as a code, and an end as an error with its reason', async (t) => {
  const code = after(connect, (generation) => ({ type: 'socket.code', generation, code: 'ABCD1234' }))
  t.match(streamEventOf(code, MACHINE_POLICY), { type: 'code', code: 'ABCD1234' })
  t.match(streamEventOf(after(connect, opened, closed(403)), MACHINE_POLICY), {
    type: 'error',
    code: 'account-restricted',
  })
})
