import t, { type Test } from 'tap'
import { uuidv7 } from 'uuidv7'
import { testApp } from '../../support/app.ts'
import { chat } from '../../support/shop.ts'

const url = '/api/whatsapp/send-message'

async function shop(t: Test) {
  const it = await testApp(t)
  const me = await it.person('employee')
  it.sessions.put(me.id, { state: 'open' })
  const ana = await chat(it.db, it.organization, me.id, '+15550100101', ['hi'])
  const send = (payload: object, headers = {}) => it.call({ method: 'POST', url, payload, as: me.token, headers })
  const sent = () => it.sessions.asked.filter(({ command }) => command === 'message.send').map(({ body }) => body)
  return { ...it, me, ana, send, sent }
}

t.test('a message goes to a phone, a contact or a conversation, under either name of the fields', async (t) => {
  const { send, sent, ana, me } = await shop(t)
  const answer = await send({ to: '+1 (555) 010-0101', message: 'Hello' })
  t.equal(answer.status, 202)
  t.match(answer.body.message, { status: 'queued', author: 'user', text: 'Hello' })
  await send({ phoneNumber: '0015550100101', text: 'Hello' })
  await send({ to: ana.contactId, message: 'Hello' })
  await send({ to: ana.conversationId.toUpperCase(), message: 'Hello' })
  const author = { kind: 'user', userId: me.id }
  t.match(sent(), [
    { recipient: { phone: '+15550100101' }, text: 'Hello', author, proactive: false },
    { recipient: { phone: '+15550100101' } },
    { recipient: { contactId: ana.contactId } },
    { recipient: { conversationId: ana.conversationId } },
  ])
  t.notOk('idempotencyKey' in Object(sent()[0]))
})

t.test('bad messages get clear answers and reach nobody', async (t) => {
  const { send, sent, person, db, organization, ana } = await shop(t)
  const other = await person('employee')
  const foreign = await chat(db, organization, other.id, '+15550100102', ['secret'])
  const cases: readonly [string, object, number, string][] = [
    ['no number', { to: 'hello', message: 'x' }, 422, 'invalid-phone'],
    ['no country', { to: '5550100', message: 'x' }, 422, 'invalid-phone'],
    ['no text', { to: ana.contactId, message: '  \n ' }, 422, 'empty-message'],
    ['too long', { to: ana.contactId, message: 'x'.repeat(4097) }, 422, 'too-long'],
    ['a text that is none', { to: ana.contactId, message: 7 }, 422, 'validation-failed'],
    ['no message', { to: ana.contactId }, 422, 'validation-failed'],
    ['both names', { to: ana.contactId, message: 'x', text: 'y' }, 422, 'validation-failed'],
    ['an unknown field', { to: ana.contactId, message: 'x', colour: 'red' }, 422, 'validation-failed'],
    ['nobody’s id', { to: uuidv7(), message: 'x' }, 404, 'not-found'],
    ['another’s contact', { to: foreign.contactId, message: 'x' }, 404, 'not-found'],
    ['another’s conversation', { to: foreign.conversationId, message: 'x' }, 404, 'not-found'],
  ]
  for (const [name, payload, status, code] of cases) t.match((await send(payload)).body, { status, code }, name)
  t.same(sent(), [])
  t.equal((await send({ to: ana.contactId, message: 'x'.repeat(4096) })).status, 202)
})

t.test('an admin, too, sends from their own account only', async (t) => {
  const { call, person, ana, sessions } = await shop(t)
  const admin = await person('admin')
  sessions.put(admin.id, { state: 'open' })
  const answer = await call({ method: 'POST', url, payload: { to: ana.conversationId, message: 'x' }, as: admin.token })
  t.match(answer.body, { status: 404 })
})

t.test('refusals of the session become their statuses', async (t) => {
  const { send, sessions, me, ana } = await shop(t)
  const message = { to: ana.contactId, message: 'x' }
  const cases = [
    ['not-a-contact', 422],
    ['contact-opted-out', 409],
    ['session-suspended', 409],
    ['session-timeout', 503],
    ['mailbox-full', 503],
    ['owner-moved', 503],
    ['database-unavailable', 503],
  ] as const
  for (const [code, status] of cases) {
    sessions.refuseNext('message.send', code)
    t.match((await send(message)).body, { status, code }, code)
  }
  sessions.put(me.id, { state: 'disconnected' })
  t.match((await send(message)).body, { status: 409, code: 'whatsapp-not-connected' })
})

t.test('Idempotency-Key goes to the actor, under the name of the route', async (t) => {
  const { send, sent, ana } = await shop(t)
  await send({ to: ana.contactId, message: 'x' }, { 'idempotency-key': 'reply:5' })
  t.match(sent(), [{ idempotencyKey: 'http:send-message:reply:5' }])
})

t.test('the catalogue is sent page by page, or the products asked for', async (t) => {
  const { call, person, sessions, db, organization, sent } = await shop(t)
  const me = await person('manager')
  sessions.put(me.id, { state: 'open' })
  const ana = await chat(db, organization, me.id, '+15550100103', [])
  const send = (payload: object) => call({ method: 'POST', url: '/api/whatsapp/send-catalog', payload, as: me.token })
  t.match((await send({ to: ana.contactId })).body, { status: 422, code: 'nothing-to-send' })
  const ids: string[] = []
  for (let number = 1; number <= 12; number += 1) {
    const payload = { name: `Lamp ${'ABCDEFGHIJKL'[number - 1]}`, price: `${number}.50`, stock: number === 2 ? 0 : 5 }
    const made = await call({ method: 'POST', url: '/api/products', payload, as: me.token })
    ids.push(made.body.product.id)
  }
  const first = await send({ to: ana.contactId })
  t.equal(first.status, 202)
  t.match(first.body, { items: 10, nextPage: 2, messages: [{ status: 'queued' }] })
  const second = await send({ to: ana.contactId, page: 2 })
  t.match(second.body, { items: 2, nextPage: null })
  t.match((await send({ to: ana.contactId, page: 3 })).body, { code: 'nothing-to-send' })
  t.match((await send({ to: ana.contactId, categoryId: uuidv7() })).body, { code: 'nothing-to-send' })
  const chosen = await send({ to: ana.contactId, productIds: ids })
  t.match(chosen.body, { items: 12, nextPage: null })
  t.equal(chosen.body.messages.length, 2)
  const texts = sent().map((body) => Object(body))
  t.match(texts[0], { proactive: true, recipient: { contactId: ana.contactId } })
  t.match(texts[0].text, /Page 1 of 2[\s\S]*1\. Lamp A – \$1\.50[\s\S]*2\. Lamp B[^\n]*out of stock[\s\S]*catalog 2/)
  t.match(texts[1].text, /11\. Lamp K/)
  t.notMatch(texts[2].text, /For the next page/)

  const said = async (to: string) => {
    await send({ to })
    return Object(sent().at(-1)).text
  }
  await db.run(`update customers set language = 'es'`)
  t.match(await said(ana.contactId), /Página 1 de 2[\s\S]*responde: catálogo 2$/)
  t.match(await said('+15550100103'), /Página 1 de 2/)
  t.match(await said(ana.conversationId), /Página 1 de 2/)
  await db.run(`update customers set language = null`)
  await db.run(`update conversations set bot_state = '{"scripts":["a"]}' where id = ?`, [ana.conversationId])
  t.match(await said(ana.contactId), /صفحة 1 من 2/)
  t.match(await said('+15550100199'), /Page 1 of 2/, 'whom nobody knows')
})
