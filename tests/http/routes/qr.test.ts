import t, { type Test } from 'tap'
import type { QrStreamEvent } from '../../../src/actors/session/protocol.ts'
import { type TestOptions, testApp } from '../../support/app.ts'
import { readEvents } from '../../support/sse.ts'
import { until } from '../../support/until.ts'

const qr = (text: string, attempt = 1): QrStreamEvent => ({
  type: 'qr',
  qr: text,
  expiresAt: '2026-01-31T12:01:00.000Z',
  attempt,
})

async function listening(t: Test, options: TestOptions = {}) {
  const it = await testApp(t, options)
  const origin = await it.app.listen({ host: '127.0.0.1', port: 0 })
  const person = await it.person('employee')
  const url = `${origin}/api/whatsapp/qr`
  const open = async (query = '', token = person.token) => {
    const reader = await readEvents(`${url}${query}`, { authorization: `Bearer ${token}` })
    t.teardown(() => reader.close())
    return reader
  }
  return { ...it, url, me: person, open }
}

t.test('shows the QR, its refreshes and the connection, then ends', async (t) => {
  const { open, sessions, me } = await listening(t)
  const stream = await open('?connect=1')
  t.equal(stream.status, 200)
  t.match(stream.headers, {
    'content-type': /^text\/event-stream/,
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    'x-request-id': /./,
    'x-content-type-options': 'nosniff',
  })
  t.match(await stream.next(), { event: 'status', data: { state: 'connecting' } })
  t.equal(sessions.asked.filter(({ command }) => command === 'session.connect').length, 1)
  sessions.play(me.id, qr('2@first'))
  const first = await stream.next()
  t.match(first, { event: 'qr', data: { qr: '2@first', attempt: 1, expiresAt: '2026-01-31T12:01:00.000Z' } })
  t.match(first.data.image, /^data:image\/png;base64,iVBOR/)
  sessions.play(me.id, qr('2@second', 2))
  t.match(await stream.next(), { event: 'qr', data: { qr: '2@second', attempt: 2 } })
  sessions.play(me.id, { type: 'connected', phoneNumber: '+15550100100', pushName: 'Erin' })
  t.same(await stream.next(), { event: 'connected', data: { phoneNumber: '+15550100100', pushName: 'Erin' } })
  await stream.ended()
  await until('nobody listens any more', () => sessions.watchers(me.id) === 0)
})

t.test('without a started session it says so, stays, and shows a later connect', async (t) => {
  const { open, sessions, me } = await listening(t)
  const stream = await open()
  t.match(await stream.next(), { event: 'status', data: { state: 'disconnected', message: /connect/ } })
  t.same(
    sessions.asked.filter(({ command }) => command === 'session.connect'),
    [],
    'looking does not connect',
  )
  sessions.play(me.id, qr('2@later'))
  t.match(await stream.next(), { event: 'qr', data: { qr: '2@later' } })
})

t.test('expired and error end the stream with what to do', async (t) => {
  const { open, sessions, me } = await listening(t)
  const late = await open()
  await late.next()
  sessions.play(me.id, { type: 'expired', reason: 'qr_attempts_exhausted', message: 'Press connect again.' })
  t.match(await late.next(), { event: 'expired', data: { reason: 'qr_attempts_exhausted', message: /connect/ } })
  await late.ended()
  const banned = await open()
  t.match(await banned.next(), { event: 'expired' }, 'the present state is told at once')
  await banned.ended()
})

t.test('what was overtaken, and what follows the end in the same breath, is not told', async (t) => {
  const { open, sessions, me } = await listening(t)
  const stream = await open()
  await stream.next()
  sessions.play(me.id, qr('2@overtaken'))
  sessions.play(me.id, qr('2@newest', 2))
  t.match(await stream.next(), { event: 'qr', data: { qr: '2@newest' } }, 'of two at once the newer')
  sessions.play(me.id, qr('2@overtaken', 3))
  sessions.play(me.id, { type: 'connected', phoneNumber: '+15550100100', pushName: null })
  sessions.play(me.id, { type: 'status', state: 'open', message: 'Connected.' })
  t.match(await stream.next(), { event: 'connected' })
  await stream.ended()
  t.notMatch(stream.body(), /overtaken|"state":"open"/)
})

t.test('several listeners all see it; one that goes away stops being told; too many are refused', async (t) => {
  const { open, sessions, me } = await listening(t, { http: { qrStreamsPerUser: 3 } })
  const streams = await Promise.all([open(), open(), open()])
  for (const stream of streams) await stream.next()
  t.equal(sessions.watchers(me.id), 3)
  const fourth = await open()
  t.equal(fourth.status, 429)
  await fourth.ended()
  t.match(JSON.parse(fourth.body()), { code: 'too-many-streams' })
  sessions.play(me.id, qr('2@all'))
  for (const stream of streams) t.match(await stream.next(), { event: 'qr', data: { qr: '2@all' } })
  streams[0]?.close()
  await until('the one that went away is forgotten', () => sessions.watchers(me.id) === 2)
  const again = await open()
  t.equal(again.status, 200, 'its place is free')
})

t.test('nobody sees the QR of somebody else', async (t) => {
  const { open, sessions, me, call } = await listening(t)
  const other = await call({
    method: 'POST',
    url: '/api/auth/signup',
    payload: { email: 'o@x.test', password: 'correct horse battery' },
  })
  const mine = await open()
  const theirs = await open('', other.body.token)
  await mine.next()
  await theirs.next()
  sessions.play(me.id, qr('2@mine'))
  t.match(await mine.next(), { event: 'qr' })
  sessions.play(other.body.user.id, { type: 'status', state: 'connecting', message: 'Connecting.' })
  t.match(await theirs.next(), { event: 'status', data: { state: 'connecting' } })
  t.notMatch(theirs.body(), /2@mine/)
})

t.test('a ticket opens one stream, once, for a minute', async (t) => {
  const { url, call, me, clock } = await listening(t)
  const ticket = async (stream = 'qr') =>
    (await call({ method: 'POST', url: '/api/auth/sse-ticket', payload: { stream }, as: me.token })).body.ticket
  const once = await ticket()
  const stream = await readEvents(`${url}?ticket=${once}`)
  t.teardown(() => stream.close())
  t.match(await stream.next(), { event: 'status' })
  const refused = async (query: string) => {
    const reader = await readEvents(`${url}${query}`)
    await reader.ended()
    return JSON.parse(reader.body()).code
  }
  t.equal(await refused(`?ticket=${once}`), 'ticket-invalid', 'the second time')
  t.equal(await refused(`?ticket=${await ticket('events')}`), 'ticket-invalid', 'of another stream')
  t.equal(await refused('?ticket=guessed'), 'ticket-invalid')
  t.equal(await refused(''), 'unauthenticated')
  t.equal(await refused(`?token=${me.token}`), 'unauthenticated', 'an access token in the address counts nothing')
  const late = await ticket()
  clock.now = new Date(clock.now.getTime() + 61_000)
  t.equal(await refused(`?ticket=${late}`), 'ticket-invalid', 'after a minute')
})

t.test('the stream ends when the token expires', async (t) => {
  const { open } = await listening(t, { environment: { JWT_EXPIRES_IN: '4s' } })
  const stream = await open()
  await stream.next()
  t.match(await stream.next(), { event: 'auth-expired' })
  await stream.ended()
})

t.test('a demotion ends the stream within a ping', async (t) => {
  const { open, db, me } = await listening(t, { http: { pingMs: 20 } })
  const stream = await open()
  await stream.next()
  await until('pings come', () => stream.comments() > 2)
  await db.run(`update users set status = 'disabled' where id = ?`, [me.id])
  t.match(await stream.next(), { event: 'auth-expired' })
  await stream.ended()
})

t.test('closing the server ends the streams and does not wait for their readers', async (t) => {
  const { open, app, sessions, me } = await listening(t)
  const stream = await open()
  await stream.next()
  await app.close()
  await stream.ended()
  t.equal(sessions.watchers(me.id), 0)
})

t.test('a slow reader gets the newest, not all', async (t) => {
  const { open, sessions, me } = await listening(t)
  const stream = await open()
  await stream.next()
  stream.pause()
  const big = 'x'.repeat(200_000)
  for (let number = 0; number < 200; number += 1)
    sessions.play(me.id, { type: 'status', state: 'connecting', message: `${number} ${big}` })
  stream.resume()
  let seen = 0
  for (;;) {
    const { data } = await stream.next()
    seen += 1
    if (String(data.message).startsWith('199 ')) break
  }
  t.ok(seen < 150, `${seen} of 200 were told`)
})

t.test('one snapshot for those who cannot stream', async (t) => {
  const { call, sessions, me } = await listening(t)
  const ask = (query = '') =>
    call({ url: `/api/whatsapp/qr${query}`, as: me.token, headers: { accept: 'application/json' } })
  t.match((await ask()).body, { state: 'disconnected', qr: null, image: null, expiresAt: null })
  sessions.play(me.id, qr('2@now'))
  t.match((await ask()).body, { state: 'pairing', qr: '2@now', image: /^data:image\/png/, expiresAt: /^2026/ })
  await until('the snapshot has stopped listening', () => sessions.watchers(me.id) === 0)
  sessions.refuseNext('session.connect', 'session-timeout')
  t.match((await ask('?connect=1')).body, { status: 503, code: 'session-timeout' })
})

t.test('a customer has no session to pair', async (t) => {
  const { call } = await testApp(t)
  const made = await call({
    method: 'POST',
    url: '/api/auth/signup',
    payload: { email: 'c@x.test', password: 'correct horse battery', role: 'customer' },
  })
  t.match((await call({ url: '/api/whatsapp/qr', as: made.body.token })).body, { status: 403, code: 'forbidden' })
})
