import t, { type Test } from 'tap'
// fetch() repeats by itself what is answered with 421.
import { request } from 'undici'
import { writeCommand } from '../../../src/actors/cluster/envelope.ts'
import { hashOf, NODE_HEADER, type Signed, sign } from '../../../src/actors/cluster/signature.ts'
import { asId, type UserId } from '../../../src/domain/ids.ts'
import { testApp } from '../../support/app.ts'
import { cluster, type RoutedNode, SECRET } from '../../support/routed.ts'
import { readEvents } from '../../support/sse.ts'
import { until } from '../../support/until.ts'

const SOMEBODY = asId<UserId>('01900000-0000-7000-8000-0000000000ff')

interface Sent {
  readonly method?: 'GET' | 'POST'
  readonly path?: string
  readonly body?: string
  readonly secret?: string
  /** What is signed, where it is not the ordinary. */
  readonly signed?: Partial<Signed>
  readonly contentType?: string
  /** What is changed after signing. */
  readonly forged?: { readonly path?: string; readonly body?: string; readonly header?: (proof: string) => string }
}

let count = 0

function proven(node: RoutedNode, sent: Sent): Record<string, string> {
  const { method = 'GET', path = '/internal/ping', body } = sent
  count += 1
  const proof = sign(sent.secret ?? SECRET, {
    method,
    path,
    to: node.incarnation,
    time: Date.now(),
    sender: 'sender-of-these-tests',
    count,
    bodyHash: body === undefined ? null : hashOf(body),
    leftMs: null,
    epoch: 0n,
    planned: false,
    ...sent.signed,
  })
  return {
    [NODE_HEADER]: sent.forged?.header?.(proof) ?? proof,
    ...(body === undefined ? {} : { 'content-type': sent.contentType ?? 'application/json' }),
  }
}

async function send(node: RoutedNode, sent: Sent) {
  const { method = 'GET', path = '/internal/ping' } = sent
  const body = sent.forged?.body ?? sent.body
  const answer = await request(`${node.url}${sent.forged?.path ?? path}`, {
    method,
    headers: proven(node, sent),
    body: body ?? null,
  })
  return { status: answer.statusCode, body: (await answer.body.json()) as Record<string, unknown> }
}

async function one(t: Pick<Test, 'teardown'>) {
  const c = cluster(t)
  return { c, node: await c.node('a') }
}

t.test('who does not prove that they are a node gets 401 and nothing else', async (t) => {
  const { c, node } = await one(t)
  const user = await c.owned(node)
  const ask = { method: 'POST', path: '/internal/ask', body: writeCommand('session.status', user, {}) } as const
  t.equal((await send(node, ask)).status, 200)
  t.equal((await send(node, {})).status, 200)
  const asked = node.local.asked.length

  for (const path of ['/internal/ping', '/internal/active', `/internal/watch/${user}`, '/internal/nothing', '/'])
    t.equal((await fetch(`${node.url}${path}`)).status, 401, path)
  t.equal((await fetch(`${node.url}/internal/ask`, { method: 'POST', body: ask.body })).status, 401)
  const cases: readonly (readonly [string, Sent])[] = [
    ['another secret', { ...ask, secret: 'x'.repeat(40) }],
    ['another body', { ...ask, forged: { body: writeCommand('session.restart', user, {}) } }],
    ['another path', { path: '/internal/ping', forged: { path: '/internal/active' } }],
    ['"planned for you" added', { ...ask, forged: { header: (proof) => proof.replace(/ 0 ([\w-]+)$/, ' p0 $1') } }],
    [
      'more time given',
      { ...ask, signed: { leftMs: 1 }, forged: { header: (proof) => proof.replace(' 1 0 ', ' 9999 0 ') } },
    ],
    ['no signature', { ...ask, forged: { header: (proof) => proof.slice(0, proof.lastIndexOf(' ') + 1) } }],
    ['a short sender', { ...ask, signed: { sender: 'abc' } }],
    ['too old', { ...ask, signed: { time: Date.now() - 31_000 } }],
    ['from the future', { ...ask, signed: { time: Date.now() + 31_000 } }],
  ]
  for (const [name, sent] of cases) t.match(await send(node, sent), { status: 401 }, name)
  t.equal(node.local.asked.length, asked, 'nothing was carried out')
})

t.test('a request that was recorded counts once, and nowhere else', async (t) => {
  const { c, node } = await one(t)
  const other = await c.node('b')
  const user = await c.owned(node)
  const body = writeCommand('session.disconnect', user, { unlink: true })
  const headers = proven(node, { method: 'POST', path: '/internal/ask', body })
  const replay = (url: string) => request(`${url}/internal/ask`, { method: 'POST', headers, body })
  t.equal((await replay(node.url)).statusCode, 200)
  t.equal((await replay(node.url)).statusCode, 401)
  const elsewhere = await replay(other.url)
  t.equal(elsewhere.statusCode, 421, 'it was meant for another process')
  t.same(await elsewhere.body.json(), { type: 'moved', incarnation: null, epoch: null })
  t.equal(node.local.asked.length, 1)
  t.equal(other.local.asked.length, 0)
})

t.test('the public server knows nothing of /internal, and the internal one nothing of the API', async (t) => {
  const { c, node } = await one(t)
  const user = await c.owned(node)
  const { call } = await testApp(t)
  for (const path of ['/internal/ping', '/internal/active', `/internal/watch/${user}`]) {
    t.equal((await call({ url: path })).status, 404, path)
    t.equal((await call({ url: path, headers: proven(node, { path }) })).status, 404, `${path}, proven`)
  }
  const body = writeCommand('session.status', user, {})
  t.equal((await call({ method: 'POST', url: '/internal/ask', payload: body })).status, 404)
  t.equal((await send(node, { path: '/health' })).status, 404)
  t.equal((await send(node, { path: '/api/whatsapp/status' })).status, 404)
})

t.test('a wrong owner says whose it is, or that nobody has it, and takes only what was planned for it', async (t) => {
  const { c, node } = await one(t)
  const other = await c.node('b')
  const user = await c.owned(other)
  const ask = (id: UserId, signed: Partial<Signed> = {}) =>
    send(node, { method: 'POST', path: '/internal/ask', body: writeCommand('session.status', id, {}), signed })
  const epoch = String(c.store.owners.get(user)?.epoch)
  t.match(await ask(user), { status: 421, body: { type: 'moved', incarnation: other.incarnation, epoch } })
  t.match(await ask(user, { planned: true }), { status: 421, body: { incarnation: other.incarnation } })
  t.match(await ask(SOMEBODY), { status: 421, body: { incarnation: null, epoch: null } })
  t.notOk(c.store.owners.has(SOMEBODY))
  t.match(await ask(SOMEBODY, { planned: true }), { status: 200, body: { type: 'value' } })
  t.equal(c.store.owners.get(SOMEBODY)?.incarnation, node.incarnation)
  // A later epoch than ours is known out there: we have lost it and did not hear yet.
  c.store.owners.set(SOMEBODY, { incarnation: other.incarnation, epoch: 9_000n })
  t.match(await ask(SOMEBODY, { epoch: 9_000n }), { status: 421, body: { epoch: '9000' } })
})

t.test('what is newer is 501, what is broken is 400, what has no time left is 408 and not begun', async (t) => {
  const { c, node } = await one(t)
  const user = await c.owned(node)
  const ask = (envelope: unknown, signed: Partial<Signed> = {}) =>
    send(node, { method: 'POST', path: '/internal/ask', body: JSON.stringify(envelope), signed })
  const status = { v: 1, name: 'session.status', user, body: {} }
  t.equal((await ask({ ...status, name: 'session.dance' })).status, 501)
  t.equal((await ask({ ...status, name: 'toString' })).status, 501)
  t.equal((await ask({ ...status, v: 2 })).status, 501)
  t.equal(
    (await ask({ ...status, extra: 1, body: { unheard: 'of' } })).status,
    200,
    'fields of a newer node are ignored',
  )
  t.equal((await ask({ ...status, user: 'me' })).status, 400)
  t.equal((await ask({ ...status, name: 'session.disconnect' })).status, 400)
  t.equal((await ask(null)).status, 400)
  t.equal((await ask(status, { leftMs: 5 })).status, 408)
  t.equal((await ask(status, { leftMs: 0 })).status, 408)
  t.equal(node.local.asked.length, 1)
})

t.test(
  'a watch numbers its events with the epoch, keeps the newest for a slow reader, and says where the session went',
  async (t) => {
    const c = cluster(t)
    const node = await c.node('a', { policy: { routing: { pingMs: 20 } } })
    const other = await c.node('b')
    const user = await c.owned(node, 'disconnected')
    const path = `/internal/watch/${user}`
    const events = await readEvents(`${node.url}${path}`, proven(node, { path }))
    t.equal(events.status, 200)
    t.match(await events.next(), { event: 'status', data: { type: 'status', state: 'disconnected' } })
    const epoch = String(c.store.owners.get(user)?.epoch)
    t.match(events.body(), `id: ${epoch}.1\n`)
    await until('a comment', () => events.comments() > 0)

    events.pause()
    const filler = 'x'.repeat(50_000)
    const last = 400
    for (let number = 1; number <= last; number += 1)
      node.local.play(user, {
        type: 'qr',
        qr: `${number}-${filler}`,
        expiresAt: '2026-01-31T12:00:00.000Z',
        attempt: number,
      })
    events.resume()
    const seen: number[] = []
    while (seen.at(-1) !== last) seen.push((await events.next()).data.attempt)
    t.ok(seen.length < last / 2, `${seen.length} of ${last} events were kept`)

    await c.move(user, node, other)
    t.match(await events.next(), { event: 'moved', data: { incarnation: other.incarnation } })
    await events.ended()
    t.equal(node.local.watchers(user), 0)
  },
)

t.test('the end of the listener ends its streams', async (t) => {
  const { c, node } = await one(t)
  const user = await c.owned(node, 'disconnected')
  const path = `/internal/watch/${user}`
  const events = await readEvents(`${node.url}${path}`, proven(node, { path }))
  await events.next()
  await node.internal.close()
  await events.ended()
  t.equal(node.local.watchers(user), 0)
})

t.test('nodes with different secrets do not hear each other', async (t) => {
  const { c, node } = await one(t)
  const stranger = await c.node('stranger', { secret: 'another secret of another cluster, as long' })
  t.equal(await stranger.transport.ping(node, 1_000), false)
  t.equal(await node.transport.ping(node, 1_000), true)
  const user = await c.owned(node)
  t.match(await stranger.sessions.ask(user, 'session.status', {}), { ok: false, refusal: { code: 'owner-moved' } })
  t.equal(await stranger.transport.active(node, 1_000), null)
  t.equal((await node.transport.active(node, 1_000))?.length, 1)
})

t.test('a node that starts listens, proves who asks, and has nothing to say yet', async (t) => {
  const { c, node } = await one(t)
  const other = await c.node('b')
  const user = await c.owned(node)
  node.state.starting = true
  t.match(await send(node, {}), { status: 503, body: { type: 'starting' } })
  t.equal((await fetch(`${node.url}/internal/ping`)).status, 401)
  t.match(await other.sessions.ask(user, 'session.status', {}), { ok: false, refusal: { code: 'overloaded' } })
  node.state.starting = false
  t.match(await other.sessions.ask(user, 'session.status', {}), { ok: true })
})

t.test('a command that is too large, or no JSON, is refused before it is read', async (t) => {
  const { c, node } = await one(t)
  const user = await c.owned(node)
  const large = JSON.stringify({ v: 1, name: 'session.status', user, body: { filler: 'x'.repeat(1_000_001) } })
  t.equal((await send(node, { method: 'POST', path: '/internal/ask', body: large })).status, 413)
  const body = writeCommand('session.status', user, {})
  const text = {
    method: 'POST',
    path: '/internal/ask',
    body,
    contentType: 'text/plain',
  } as const
  t.equal((await send(node, text)).status, 415)
  t.equal(node.local.asked.length, 0)
  t.equal((await send(node, { method: 'POST', path: '/internal/ask', body })).status, 200, 'the door goes on')
})
