import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { makeGate } from '../../../src/actors/gate.ts'
import type { SessionDeps } from '../../../src/actors/session/deps.ts'
import { effectRunner } from '../../../src/actors/session/effects.ts'
import type { SocketEvent } from '../../../src/actors/whatsapp/socket.ts'
import { asId, type SessionId } from '../../../src/domain/ids.ts'
import type { Effect } from '../../../src/domain/session/state.ts'
import { makeLog } from '../../../src/log.ts'
import { makePolicy } from '../../../src/policy.ts'
import { socketTwin } from '../../support/outbox.ts'

const OPEN: Effect = { kind: 'open', generation: 1, pairingPhone: null }
const OPENED: SocketEvent = { type: 'opened', phone: '+15550101234', lid: null, pushName: null }
const CLOSED: SocketEvent = { type: 'closed', code: 428, detail: '' }

/** Runners of sessions that share the places, each with connections that do what the test says. */
function sessions(places: number) {
  const opened: string[] = []
  const emits = new Map<string, (event: SocketEvent) => void>()
  const deps = {
    gate: makeGate(places),
    policy: makePolicy(),
    async openSocket({ session, emit }: { session: string; emit: (event: SocketEvent) => void }) {
      opened.push(session)
      emits.set(session, emit)
      return socketTwin()
    },
  } as unknown as SessionDeps
  const runner = (name: string) => {
    const session = asId<SessionId>(name)
    return effectRunner(session, deps, {
      fence: { session, owner: 'node', epoch: 1n },
      guard: { valid: () => true, fence: () => undefined },
      tell: () => undefined,
      generation: () => 1,
      expired: () => undefined,
      leave: () => undefined,
      log: makeLog('silent'),
    })
  }
  const settled = async () => {
    for (let turn = 0; turn < 10; turn += 1) await setImmediate()
    return opened.join('')
  }
  return { runner, settled, emit: (name: string, event: SocketEvent) => emits.get(name)?.(event) }
}

t.test('no more handshakes are under way at once than there are places, and each end lets the next in', async (t) => {
  const { runner, settled, emit } = sessions(2)
  for (const name of 'abcde') void runner(name).run([OPEN])
  t.equal(await settled(), 'ab')
  emit('a', OPENED)
  t.equal(await settled(), 'abc', 'it is there')
  emit('b', CLOSED)
  t.equal(await settled(), 'abcd', 'it came to nothing')
  emit('b', CLOSED)
  emit('a', CLOSED)
  t.equal(await settled(), 'abcd', 'a place is given back once')
  emit('c', { type: 'qr', qr: 'shown' })
  t.equal(await settled(), 'abcde', 'a person takes their time with a QR')
})

t.test('who waits for a place and is told something newer waits no longer', async (t) => {
  const { runner, settled, emit } = sessions(1)
  void runner('a').run([OPEN])
  const [gone, ended] = [runner('b'), runner('c')]
  void gone.run([OPEN])
  void ended.run([OPEN])
  void runner('d').run([OPEN])
  t.equal(await settled(), 'a')
  await gone.run([{ kind: 'close', how: 'end' }])
  await ended.finish()
  emit('a', OPENED)
  t.equal(await settled(), 'ad')
})
