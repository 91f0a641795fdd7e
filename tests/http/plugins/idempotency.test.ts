import t, { type Test } from 'tap'
import { type Answer, testApp } from '../../support/app.ts'
import { chat } from '../../support/shop.ts'
import { until } from '../../support/until.ts'

async function shop(t: Test) {
  const it = await testApp(t)
  const me = await it.person('employee')
  it.sessions.put(me.id, { state: 'open' })
  const ana = await chat(it.db, it.organization, me.id, '+15550100101', [])
  const send = (key: string, payload: object = { to: ana.contactId, message: 'Hello' }, as = me.token) =>
    it.call({ method: 'POST', url: '/api/whatsapp/send-message', payload, as, headers: { 'idempotency-key': key } })
  const sent = () => it.sessions.asked.filter(({ command }) => command === 'message.send').length
  return { ...it, me, ana, send, sent }
}
const replayed = ({ headers }: Answer) => headers['idempotency-replayed'] === 'true'

t.test('the same request again gets the first answer and does nothing', async (t) => {
  const { send, sent, ana } = await shop(t)
  const first = await send('k1')
  const second = await send('k1', { message: 'Hello', to: ana.contactId })
  t.equal(second.status, 202)
  t.same(second.body, first.body)
  t.match(second.headers['content-type'], /^application\/json/)
  t.same([replayed(first), replayed(second)], [false, true])
  t.equal(sent(), 1)
  t.equal(replayed(await send('k2')), false)
  t.equal(sent(), 2)
})

t.test('another body under the same key is refused', async (t) => {
  const { send, sent, ana } = await shop(t)
  await send('k1')
  const other = await send('k1', { to: ana.contactId, message: 'Something else' })
  t.match(other.body, { status: 422, code: 'idempotency-key-reused' })
  t.equal(sent(), 1)
})

t.test('a request that still runs makes the second one wait', async (t) => {
  const { send, sessions } = await shop(t)
  const { ask } = sessions
  let go = () => {}
  const gate = new Promise<void>((resolve) => {
    go = resolve
  })
  let reached = () => {}
  const running = new Promise<void>((resolve) => {
    reached = resolve
  })
  Object.assign(sessions, {
    ask: async (...args: Parameters<typeof ask>) => {
      reached()
      await gate
      return ask(...args)
    },
  })
  const first = send('k1')
  await running
  const second = await send('k1')
  t.match(second.body, { status: 409, code: 'request-in-progress' })
  t.ok(second.headers['retry-after'])
  go()
  t.equal((await first).status, 202)
  t.equal(replayed(await send('k1')), true)
})

t.test('what was refused or failed is not kept: the key may try again', async (t) => {
  const { send, sent, sessions, me } = await shop(t)
  sessions.refuseNext('message.send', 'session-timeout')
  t.equal((await send('k1')).status, 503)
  sessions.put(me.id, { state: 'disconnected' })
  t.equal((await send('k1')).status, 409)
  sessions.put(me.id, { state: 'open' })
  t.equal((await send('k1')).status, 202)
  t.equal(sent(), 3)
  t.equal(replayed(await send('k1')), true)
})

t.test('a key belongs to its user and its route', async (t) => {
  const { send, call, person, me } = await shop(t)
  const other = await person('employee')
  const add = (as: string) =>
    call({
      method: 'POST',
      url: '/api/whatsapp/contact/add',
      payload: { phoneNumber: '+15550100199', name: 'Zoe' },
      as,
      headers: { 'idempotency-key': 'k1' },
    })
  t.equal((await send('k1')).status, 202)
  const mine = await add(me.token)
  t.equal(mine.status, 201)
  const theirs = await add(other.token)
  t.equal(theirs.status, 201)
  t.not(theirs.body.contact.id, mine.body.contact.id)
  const again = await add(me.token)
  t.equal(again.status, 201, 'not 200: the stored answer')
  t.same(again.body, mine.body)
})

t.test('a product made twice with one key is one product, and its address comes again', async (t) => {
  const { call, me } = await shop(t)
  const make = () =>
    call({
      method: 'POST',
      url: '/api/products',
      payload: { name: 'Lamp', price: 5 },
      as: me.token,
      headers: { 'idempotency-key': 'p1' },
    })
  const [first, second] = [await make(), await make()]
  t.equal(second.status, 201)
  t.equal(second.headers['location'], first.headers['location'])
  t.equal((await call({ url: '/api/products' })).body.data.length, 1)
})

t.test('twenty at once have one effect', async (t) => {
  const { send, sent } = await shop(t)
  const answers = await Promise.all(Array.from({ length: 20 }, () => send('k1')))
  t.equal(sent(), 1)
  t.same(
    [...new Set(answers.map(({ status }) => status))].sort().filter((status) => status !== 202 && status !== 409),
    [],
  )
})

t.test('a key that is none is refused', async (t) => {
  const { send, sent } = await shop(t)
  for (const key of ['', 'a b', 'é', 'x'.repeat(201)]) {
    const { body } = await send(key)
    t.match(body, { status: 400, code: 'invalid-parameter' }, JSON.stringify(key))
  }
  t.equal(sent(), 0)
})

t.test(
  'a key that could not be given back, because the database was away, is given back when it is there again',
  async (t) => {
    const { send, sessions, db } = await shop(t)
    const { ask } = sessions
    const { run } = db
    Object.assign(sessions, {
      ask: async () => {
        Object.assign(db, { run: () => Promise.reject(new Error('away')) })
        return { ok: false, refusal: { code: 'database-unavailable', message: 'Away.' } }
      },
    })
    t.equal((await send('k1')).status, 503)
    Object.assign(sessions, { ask })
    Object.assign(db, { run })
    await until('the same request runs', async () => (await send('k1')).status === 202)
  },
)
