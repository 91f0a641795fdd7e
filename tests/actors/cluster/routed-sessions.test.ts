import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { runWith } from '../../../src/actors/cluster/context.ts'
import type { CommandBody } from '../../../src/actors/session/protocol.ts'
import { asId, type UserId } from '../../../src/domain/ids.ts'
import { ok, refuse } from '../../../src/domain/result.ts'
import { cluster } from '../../support/routed.ts'
import { until } from '../../support/until.ts'

const NOBODY = '01900000-0000-7000-8000-0000000000ff'
const hello = (key?: string): CommandBody<'message.send'> => ({
  recipient: { phone: '+15550100100' },
  text: 'hello',
  author: { kind: 'user', userId: null },
  proactive: false,
  ...(key === undefined ? {} : { idempotencyKey: key }),
})
const stored = {
  id: NOBODY,
  conversationId: NOBODY,
  status: 'queued' as const,
  author: 'user' as const,
  text: 'hello',
  createdAt: '2026-01-31T12:00:00.000Z',
}

t.test('every command asked at the wrong node is answered by the owner', async (t) => {
  const c = cluster(t)
  const [a, b] = [await c.node('a'), await c.node('b')]
  const edge = await c.node('edge', { role: 'edge' })
  const user = await c.owned(b)
  for (const from of [a, edge, b]) {
    t.match(await from.sessions.ask(user, 'session.status', {}), { ok: true, value: { pushName: 'b' } })
    t.match(await from.sessions.ask(user, 'message.send', hello()), { ok: true, value: { text: 'hello' } })
    t.match(await from.sessions.ask(user, 'session.connect', { pairingPhone: '+15550100100' }), { ok: true })
    t.match(await from.sessions.command(user, 'session.restart', {}), { ok: true, value: { done: true } })
  }
  t.match(await a.sessions.ask(user, 'session.disconnect', { unlink: true }), {
    ok: true,
    value: { state: 'disconnected' },
  })
  t.same(a.local.asked, [])
  t.same(b.local.asked.filter(({ command }) => command === 'session.connect')[0]?.body, {
    pairingPhone: '+15550100100',
  })
  t.equal(b.local.restarted.length, 3)
})

t.test('a refusal of the owner comes back as it was, with its code and words', async (t) => {
  const c = cluster(t)
  const [a, b] = [await c.node('a'), await c.node('b')]
  const user = await c.owned(b)
  b.local.refuseNext('message.send', 'contact-opted-out')
  t.match(await a.sessions.ask(user, 'message.send', hello()), {
    ok: false,
    refusal: { code: 'contact-opted-out', message: 'refused: contact-opted-out' },
  })
})

t.test('a session of nobody is placed, and the node it was planned for takes it', async (t) => {
  const c = cluster(t)
  const [a, b] = [await c.node('a'), await c.node('b')]
  c.planner.best = b.incarnation
  const user = asId<UserId>(NOBODY)
  t.match(await a.sessions.ask(user, 'session.status', {}), { ok: true, value: { state: 'disconnected' } })
  t.equal(c.store.owners.get(user)?.incarnation, b.incarnation)
  t.ok(b.local.fences.has(user))
  c.planner.best = a.incarnation
  t.match(await a.sessions.ask(user, 'session.connect', {}), { ok: true })
  t.equal(c.store.owners.get(user)?.incarnation, b.incarnation, 'who has it keeps it')
})

t.test('a session of a dead node is placed anew', async (t) => {
  const c = cluster(t)
  const [a, b] = [await c.node('a'), await c.node('b')]
  const user = await c.owned(b)
  await a.sessions.ask(user, 'session.status', {})
  await b.kill()
  c.bury(b)
  c.planner.best = a.incarnation
  t.match(await a.sessions.ask(user, 'session.connect', {}), { ok: true })
  t.equal(c.store.owners.get(user)?.incarnation, a.incarnation)
})

t.test('a wrong owner says 421 with the newer epoch, and the edge goes there and remembers', async (t) => {
  const c = cluster(t)
  const [a, b, d] = [await c.node('a'), await c.node('b'), await c.node('d')]
  const user = await c.owned(b)
  await a.sessions.ask(user, 'session.status', {})
  await c.move(user, b, d)
  const before = c.store.asked
  t.match(await a.sessions.ask(user, 'session.status', {}), { ok: true, value: { pushName: 'd' } })
  t.equal(c.store.asked, before + 1, 'the old owner looked it up, the edge did not')
  t.match(await a.sessions.ask(user, 'session.status', {}), { ok: true, value: { pushName: 'd' } })
  t.equal(c.store.asked, before + 1, 'the route was remembered')
  t.same(b.local.asked.length, 1)
})

t.test('an older epoch never takes the place of a newer one', async (t) => {
  const c = cluster(t)
  const [a, b, d] = [await c.node('a'), await c.node('b'), await c.node('d')]
  const user = await c.owned(d)
  const epoch = c.store.owners.get(user)?.epoch ?? 0n
  a.directory.moved(user, { incarnation: d.incarnation, epoch })
  a.directory.moved(user, { incarnation: b.incarnation, epoch: epoch - 1n })
  t.match(await a.directory.resolve(user), { kind: 'there', node: { incarnation: d.incarnation }, epoch })
})

t.test('the planner may be wrong, or away: the owner is found', async (t) => {
  const c = cluster(t)
  const [a, b, d] = [await c.node('a'), await c.node('b'), await c.node('d')]
  const user = await c.owned(b)
  c.planner.homes.set(user, { incarnation: d.incarnation, epoch: 5n })
  t.match(await a.sessions.ask(user, 'session.status', {}), { ok: true, value: { pushName: 'b' } })
  c.planner.homes.set(user, { incarnation: NOBODY, epoch: 5n })
  a.directory.forget(user, b.incarnation)
  t.match(await a.sessions.ask(user, 'session.status', {}), { ok: true, value: { pushName: 'b' } })
  a.directory.forget(user, b.incarnation)
  c.planner.home = () => Promise.reject(new Error('no Redis'))
  t.match(await a.sessions.ask(user, 'session.status', {}), { ok: true, value: { pushName: 'b' } })
})

t.test(
  'an owner that is gone between looking and asking is not asked a second time, when another has taken over',
  async (t) => {
    const c = cluster(t)
    const [a, b, d] = [await c.node('a'), await c.node('b'), await c.node('d')]
    const user = await c.owned(b)
    await a.sessions.ask(user, 'session.status', {})
    await b.kill()
    await c.move(user, b, d)
    t.match(await a.sessions.ask(user, 'message.send', hello()), { ok: true, value: { text: 'hello' } })
    t.same(
      d.local.asked.map(({ command }) => command),
      ['message.send'],
    )
  },
)

t.test(
  'while the lease of a node that is gone runs, its sessions are nobody else’s: 503, and a message is stored',
  async (t) => {
    const c = cluster(t)
    const kept: unknown[] = []
    const b = await c.node('b')
    const a = await c.node('a', {
      sendWhileDown: async (user, body) => {
        kept.push([user, body.text])
        return ok(stored)
      },
    })
    const user = await c.owned(b)
    c.planner.best = a.incarnation
    await b.kill()
    t.match(await a.sessions.ask(user, 'session.connect', {}), { ok: false, refusal: { code: 'owner-moved' } })
    t.same(a.local.fences.size, 0, 'not taken')
    t.match(await a.sessions.ask(user, 'message.send', hello()), { ok: true, value: { id: NOBODY } })
    t.same(kept, [[user, 'hello']])
    t.match(await until('the owner is rung', () => c.planner.rung[0]), {
      to: b.incarnation,
      bell: { type: 'outbox', session: user },
    })
  },
)

t.test('a node that shuts down sends nobody away for good: a message is stored for the next owner', async (t) => {
  const c = cluster(t)
  const b = await c.node('b')
  const a = await c.node('a', { sendWhileDown: async () => ok(stored) })
  const user = await c.owned(b)
  const { ask } = b.local
  b.local.ask = async () => refuse('shutting-down', 'This server is shutting down.') as never
  t.match(await a.sessions.ask(user, 'session.status', {}), { ok: false, refusal: { code: 'owner-moved' } })
  t.match(await a.sessions.ask(user, 'message.send', hello()), { ok: true, value: { id: NOBODY } })
  b.local.ask = ask
  t.match(await a.sessions.ask(user, 'session.status', {}), { ok: true })
})

t.test('nobody and nowhere to place: owner-moved, and a message that may not wait is refused too', async (t) => {
  const c = cluster(t)
  const a = await c.node('edge', { role: 'edge' })
  const user = asId<UserId>(NOBODY)
  const refused = { ok: false, refusal: { code: 'owner-moved', retryAfterSeconds: 2 } }
  t.match(await a.sessions.ask(user, 'session.status', {}), refused)
  t.match(await a.sessions.ask(user, 'message.send', hello()), refused)
})

t.test('at most two tries, and owners never forward', async (t) => {
  const c = cluster(t)
  let asked = 0
  const [a, b] = [await c.node('a'), await c.node('b')]
  const user = await c.owned(b)
  // Two liars that send on and on: each says that the other has it, under ever newer epochs.
  const liars: { incarnation: string; url: string }[] = []
  for (const incarnation of ['01900000-0000-7000-8000-00000000000a', '01900000-0000-7000-8000-00000000000b']) {
    const server = createServer((request, response) => {
      request.resume()
      asked += 1
      const other = liars.find((liar) => liar.incarnation !== incarnation)?.incarnation
      response.writeHead(421, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ type: 'moved', incarnation: other, epoch: String(9_000 + asked) }))
    })
    await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening))
    t.teardown(() => {
      server.closeAllConnections()
      server.close()
    })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    liars.push({ incarnation, url })
    const like = c.store.nodes.get(b.incarnation)
    if (like !== undefined) c.store.nodes.set(incarnation, { ...like, incarnation, url })
  }
  a.directory.learn(user, { incarnation: liars[0]?.incarnation ?? '', epoch: 8_999n })
  t.match(await a.sessions.ask(user, 'session.status', {}), { ok: false, refusal: { code: 'owner-moved' } })
  t.equal(asked, 2)
})

t.test('a deadline that passes: session-timeout, once, and the same question is not asked again', async (t) => {
  const c = cluster(t)
  const b = await c.node('b')
  const a = await c.node('a', { policy: { session: { askTimeoutMs: 150 } } })
  const user = await c.owned(b)
  let go: () => void = () => undefined
  b.local.hold = new Promise((resolve) => {
    go = resolve
  })
  const began = performance.now()
  t.match(await a.sessions.ask(user, 'message.send', hello()), { ok: false, refusal: { code: 'session-timeout' } })
  t.ok(performance.now() - began < 1_000)
  t.equal(b.local.contexts.length, 1)
  go()
})

t.test('an answer that never came: repeated only when twice is the same as once', async (t) => {
  const c = cluster(t)
  let kept = 0
  const a = await c.node('a', {
    sendWhileDown: async () => {
      kept += 1
      return ok(stored)
    },
  })
  const b = await c.node('b')
  let cut = 0
  const server = createServer((request) => {
    cut += 1
    request.socket.destroy()
  })
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening))
  t.teardown(() => server.close())
  const broken = { incarnation: '01900000-0000-7000-8000-00000000000c', epoch: 9_000n }
  const like = c.store.nodes.get(b.incarnation)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  if (like !== undefined) c.store.nodes.set(broken.incarnation, { ...like, incarnation: broken.incarnation, url })
  const user = await c.owned(b)
  const ask = async (body: CommandBody<'message.send'>) => {
    a.directory.learn(user, broken)
    return a.sessions.ask(user, 'message.send', body)
  }
  t.match(await ask(hello()), { ok: false, refusal: { code: 'session-timeout' } })
  t.equal(cut, 1)
  t.same(b.local.asked, [], 'it may have been done: not asked again')
  t.equal(kept, 0, 'and not stored')
  t.match(await ask(hello('key-1')), { ok: true }, 'with a key it is')
  t.equal(b.local.asked.length, 1)
  a.directory.learn(user, broken)
  t.match(await a.sessions.ask(user, 'session.status', {}), { ok: true, value: { pushName: 'b' } })
})

t.test('a caller that hangs up reaches the owner', async (t) => {
  const c = cluster(t)
  const b = await c.node('b')
  const a = await c.node('a', { policy: { session: { askTimeoutMs: 60_000 } } })
  const user = await c.owned(b)
  let go: () => void = () => undefined
  b.local.hold = new Promise((resolve) => {
    go = resolve
  })
  const caller = new AbortController()
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const asked = runWith({ requestId: 'order-42', traceparent, signal: caller.signal }, () =>
    a.sessions.ask(user, 'message.send', hello()),
  )
  const seen = await until('the owner is asked', () => b.local.contexts[0])
  t.match(seen, { requestId: 'order-42', traceparent }, 'id and trace are passed on')
  t.notOk(seen.signal.aborted)
  caller.abort()
  await until('the owner hears of it', () => seen.signal.aborted)
  t.match(await asked, { ok: false, refusal: { code: 'session-timeout' } })
  go()
})

t.test('a node that has too much to do is not asked a second time', async (t) => {
  const c = cluster(t)
  const [a, b] = [await c.node('a'), await c.node('b')]
  let asked = 0
  const server = createServer((request, response) => {
    request.resume()
    asked += 1
    response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '7' }).end('{"type":"overloaded"}')
  })
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening))
  t.teardown(() => server.close())
  const like = c.store.nodes.get(b.incarnation)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  if (like !== undefined) c.store.nodes.set(NOBODY, { ...like, incarnation: NOBODY, url })
  const user = await c.owned(b)
  a.directory.learn(user, { incarnation: NOBODY, epoch: 9_000n })
  t.match(await a.sessions.ask(user, 'session.status', {}), {
    ok: false,
    refusal: { code: 'overloaded', retryAfterSeconds: 7 },
  })
  t.equal(asked, 1)
})

t.test(
  'too much at once: 503 with a time to wait, not tried again, and what waits too long is not begun',
  async (t) => {
    const c = cluster(t)
    const b = await c.node('b', { policy: { routing: { atOnce: 1, waiting: 1 } } })
    const [a, impatient] = [
      await c.node('a'),
      await c.node('impatient', { policy: { session: { askTimeoutMs: 200 } } }),
    ]
    const user = await c.owned(b)
    let go: () => void = () => undefined
    b.local.hold = new Promise((resolve) => {
      go = resolve
    })
    const first = a.sessions.ask(user, 'session.status', {})
    await until('one is at work', () => b.local.contexts.length === 1)
    const second = impatient.sessions.ask(user, 'message.send', hello())
    const refused = await until('the queue is full', async () => {
      const answer = await a.sessions.ask(user, 'session.status', {})
      return answer.ok ? null : answer.refusal
    })
    t.match(refused, { code: 'overloaded', retryAfterSeconds: 1 })
    t.match(await second, { ok: false, refusal: { code: 'session-timeout' } })
    go()
    t.match(await first, { ok: true })
    t.match(await a.sessions.ask(user, 'session.status', {}), { ok: true })
    t.same(
      b.local.asked.map(({ command }) => command),
      ['session.status', 'session.status'],
      'the message that was given up while it waited was never begun',
    )
  },
)
