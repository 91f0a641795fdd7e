import t from 'tap'
import { testApp } from '../../support/app.ts'
import { chat } from '../../support/shop.ts'

const connect = { method: 'POST' as const, url: '/api/whatsapp/connect' }
const disconnect = { method: 'POST' as const, url: '/api/whatsapp/disconnect' }
const status = { url: '/api/whatsapp/status' }

t.test('connect is 202 while it goes on and 200 when it is open, again and again', async (t) => {
  const { call, person, sessions, db } = await testApp(t)
  const me = await person('employee')
  const first = await call({ ...connect, as: me.token })
  t.equal(first.status, 202)
  t.match(first.body.session, { state: 'connecting', qrUrl: '/api/whatsapp/qr', startedAt: /Z$/ })
  t.equal((await call({ ...connect, as: me.token, payload: {} })).status, 202)
  const empty = await call({ ...connect, as: me.token, headers: { 'content-type': 'application/json' } })
  t.equal(empty.status, 202, 'a JSON header without a body is no error')
  sessions.put(me.id, { state: 'open', phoneNumber: '+15550100100' })
  const open = await call({ ...connect, as: me.token })
  t.equal(open.status, 200)
  t.match(open.body.session, { state: 'open', phoneNumber: '+15550100100' })
  const rows = await db.rows(`select 1 from audit_log where action = 'session.connect' and actor_id = ?`, [me.id])
  t.equal(rows.length, 4)
})

t.test('refusals of the session are told', async (t) => {
  const { call, person, sessions } = await testApp(t)
  const me = await person('employee')
  sessions.refuseNext('session.connect', 'mailbox-full')
  t.match((await call({ ...connect, as: me.token })).body, { status: 503, code: 'mailbox-full' })
  sessions.refuseNext('session.status', 'session-timeout')
  t.match((await call({ ...status, as: me.token })).body, { status: 503, code: 'session-timeout' })
})

t.test('disconnect keeps the link unless told otherwise', async (t) => {
  const { call, person, sessions } = await testApp(t)
  const me = await person('employee')
  t.match((await call({ ...disconnect, as: me.token })).body.session, { state: 'disconnected', unlinked: false })
  const unlinked = await call({ ...disconnect, as: me.token, payload: { unlink: true } })
  t.match(unlinked.body.session, { unlinked: true })
  t.same(
    sessions.asked.map(({ body }) => body),
    [{ unlink: false }, { unlink: true }],
  )
  t.match((await call({ ...disconnect, as: me.token, payload: { unlink: 'yes' } })).body, { status: 422 })
})

t.test('status adds what the database knows', async (t) => {
  const { call, person, sessions, db, organization } = await testApp(t)
  const me = await person('employee')
  await chat(db, organization, me.id, '+15550100101', ['hi'])
  const day = new Date().toISOString().slice(0, 10)
  await db.run(`insert into daily_counters values (?, ?, 'skipped_non_contacts', 37)`, [me.id, day])
  sessions.put(me.id, { state: 'open', phoneNumber: '+15550100100', pushName: 'Erin' })
  const { body } = await call({ ...status, as: me.token })
  t.match(body, {
    state: 'open',
    phoneNumber: '+15550100100',
    pushName: 'Erin',
    lastMessageAt: '2026-01-31T12:00:00.000Z',
    queuedOutbound: 0,
    skippedNonContactsToday: 37,
    maxReconnectAttempts: 5,
    nextStep: 'connect',
    bot: { enabled: true },
  })
})

t.test('managers see and stop their team, admins everybody, the others only themselves', async (t) => {
  const { call, person, sessions } = await testApp(t)
  const admin = await person('admin')
  const manager = await person('manager')
  const lead = await person('manager', { managerId: manager.id })
  const member = await person('employee', { managerId: lead.id })
  const stranger = await person('employee')
  const look = async (as: string, userId: string) => (await call({ url: `${status.url}?userId=${userId}`, as })).status
  t.equal(await look(manager.token, member.id), 200, 'at any depth')
  t.equal(await look(manager.token, stranger.id), 404)
  t.equal(await look(member.token, manager.id), 404)
  t.equal(await look(member.token, member.id), 200)
  t.equal(await look(admin.token, stranger.id), 200)
  t.equal(await look(admin.token, '01890000-0000-7000-8000-000000000001'), 404)
  t.equal(await look(admin.token, 'me'), 400)
  const stop = async (as: string, userId: string) => (await call({ ...disconnect, as, payload: { userId } })).status
  t.equal(await stop(member.token, stranger.id), 404)
  t.equal(await stop(manager.token, member.id), 200)
  t.same(sessions.asked.at(-1), { user: member.id, command: 'session.disconnect', body: { unlink: false } })
})
