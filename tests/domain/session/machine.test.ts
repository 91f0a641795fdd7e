import fc from 'fast-check'
import t from 'tap'
import { DISCONNECTS, FENCED, PASSKEY_REQUIRED, STORAGE_FAILED } from '../../../src/domain/session/disconnect.ts'
import { step } from '../../../src/domain/session/machine.ts'
import {
  asleep,
  type Effect,
  restored,
  type SessionEvent,
  type SessionState,
} from '../../../src/domain/session/state.ts'
import { advice } from '../../../src/domain/session/view.ts'
import { MACHINE_POLICY } from '../../support/machine-policy.ts'

const T0 = new Date('2026-01-01T00:00:00Z')
const later = (ms: number) => new Date(T0.getTime() + ms)
const ACCOUNT = { phone: '+15550100', lid: '1@lid', pushName: 'Erin' }

/** given a state, when events arrive one after the other (socket events for the connection of the moment), then … */
function when(state: SessionState, ...events: readonly (SessionEvent | number | 'opened' | 'qr' | 'timer')[]) {
  let now = state
  let effects: readonly Effect[] = []
  for (const short of events) {
    const { generation } = now
    const event: SessionEvent =
      typeof short === 'number'
        ? { type: 'socket.closed', generation, code: short }
        : short === 'opened'
          ? { type: 'socket.opened', generation, account: ACCOUNT }
          : short === 'qr'
            ? { type: 'socket.qr', generation, qr: 'qr' }
            : short === 'timer'
              ? { type: 'timer', generation }
              : short
    const next = step(now, event, MACHINE_POLICY, T0, 0.5)
    now = next.state
    effects = next.effects
  }
  return { state: now, phase: now.phase.name, effects, kinds: effects.map((effect) => effect.kind) }
}
const connect: SessionEvent = { type: 'connect', pairingPhone: null }
const open = () => when(asleep(T0), connect, 'opened').state

t.test('connect opens one connection, and again changes nothing', async (t) => {
  const first = when(asleep(T0), connect)
  t.equal(first.phase, 'connecting')
  t.same(first.kinds, ['desire', 'open'])
  for (const more of [when(first.state, connect), when(first.state, 'qr', connect), when(open(), connect)])
    t.same(more.kinds, [], `nothing is opened in ${more.phase}`)
})

t.test('each QR is shown until the next, and the end of the last one stops the session without a trace', async (t) => {
  const second = when(asleep(T0), connect, 'qr', 'qr')
  t.match(second.state.phase, { name: 'pairing', shown: 2, expiresAt: later(60_000) })
  const over = when(second.state, 408)
  t.equal(over.phase, 'asleep')
  t.same(over.kinds, ['desire', 'forget-credentials', 'expired'])
  t.match(over.effects[0], { desired: 'stopped', reason: 'qr-expired' })
})

t.test('an account may be paired by a code, also when the connection drops before it was typed', async (t) => {
  const asked = when(asleep(T0), { type: 'connect', pairingPhone: '+15550100' })
  t.match(asked.effects.at(-1), { kind: 'open', pairingPhone: '+15550100' })
  const shown = when(asked.state, { type: 'socket.code', generation: asked.state.generation, code: 'ABCD1234' })
  t.match(shown.state.phase, { name: 'pairing', show: { kind: 'code', code: 'ABCD1234' }, expiresAt: later(180_000) })
  t.match(when(shown.state, 428, 'timer').effects, [{ kind: 'open', pairingPhone: '+15550100' }])
  t.match(when(shown.state, 'opened').state, { pairingPhone: null })
})

t.test('after pairing WhatsApp asks for a restart, which happens at once', async (t) => {
  const next = when(asleep(T0), connect, 'qr', 515)
  t.equal(next.phase, 'connecting')
  t.same(next.kinds, ['open'])
})

t.test('a server that asks for restarts again and again is not followed at its own speed', async (t) => {
  const again = when(asleep(T0), connect, 'qr', 515, 515)
  t.equal(again.phase, 'waiting')
})

t.test(
  'a lost connection backs off with growing delays, tells the owner after the quick attempts and goes on slowly',
  async (t) => {
    let state = open()
    const delays: number[] = []
    const told: number[] = []
    for (let attempt = 1; attempt <= 6; attempt++) {
      const lost = when(state, 428)
      t.equal(lost.phase, 'waiting')
      for (const effect of lost.effects) if (effect.kind === 'wait') delays.push(effect.delayMs)
      if (lost.kinds.includes('tell-owner')) told.push(attempt)
      const again = when(lost.state, 'timer')
      t.equal(again.phase, 'connecting')
      state = again.state
    }
    t.same(delays, [750, 1_500, 3_000, 225_000, 225_000, 225_000])
    t.same(told, [4])
  },
)

t.test('only a connection that held forgets the attempts before it', async (t) => {
  const flapping = when(when(open(), 428, 'timer', 'opened').state, 428)
  t.equal(flapping.state.attempts, 2)
  const steady = open()
  const held = step(
    steady,
    { type: 'socket.closed', generation: steady.generation, code: 428 },
    MACHINE_POLICY,
    later(30_000),
    0,
  )
  t.equal(held.state.attempts, 1)
})

t.test('a database that is away is waited for and does not count as an attempt', async (t) => {
  let state = open()
  for (let i = 0; i < 10; i++) {
    const cut = when(state, STORAGE_FAILED)
    t.equal(cut.state.attempts, 0)
    t.notOk(cut.kinds.includes('tell-owner'))
    state = when(cut.state, 'timer').state
  }
})

t.test('another connection is met with one retry under a new claim; the second conflict suspends', async (t) => {
  const first = when(open(), 440)
  t.equal(first.phase, 'waiting')
  t.match(first.effects.at(-1), { kind: 'wait', delayMs: 10_000 })
  const due = when(first.state, 'timer')
  t.same(due.effects, [{ kind: 'reclaim', conflictAt: T0 }], 'nothing is opened under the old claim')
  // What the next actor begins with.
  const next: SessionState = { ...asleep(T0), lastConflictAt: T0 }
  const second = when(next, { type: 'resume', linked: true, handed: false }, 'opened', 440)
  t.equal(second.phase, 'replaced')
  t.match(second.effects[0], { kind: 'desire', desired: 'suspended', reason: 'conflict' })
  t.notOk(second.kinds.includes('open'))
  t.equal(when(second.state, connect).phase, 'connecting', 'a person may insist')
})

t.test('a logout on the phone forgets the credentials and is never retried by itself', async (t) => {
  const out = when(open(), 401)
  t.equal(out.phase, 'loggedOut')
  t.same(out.kinds, ['desire', 'forget-credentials', 'note-error', 'tell-owner'])
})

t.test('a banned number is never retried', async (t) => {
  for (const code of [402, 403, 406]) {
    const end = when(open(), code)
    t.equal(end.phase, 'halted', String(code))
    t.match(end.effects[0], { kind: 'desire', desired: 'suspended' })
    t.same(when(end.state, 'timer').kinds, [])
  }
})

t.test('a demand for a passkey ends the pairing, and says what can be done', async (t) => {
  const end = when(asleep(T0), connect, 'qr', PASSKEY_REQUIRED)
  t.equal(end.phase, 'halted')
  t.same(end.kinds, ['desire', 'note-error', 'tell-owner'])
  const { message } = advice(end.state, 5)
  t.match(message, /passkey of this account/)
  t.match(message, /another number/)
})

t.test('an outdated client halts for the operator and is tried again by the next start', async (t) => {
  const end = when(open(), 405)
  t.equal(end.phase, 'halted')
  t.match(end.effects[0], { kind: 'desire', desired: 'connected' })
})

t.test('an unknown error is retried and never leads to a new pairing', async (t) => {
  for (const code of [500, 777]) t.notOk(when(open(), code).kinds.includes('forget-credentials'), String(code))
})

t.test('a session another node took over leaves without writing anything', async (t) => {
  t.same(when(open(), FENCED).kinds, ['leave'])
})

t.test('what arrives from an older connection or timer is dropped', async (t) => {
  const state = open()
  for (const event of [
    { type: 'socket.closed', generation: state.generation - 1, code: 401 },
    { type: 'socket.qr', generation: state.generation - 1, qr: 'old' },
    { type: 'timer', generation: state.generation - 1 },
  ] satisfies SessionEvent[])
    t.same(step(state, event, MACHINE_POLICY, T0, 0), { state, effects: [] })
})

t.test('disconnect closes what is open; unlink also tells WhatsApp and forgets', async (t) => {
  t.same(when(open(), { type: 'disconnect', unlink: false }).effects, [
    { kind: 'desire', desired: 'stopped', reason: 'disconnected' },
    { kind: 'close', how: 'end' },
  ])
  t.same(when(open(), { type: 'disconnect', unlink: true }).kinds, ['desire', 'close', 'forget-credentials'])
  t.same(when(asleep(T0), { type: 'disconnect', unlink: false }).kinds, ['desire'])
})

t.test('a restart resumes what was linked and never a pairing', async (t) => {
  t.same(when(asleep(T0), { type: 'resume', linked: true, handed: false }).kinds, ['open'])
  const handed = when(asleep(T0), { type: 'resume', linked: false, handed: true })
  t.same(handed.kinds, ['open'], 'a pairing that is handed over goes on')
  const unfinished = when(asleep(T0), { type: 'resume', linked: false, handed: false })
  t.equal(unfinished.phase, 'asleep')
  t.match(unfinished.effects, [{ kind: 'desire', desired: 'stopped' }])
})

t.test('a stale connection is cut before the next is opened', async (t) => {
  t.same(when(open(), { type: 'stale' }).kinds, ['close', 'open'])
})

t.test('why a session was suspended is still shown after a restart', async (t) => {
  const row = (desired: string, reason: string) => restored({ desired, reason, lastErrorAt: T0 }, T0).phase.name
  t.equal(row('suspended', 'logged-out'), 'loggedOut')
  t.equal(row('suspended', 'conflict'), 'replaced')
  t.equal(row('suspended', 'account-restricted'), 'halted')
  t.equal(row('stopped', 'disconnected'), 'asleep')
  t.equal(restored(null, T0).phase.name, 'asleep')
})

t.test(
  'whatever happens, a connection is opened only under a new number and only when the one before is gone',
  async (t) => {
    const codes = [...Object.keys(DISCONNECTS).map(Number), 777]
    const anyEvent = fc.oneof(
      fc.constantFrom<SessionEvent>(
        connect,
        { type: 'disconnect', unlink: false },
        { type: 'disconnect', unlink: true },
        { type: 'stale' },
        { type: 'resume', linked: true, handed: false },
      ),
      fc.constantFrom('opened' as const, 'qr' as const, 'timer' as const),
      fc.constantFrom(...codes),
    )
    const property = fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
      let state = asleep(T0)
      let alive = false
      let newest = 0
      for (const event of events) {
        const next = when(state, event)
        // The socket itself says that it is closed; otherwise the machine has to close it.
        if (typeof event === 'number' && ['connecting', 'pairing', 'open'].includes(state.phase.name)) alive = false
        for (const effect of next.effects) {
          if (effect.kind === 'close') alive = false
          if (effect.kind !== 'open') continue
          if (alive || effect.generation <= newest) return false
          alive = true
          newest = effect.generation
        }
        state = next.state
      }
      return true
    })
    t.doesNotThrow(() => fc.assert(property, { numRuns: 2_000 }))
  },
)
