import t, { type Test } from 'tap'
import { uuidv7 } from 'uuidv7'
import { testApp } from '../../support/app.ts'
import { chat } from '../../support/shop.ts'

const CONVERSATIONS = '/api/whatsapp/conversations'

async function team(t: Test) {
  const it = await testApp(t)
  const admin = await it.person('admin')
  const manager = await it.person('manager')
  const me = await it.person('employee', { managerId: manager.id })
  const other = await it.person('employee')
  const ana = await chat(it.db, it.organization, me.id, '+15550100101', ['one', 'two', 'three'])
  const foreign = await chat(it.db, it.organization, other.id, '+15550100102', ['private'])
  const audited = async (action: string) =>
    (
      await it.db.rows<{ actor_id: string; subject: string | null }>('select * from audit_log where action = ?', [
        action,
      ])
    ).map(({ actor_id, subject }) => [actor_id, subject])
  return { ...it, admin, manager, me, other, ana, foreign, audited }
}

t.test('a conversation shows whom it is with, masked, and what was said last', async (t) => {
  const { call, me, ana } = await team(t)
  const { body } = await call({ url: CONVERSATIONS, as: me.token })
  t.match(body, {
    data: [
      {
        id: ana.conversationId,
        customer: { id: ana.customerId, name: 'Customer +15550100101', phoneMasked: '+1•••••0101', optedOut: false },
        userId: me.id,
        lastMessage: { text: 'three', author: 'customer', at: '2026-01-31T12:00:02.000Z' },
        unread: 3,
        owner: 'bot',
        botPausedUntil: null,
        openOrders: 0,
      },
    ],
    page: { limit: 25, nextCursor: null },
  })
})

t.test('messages come newest first and page backwards', async (t) => {
  const { call, me, ana } = await team(t)
  const url = `${CONVERSATIONS}/${ana.conversationId}/messages`
  const read = async (query: string) => (await call({ url: `${url}${query}`, as: me.token })).body
  const texts = (body: { data: { text: string }[] }) => body.data.map(({ text }) => text)
  const all = await read('')
  t.same(texts(all), ['three', 'two', 'one'])
  t.match(all.data[0], {
    direction: 'in',
    author: 'customer',
    type: 'text',
    status: 'received',
    quoted: null,
    orderId: null,
  })
  const first = await read('?limit=2')
  t.same(texts(first), ['three', 'two'])
  t.same(texts(await read(`?limit=2&cursor=${first.page.nextCursor}`)), ['one'])
  t.same(texts(await read(`?before=${all.data[1].id}`)), ['one'])
  t.same(texts(await read(`?after=${all.data[2].id}`)), ['three', 'two'])
  const newer = await read(`?after=${all.data[2].id}&limit=1`)
  t.same(texts(newer), ['two'])
  t.same(texts(await read(`?cursor=${newer.page.nextCursor}`)), ['three'])
  t.match(await read('?before=yesterday'), { status: 400 })
})

t.test('another’s conversation is not there; a manager’s and an admin’s look is written down', async (t) => {
  const { call, me, other, manager, admin, ana, foreign, audited } = await team(t)
  const read = (as: string, id: string) => call({ url: `${CONVERSATIONS}/${id}/messages`, as })
  const refused = await read(me.token, foreign.conversationId)
  t.match(refused.body, { status: 404, code: 'conversation-not-found' })
  t.notMatch(refused.text, /private/)
  t.match((await read(me.token, uuidv7())).body, { status: 404, code: 'conversation-not-found' })
  t.match((await read(me.token, 'no-id')).body, { status: 404 })
  t.match((await read(manager.token, foreign.conversationId)).body, { status: 404 })
  t.equal((await read(me.token, ana.conversationId)).status, 200)
  t.same(await audited('conversation.read'), [])
  t.equal((await read(manager.token, ana.conversationId)).status, 200)
  t.equal((await read(admin.token, foreign.conversationId)).status, 200)
  t.same(await audited('conversation.read'), [
    [manager.id, ana.conversationId],
    [admin.id, foreign.conversationId],
  ])
  t.ok(other)
})

t.test('lists hold what is in the scope and nothing else', async (t) => {
  const { call, me, other, manager, admin, ana, foreign, audited } = await team(t)
  const list = async (as: string, query = '') => {
    const { body } = await call({ url: `${CONVERSATIONS}${query}`, as })
    return body.data.map(({ id }: { id: string }) => id).sort()
  }
  t.same(await list(me.token), [ana.conversationId])
  t.same(await list(other.token), [foreign.conversationId])
  t.same(await list(me.token, `?userId=${other.id}`), [])
  t.same(await list(me.token, '?q=0102'), [])
  t.same(await audited('conversations.list'), [])
  t.same(await list(manager.token), [ana.conversationId])
  t.same(await list(admin.token), [ana.conversationId, foreign.conversationId].sort())
  t.equal((await audited('conversations.list')).length, 2)
})

t.test('read marks are one’s own', async (t) => {
  const { call, me, manager, ana } = await team(t)
  const mark = (as: string) => call({ method: 'POST', url: `${CONVERSATIONS}/${ana.conversationId}/read`, as })
  const unread = async () => (await call({ url: `${CONVERSATIONS}?unread=true`, as: me.token })).body.data.length
  t.equal((await mark(manager.token)).status, 404)
  t.equal(await unread(), 1)
  const done = await mark(me.token)
  t.equal(done.status, 204)
  t.equal(done.text, '')
  t.equal(await unread(), 0)
})

t.test('the bot is paused in a chat for a time, and resumed', async (t) => {
  const { call, db, me, other, manager, ana, clock, organization } = await team(t)
  const patch = (as: string, payload: object, headers = {}) =>
    call({ method: 'PATCH', url: `${CONVERSATIONS}/${ana.conversationId}`, payload, headers, as })
  clock.now = new Date()
  const paused = await patch(me.token, { botPaused: true })
  t.equal(paused.status, 200)
  t.match(paused.body.conversation, {
    owner: 'human',
    botPausedUntil: new Date(clock.now.getTime() + 30 * 60_000).toISOString(),
    version: 2,
  })
  t.equal(paused.headers['etag'], '"2"')
  t.match((await patch(manager.token, { pauseMinutes: 5 })).body.conversation, {
    botPausedUntil: new Date(clock.now.getTime() + 5 * 60_000).toISOString(),
  })
  Object.assign(organization, {
    settings: { ...organization.settings, bot: { ...organization.settings.bot, pauseMinutes: 7 } },
  })
  t.match((await patch(me.token, { botPaused: true })).body.conversation, {
    botPausedUntil: new Date(clock.now.getTime() + 7 * 60_000).toISOString(),
  })
  await db.run(`update conversations set attention = '{cart}', handoff_at = now() where id = ?`, [ana.conversationId])
  const waits = async (yes: string) =>
    (await call({ url: `${CONVERSATIONS}?attention=${yes}`, as: me.token })).body.data.map(
      (row: { attention: string[] }) => row.attention,
    )
  t.same(await waits('true'), [['handoff', 'cart']])
  t.same(await waits('false'), [])
  t.equal((await patch(me.token, { botPaused: false }, { 'if-match': '"1"' })).status, 412)
  t.match((await patch(me.token, { botPaused: false })).body.conversation, {
    owner: 'bot',
    botPausedUntil: null,
    attention: [],
  })
  t.match((await patch(me.token, { language: 'ar' })).body.conversation, { customer: { language: 'ar' } })
  t.equal((await patch(other.token, { botPaused: true })).status, 404)
  t.match((await patch(me.token, { botPaused: false, pauseMinutes: 5 })).body, { code: 'validation-failed' })
  t.match((await patch(me.token, { pauseMinutes: 0 })).body, { code: 'validation-failed' })
  const told = await db.rows<{ user_id: string }>(`select user_id from event_log where type = 'conversation.updated'`)
  t.equal(told.length, 5)
  t.ok(told.every(({ user_id }) => user_id === me.id))
})

t.test('a conversation that is assigned is seen by whom it was given to, and only then', async (t) => {
  const { call, me, other, manager, admin, ana, foreign } = await team(t)
  const patch = (as: string, id: string, assigneeId: string | null) =>
    call({ method: 'PATCH', url: `${CONVERSATIONS}/${id}`, payload: { assigneeId }, as })
  const list = async (as: string) =>
    (await call({ url: CONVERSATIONS, as })).body.data.map(({ id }: { id: string }) => id)
  t.match((await patch(me.token, ana.conversationId, other.id)).body, { status: 422, code: 'unknown-user' })
  t.equal((await patch(me.token, ana.conversationId, manager.id)).body.conversation.assigneeId, manager.id)
  t.same(await list(other.token), [foreign.conversationId])
  t.equal((await patch(admin.token, ana.conversationId, other.id)).status, 200)
  t.same((await list(other.token)).sort(), [ana.conversationId, foreign.conversationId].sort())
  t.equal((await call({ url: `${CONVERSATIONS}/${ana.conversationId}/messages`, as: other.token })).status, 200)
  t.equal((await call({ url: `/api/customers/${ana.customerId}`, as: other.token })).status, 200)
  t.equal((await patch(admin.token, ana.conversationId, null)).status, 200)
  t.same(await list(other.token), [foreign.conversationId])
  t.equal((await call({ url: `/api/customers/${ana.customerId}`, as: other.token })).status, 404)
})

t.test('the conversation of somebody who is no contact any more is an archive', async (t) => {
  const { call, me, ana } = await team(t)
  await call({ method: 'DELETE', url: `/api/whatsapp/contacts/${ana.contactId}`, as: me.token })
  const list = async (query: string) => (await call({ url: `${CONVERSATIONS}${query}`, as: me.token })).body.data
  t.same(await list(''), [])
  t.match(await list('?archived=true'), [{ id: ana.conversationId, archived: true }])
})
