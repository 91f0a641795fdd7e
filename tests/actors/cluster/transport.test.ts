import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { makePools, neverSent } from '../../../src/actors/cluster/pools.ts'
import { makeTransport } from '../../../src/actors/cluster/transport.ts'
import { asId, type UserId } from '../../../src/domain/ids.ts'
import { makeLog } from '../../../src/log.ts'
import { DEFAULT_POLICY, makePolicy, type PolicyOverride } from '../../../src/policy.ts'
import { SECRET } from '../../support/routed.ts'
import { until } from '../../support/until.ts'

const NODE = '01900000-0000-7000-8000-00000000000a'
const USER = asId<UserId>('01900000-0000-7000-8000-0000000000ff')
const OPTIONS = { leftMs: 1_000, epoch: 7n }

async function serve(t: Test, listener: RequestListener) {
  const server = createServer(listener)
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { server, peer: { incarnation: NODE, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` } }
}

function transportOf(t: Test, policy: PolicyOverride['routing'] = {}) {
  const transport = makeTransport({
    secret: SECRET,
    policy: makePolicy({ routing: policy }).routing,
    log: makeLog('silent'),
    wall: () => Date.now(),
    sender: 'sender-of-this-test',
  })
  t.teardown(() => transport.close())
  return transport
}

t.test('what an answer means', async (t) => {
  let answer: readonly [number, string] = [200, '']
  const { peer } = await serve(t, (request, response) => {
    request.resume()
    response.writeHead(answer[0], { 'content-type': 'application/json' }).end(answer[1])
  })
  const transport = transportOf(t)
  const cases: readonly (readonly [number, string, object])[] = [
    [200, '{"v":1,"type":"value","value":{"done":true}}', { kind: 'answered', value: { ok: true } }],
    [200, '{"v":1,"type":"value","value":{}}', { kind: 'unknown' }],
    [200, 'half an ans', { kind: 'unknown' }],
    [421, `{"type":"moved","incarnation":"${NODE}","epoch":"9"}`, { kind: 'moved', to: { epoch: 9n } }],
    [421, '', { kind: 'moved', to: null }],
    [503, '{"type":"overloaded"}', { kind: 'overloaded', code: 'overloaded', retryAfterSeconds: 1 }],
    [503, '{"type":"database-unavailable"}', { kind: 'overloaded', code: 'database-unavailable' }],
    [408, '{}', { kind: 'unreachable' }],
    [401, '{}', { kind: 'unreachable' }],
    [501, '{}', { kind: 'unsupported' }],
    [400, '{}', { kind: 'unsupported' }],
    [500, '{}', { kind: 'unknown' }],
  ]
  for (const [status, text, outcome] of cases) {
    answer = [status, text]
    t.match(await transport.ask(peer, USER, 'session.restart', {}, OPTIONS), outcome, `${status} ${text}`)
  }
})

t.test('what was sent and not answered is given up at the deadline, and nobody knows what became of it', async (t) => {
  let hungUp = 0
  const { peer } = await serve(t, (request, response) => {
    request.resume()
    response.once('close', () => {
      hungUp += 1
    })
  })
  const transport = transportOf(t)
  const began = performance.now()
  t.same(await transport.ask(peer, USER, 'session.status', {}, { ...OPTIONS, leftMs: 100 }), { kind: 'unknown' })
  t.ok(performance.now() - began < 1_000)
  await until('the other side hears of it', () => hungUp === 1)
  t.same(await transport.ask(peer, USER, 'session.status', {}, { ...OPTIONS, leftMs: 0 }), { kind: 'unreachable' })
})

t.test('what never got there is known not to have been done', async (t) => {
  const { server, peer } = await serve(t, (_request, response) => void response.end())
  await new Promise((closed) => server.close(closed))
  const transport = transportOf(t)
  t.same(await transport.ask(peer, USER, 'session.status', {}, OPTIONS), { kind: 'unreachable' })

  const two = Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' })
  t.ok(neverSent(two), 'refused at every address of a name')
  t.ok(neverSent(Object.assign(new Error(), { code: 'ENOTFOUND', syscall: 'getaddrinfo' })))
  t.ok(neverSent(Object.assign(new Error(), { code: 'UND_ERR_CONNECT_TIMEOUT' })))
  t.notOk(neverSent(Object.assign(new Error(), { code: 'ECONNRESET', syscall: 'read' })))
  t.notOk(neverSent(Object.assign(new Error(), { code: 'UND_ERR_ABORTED' })))
  t.notOk(neverSent('refused'))
})

t.test('only so many asks are under way to one node: the others are not even sent', async (t) => {
  let asked = 0
  const open: (() => void)[] = []
  const { peer } = await serve(t, (request, response) => {
    request.resume()
    asked += 1
    open.push(() => void response.end('{"v":1,"type":"value","value":{"done":true}}'))
  })
  const transport = transportOf(t, { asksPerNode: 2 })
  const ask = () => transport.ask(peer, USER, 'session.restart', {}, OPTIONS)
  const under = [ask(), ask()]
  t.match(await ask(), { kind: 'overloaded' })
  await until('two arrived', () => asked === 2)
  for (const end of open) end()
  t.match(await Promise.all(under), [{ kind: 'answered' }, { kind: 'answered' }])
  t.equal(asked, 2)
})

t.test('connections are kept between asks, and closed when the node has left', async (t) => {
  const sockets = new Set<unknown>()
  const { server, peer } = await serve(t, (request, response) => {
    request.resume()
    response.end('{"v":1,"type":"value","value":{"done":true}}')
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const transport = transportOf(t)
  for (let turn = 0; turn < 10; turn += 1) await transport.ask(peer, USER, 'session.restart', {}, OPTIONS)
  // One that has just answered may be busy for a moment longer.
  const kept = sockets.size
  t.ok(kept >= 1 && kept <= 2, `${kept} connections for ten asks`)
  transport.retain(new Set([NODE]))
  t.equal((await transport.ask(peer, USER, 'session.restart', {}, OPTIONS)).kind, 'answered')
  transport.retain(new Set())
  await until('the connection is closed', () => sockets.size === 0)
})

t.test('each node has its pools, under its incarnation', async (t) => {
  const pools = makePools(DEFAULT_POLICY.routing)
  t.teardown(() => pools.close())
  const one = pools.ask(NODE, 'http://127.0.0.1:1')
  t.equal(pools.ask(NODE, 'http://127.0.0.1:1'), one)
  t.not(pools.stream(NODE, 'http://127.0.0.1:1'), one)
  t.not(pools.ask('another', 'http://127.0.0.1:1'), one, 'the same address after a restart is another node')
})
