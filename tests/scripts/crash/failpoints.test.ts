import t from 'tap'
import { withFailpoints } from '../../../scripts/crash/failpoints.ts'
import type { Place } from '../../../scripts/proof/plan.ts'
import type { OpenSocket, OpenSocketFn, SocketEvent, WhatsAppSocket } from '../../../src/actors/whatsapp/socket.ts'
import { makeLog } from '../../../src/log.ts'

/** A connection that does nothing, and what happened on it in order; dying is an entry. */
async function stage(place: Place, nth: number) {
  const seen: string[] = []
  const opened: OpenSocket[] = []
  const inner: OpenSocketFn = async (options) => {
    opened.push(options)
    const socket: Pick<WhatsAppSocket, 'send'> = {
      async send() {
        seen.push('wire')
        return { kind: 'on-the-wire' }
      },
    }
    return socket as WhatsAppSocket
  }
  const failpoints = withFailpoints(inner, { place, nth }, () => void seen.push('died'))
  const store = { commit: async () => void seen.push('commit') } as unknown as OpenSocket['store']
  const emit = (event: SocketEvent) => void seen.push(event.type)
  const socket = await failpoints.open({ store, emit, log: makeLog('silent') } as unknown as OpenSocket)
  const [given] = opened
  if (given === undefined) throw new Error('nothing was opened')
  return { failpoints, seen, socket, store: given.store, emit: given.emit }
}

const journal = { hash: Buffer.alloc(32), messageKey: 'chat|sender|id', payload: Buffer.alloc(1) }
const decrypted = { keys: [{ type: 'session', id: '1', value: Buffer.alloc(1) }], journal }
const encrypted = { keys: [{ type: 'session', id: '1', value: Buffer.alloc(1) }] }
const message = { recipient: '1@lid', waMessageId: 'X', content: { kind: 'text', text: 'hi' } } as const

t.test('nothing happens before it is armed, and then at the nth time', async (t) => {
  const { failpoints, seen, store } = await stage('before-journal-commit', 2)
  await store.commit(decrypted)
  await store.commit(decrypted)
  failpoints.arm()
  await store.commit(decrypted)
  t.same(seen, ['commit', 'commit', 'commit'])
  await store.commit(decrypted)
  t.same(seen, ['commit', 'commit', 'commit', 'died', 'commit'])
})

t.test('each place is where it says', async (t) => {
  const at = async (place: Place, act: (on: Awaited<ReturnType<typeof stage>>) => unknown) => {
    const on = await stage(place, 1)
    on.failpoints.arm()
    await act(on)
    return on.seen
  }
  t.same(await at('after-journal-commit', ({ store }) => store.commit(decrypted)), ['commit', 'died'])
  t.same(await at('before-encrypt-commit', ({ store }) => store.commit(encrypted)), ['died', 'commit'])
  t.same(await at('after-encrypt-commit', ({ store }) => store.commit(encrypted)), ['commit', 'died'])
  t.same(await at('after-encrypt-commit', ({ store }) => store.commit(decrypted)), ['commit'])
  t.same(await at('after-wire-before-ack', ({ socket }) => socket.send(message)), ['wire', 'died'])
  t.same(await at('before-process', ({ emit }) => emit({ type: 'journaled' })), ['died', 'journaled'])
  t.same(await at('on-ack', ({ emit }) => emit({ type: 'ack', waMessageId: 'X', ok: true })), ['died', 'ack'])
  const receipt = { type: 'receipt', waMessageIds: ['X'], status: 'delivered' } as const
  t.same(await at('on-receipt', ({ emit }) => emit(receipt)), ['died', 'receipt'])
})
