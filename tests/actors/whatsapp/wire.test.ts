import { EventEmitter } from 'node:events'
import t from 'tap'
import { makeWire } from '../../../src/actors/whatsapp/wire.ts'
import { testGuard } from '../../support/auth-store.ts'

const build = () => {
  const raw = new EventEmitter()
  const written: string[] = []
  const socket = Object.assign(raw, {
    readyState: 1,
    terminated: 0,
    send(data: Uint8Array, done?: (error?: Error) => void) {
      written.push(Buffer.from(data).toString())
      done?.()
    },
    terminate() {
      socket.terminated += 1
      socket.readyState = 3
      raw.emit('close')
    },
  })
  const client = Object.assign(new EventEmitter(), {
    socket,
    close: () => new Promise<void>((resolve) => void raw.once('close', () => resolve())),
  })
  const guard = testGuard()
  const fenced: string[] = []
  const frames: unknown[] = []
  const failures: unknown[] = []
  const stored: { pending: Promise<unknown> | null } = { pending: null }
  const wire = makeWire(client, {
    guard,
    fenced: (where) => {
      fenced.push(where)
      wire.cut()
    },
    frame: (frame) => void frames.push(frame),
    failed: (error) => void failures.push(error),
    pending: () => stored.pending,
  })
  const send = (text: string) =>
    new Promise<string>((resolve) => socket.send(Buffer.from(text), (error) => resolve(error?.message ?? 'sent')))
  return { client, socket, guard, wire, written, fenced, frames, failures, stored, send }
}

t.test('frames pass, are noted first, and count as a sign of life', async (t) => {
  const { client, wire, frames, send, written } = build()
  const seen: unknown[] = []
  client.on('frame', (frame) => seen.push([frame, frames.length]))
  const before = wire.lastFrameAt()
  await new Promise((resolve) => setTimeout(resolve, 2))
  t.ok(client.emit('message', Buffer.from('raw')) === false, 'nobody listens')
  t.ok(wire.lastFrameAt() > before)
  t.ok(client.emit('frame', 'decoded'))
  t.same(seen, [['decoded', 1]])
  t.equal(await send('out'), 'sent')
  t.same(written, ['out'])
})

t.test('without the lease a frame in is not delivered and the connection is cut', async (t) => {
  const { client, guard, fenced, socket } = build()
  client.on('message', () => t.fail('delivered'))
  guard.fence('deadline')
  client.emit('message', Buffer.from('raw'))
  t.same(fenced, ['in'])
  t.equal(socket.terminated, 1)
})

t.test('without the lease a frame out is not written', async (t) => {
  const { guard, fenced, written, send } = build()
  guard.fence('deadline')
  t.match(await send('late'), /cut/)
  t.same(written, [])
  t.same(fenced, ['out'])
})

t.test('frames wait for what is being stored, in their order, and the lease is asked again then', async (t) => {
  const { stored, written, send, guard } = build()
  const gate = Promise.withResolvers<void>()
  stored.pending = gate.promise
  const sent = [send('one'), send('two')]
  stored.pending = null
  sent.push(send('three'))
  await new Promise((resolve) => setImmediate(resolve))
  t.same(written, [])
  gate.resolve()
  await Promise.all(sent)
  t.same(written, ['one', 'two', 'three'])
  stored.pending = Promise.resolve()
  const late = send('four')
  guard.fence('told dead')
  t.match(await late, /cut/)
  t.equal(written.length, 3)
})

t.test('once cut, nothing passes, but the end is still reported', async (t) => {
  const { client, wire, send, written } = build()
  const seen: string[] = []
  for (const event of ['frame', 'close', 'error']) client.on(event, () => seen.push(event))
  wire.cut()
  await wire.gone
  client.emit('frame', 'late')
  client.emit('close')
  client.emit('error', new Error('x'))
  t.match(await send('late'), /cut/)
  t.same(written, [])
  t.same(seen, ['close', 'error'])
})

t.test('deaf, it still lets answers out', async (t) => {
  const { client, wire, send } = build()
  client.on('frame', () => t.fail('delivered'))
  wire.deafen()
  client.emit('frame', 'late')
  t.equal(await send('receipt'), 'sent')
})

t.test('an async listener that fails is noticed and stops nobody', async (t) => {
  const { client, failures } = build()
  let called = 0
  client.on('frame', async () => {
    throw new Error('no connection')
  })
  client.once('frame', () => {
    called += 1
  })
  client.emit('frame', 1)
  client.emit('frame', 2)
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(called, 1)
  t.match(failures, [{ message: 'no connection' }, { message: 'no connection' }])
})

t.test('a closing handshake is waited for a second, then the connection is cut', async (t) => {
  const patient = build()
  const closing = patient.client.close()
  patient.socket.emit('close')
  await closing
  t.equal(patient.socket.terminated, 0, 'answered in time')
  const ignored = build()
  await ignored.client.close()
  t.equal(ignored.socket.terminated, 1)
})
