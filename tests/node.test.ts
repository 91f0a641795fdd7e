import t from 'tap'
import { installation, listen } from './support/node.ts'
import { relay } from './support/relay.ts'
import { findAnywhere } from './support/scan.ts'
import { until } from './support/until.ts'

const ERIN = '+1 555 010 0000'
const AMAL = '+15550101111'
const LUIS = '+15550102222'
const STRANGER = '+15550103333'

async function shop(t: Parameters<typeof installation>[0]) {
  const { simulator, database, start } = await installation(t)
  const between = await relay(t, database.url)
  const node = await start({ DATABASE_URL: between.url })
  const { token, userId } = await node.signUp('nour@company.com')
  await node.pair(token, ERIN)
  for (const [name, price, stock] of [
    ['Gaming Laptop', '1299.00', 8],
    ['Blue Mug', '12.00', 40],
  ] as const) {
    const made = await node.call('POST', '/api/products', { token, body: { name, price, stock } })
    if (made.status !== 201) throw new Error(JSON.stringify(made.body))
  }
  const add = (phoneNumber: string, name: string) =>
    node.call('POST', '/api/whatsapp/contact/add', { token, body: { phoneNumber, name } })
  await add(AMAL, 'Amal')
  return { simulator, database, between, start, node, token, userId, add, erin: simulator.phone(ERIN) }
}

t.test('the main job: a customer orders in chat, staff read it over HTTP, and a restart loses nothing', async (t) => {
  const { simulator, start, node, token, add, database } = await shop(t)
  await add(LUIS, 'Luis')
  const amal = simulator.customer(AMAL, { addressing: 'pn' })
  const luis = simulator.customer(LUIS, { addressing: 'lid', withAlternative: true })
  const stranger = simulator.customer(STRANGER)

  await amal.send(ERIN, 'hi')
  await amal.waitForReply(/Welcome/)
  await amal.send(ERIN, 'catalog')
  t.match((await amal.waitForReply(/Gaming Laptop/)).text, /\$1,299\.00/)
  await amal.send(ERIN, 'ORDER Gaming Laptop:1, Blue Mug:2')
  t.match(
    (await amal.waitForReply(/Thank you/)).text,
    /ORD-\d{6}[\s\S]*1 × Gaming Laptop[\s\S]*2 × Blue Mug[\s\S]*\$1,323\.00/,
  )
  await amal.send(ERIN, 'status')
  await amal.waitForReply(/ORD-\d{6}/)
  await amal.send(ERIN, 'ORDER Flying Carpet:1')
  await amal.waitForReply(/could not find "Flying Carpet"/)

  await luis.send(ERIN, 'order blue mug:39')
  await luis.waitForReply(/Only 38 left/)
  await stranger.send(ERIN, 'ORDER Blue Mug:1')
  await stranger.waitForReply(/Reply YES or NO/)

  const orders = await node.call('GET', '/api/orders', { token })
  t.equal(orders.body.data.length, 1)
  t.match(orders.body.data[0], { status: 'pending', total: { amount: 132_300, currency: 'USD' } })
  const detail = await node.call('GET', `/api/orders/${orders.body.data[0].id}`, { token })
  t.equal(detail.body.order.lines.length, 2)

  const conversations = await node.call('GET', '/api/whatsapp/conversations', { token })
  t.same(conversations.body.data.map((row: { customer: { name: string } }) => row.customer.name).sort(), [
    'Amal',
    'Luis',
  ])
  const withAmal = conversations.body.data.find((row: { customer: { name: string } }) => row.customer.name === 'Amal')
  const history = await node.call('GET', `/api/whatsapp/conversations/${withAmal.id}/messages?limit=100`, { token })
  t.equal(history.body.data.filter((row: { direction: string }) => row.direction === 'in').length, 5)
  t.equal(history.body.data.filter((row: { author: string }) => row.author === 'bot').length, 5)

  await until('the stranger is counted', async () => {
    const { body } = await node.call('GET', '/api/whatsapp/status', { token })
    return body.skippedNonContactsToday === 1
  })
  const [question] = stranger.inbox
  t.match(question?.text, /^🔒 [\s\S]*1 × Blue Mug/, 'asked before anything is kept')
  t.same(await findAnywhere(database.db, [STRANGER.slice(1)]), [])

  await node.close()
  await amal.send(ERIN, 'ORDER Blue Mug:1')
  const again = await start()
  t.match((await amal.waitForReply(/Thank you/, { timeoutMs: 15_000 })).text, /1 × Blue Mug/)
  t.equal(await again.state(token), 'open')
  const rows = await database.db.rows<{ count: string }>('select count(*) from orders')
  t.equal(rows[0]?.count, '2')
  const sentTwice = amal.inbox.filter((message) => message.count > 1)
  t.same(sentTwice, [])
})

t.test('one shop', async (t) => {
  const { simulator, database, between, start, node, token, add, erin } = await shop(t)

  await t.test('staff write to a customer, and the status moves from queued to read', async (t) => {
    const amal = simulator.customer(AMAL)
    const sent = await node.call('POST', '/api/whatsapp/send-message', {
      token,
      body: { to: AMAL, message: 'Your parcel is here' },
    })
    t.equal(sent.status, 202)
    t.match(sent.body.message, { status: 'queued', author: 'user', text: 'Your parcel is here' })
    const got = await amal.waitForReply(/parcel/)
    const status = async () => {
      const path = `/api/whatsapp/conversations/${sent.body.message.conversationId}/messages`
      return (await node.call('GET', path, { token })).body.data[0].status
    }
    await until('delivered', async () => (await status()) === 'delivered')
    await amal.readReceipt(got.id)
    await until('read', async () => (await status()) === 'read')
  })

  await t.test(
    'a contact saved by phone is recognised when the chat is addressed by LID, even without the number later on',
    async (t) => {
      await add(LUIS, 'Luis')
      const luis = simulator.customer(LUIS, { addressing: 'lid', withAlternative: true })
      await luis.send(ERIN, 'hi')
      await luis.waitForReply(/Welcome/)
      await luis.send(ERIN, 'help', { withAlternative: false })
      await luis.waitForReply(/You can write/)
      t.equal(luis.inbox.length, 2)
    },
  )

  await t.test('a message of 60,000 characters is stored whole and answered', async (t) => {
    const amal = simulator.customer(AMAL)
    const long = 'lorem ipsum '.repeat(5_000)
    await amal.send(ERIN, long)
    await amal.waitForReply(/did not get that/)
    const rows = await database.db.rows<{ length: number }>(
      "select length(text) from messages where author = 'customer' order by 1 desc",
    )
    t.equal(rows[0]?.length, long.length)
  })

  await t.test(
    'a connection that drops comes back by itself, and what a customer wrote meanwhile is answered',
    async (t) => {
      const amal = simulator.customer(AMAL)
      simulator.faults.refuseConnections(true)
      simulator.faults.drop(ERIN)
      await until('it noticed', async () => (await node.state(token)) === 'reconnecting')
      await amal.send(ERIN, 'hi')
      const stored = await node.call('POST', '/api/whatsapp/send-message', {
        token,
        body: { to: AMAL, message: 'while away' },
      })
      t.equal(stored.status, 202, 'a session that is coming back takes messages in')
      simulator.faults.refuseConnections(false)
      await amal.waitForReply(/while away/, { timeoutMs: 15_000 })
      await amal.waitForReply(/Welcome/)
    },
  )

  await t.test(
    'a database that goes away and comes back: the socket is cut before anything is lost, health says so',
    async (t) => {
      const amal = simulator.customer(AMAL)
      between.cut()
      await amal.send(ERIN, 'ORDER Blue Mug:1')
      await until('health says the database is down', async () => {
        const answer = await node.call('GET', '/health')
        return answer.status === 503 && answer.body.checks.database.status === 'down'
      })
      t.equal((await node.call('GET', '/health/live')).status, 200)
      t.match(await node.call('GET', '/api/orders', { token }), { status: 503, body: { code: 'database-unavailable' } })
      between.mend()
      await amal.waitForReply(/Thank you/, { timeoutMs: 30_000 })
      const rows = await database.db.rows<{ count: string }>('select count(*) from orders')
      t.equal(rows[0]?.count, '1')
    },
  )

  await t.test('a second login with the same account is met with one retry, then left to a person', async (t) => {
    const before = simulator.log.filter((entry) => entry.kind === 'login').length
    simulator.faults.streamError(ERIN, 440)
    await until('open again', () => simulator.log.filter((entry) => entry.kind === 'login').length > before)
    await until('open', async () => (await node.state(token)) === 'open')
    simulator.faults.streamError(ERIN, 440)
    await until('conflict', async () => (await node.state(token)) === 'conflict')
    t.match((await node.call('GET', '/api/whatsapp/status', { token })).body, {
      nextStep: 'connect',
      lastError: { code: 'conflict' },
    })
    t.notOk(erin.linkedDevices[0]?.online)
    await node.call('POST', '/api/whatsapp/connect', { token, body: {} })
    await until('open because a person asked for it', async () => (await node.state(token)) === 'open')
  })

  await t.test('a wrong encryption key stops the start with a sentence and changes nothing', async (t) => {
    await node.close()
    await t.rejects(start({ AUTH_ENCRYPTION_KEY: 'ab'.repeat(32) }), {
      name: 'WrongEncryptionKey',
      message: /AUTH_ENCRYPTION_KEY/,
    })
    const again = await start()
    await until('open', async () => (await again.state(token)) === 'open')
  })
})

t.test(
  'an account that was logged out on the phone while the server was down says so and forgets its credentials',
  async (t) => {
    const { erin, node, start, token, database } = await shop(t)
    await node.close()
    await erin.logout()
    const again = await start()
    await until('logged out', async () => (await again.state(token)) === 'logged_out')
    const { body } = await again.call('GET', '/api/whatsapp/status', { token })
    t.match(body, { lastError: { code: 'logged-out' }, nextStep: 'connect' })
    t.same(await database.db.rows('select * from creds'), [])
    t.same(await database.db.rows('select * from key'), [])
    await again.pair(token, ERIN)
  },
)

t.test('accounts that are not linked yet', async (t) => {
  const { simulator, start } = await installation(t)
  const node = await start({}, { session: { qrTimeoutMs: 700 } })

  await t.test('what cannot be sent says why', async (t) => {
    const { token } = await node.signUp('user-1@company.com')
    const send = (body: object) => node.call('POST', '/api/whatsapp/send-message', { token, body })
    t.match(await send({ to: AMAL, message: 'x' }), { status: 409, body: { code: 'whatsapp-not-connected' } })
    await node.pair(token, '+1 555 010 0001')
    t.match(await send({ to: AMAL, message: 'x' }), { status: 422, body: { code: 'not-a-contact' } })
    t.match(await send({ to: 'abc', message: 'x' }), { status: 422 })
    t.match(await send({ to: AMAL, message: ' ' }), { status: 422 })
    t.equal(simulator.customer(AMAL).inbox.length, 0)
  })

  await t.test('connect twice at once never makes two sockets', async (t) => {
    const { token } = await node.signUp('user-2@company.com')
    const offers = () => simulator.log.filter((entry) => entry.kind === 'pairing-offered').length
    const before = offers()
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => node.call('POST', '/api/whatsapp/connect', { token, body: {} })),
    )
    t.same(
      answers.map(({ status }) => status),
      Array(8).fill(202),
    )
    await node.pair(token, '+1 555 010 0002')
    t.equal(simulator.phone('+1 555 010 0002').linkedDevices.length, 1)
    t.equal(offers() - before, 1, 'one socket asked for a pairing')
  })

  await t.test('an account is paired by a code that is typed on the phone', async (t) => {
    const { token } = await node.signUp('user-3@company.com')
    const connect = (pairingPhone: string) =>
      node.call('POST', '/api/whatsapp/connect', { token, body: { pairingPhone } })
    t.match(await connect('12'), { status: 422, body: { code: 'invalid-phone' } })
    const { status, body } = await connect('+1 555 010 0003')
    t.equal(status, 202)
    t.match(body.session.pairingCode, /^[A-Z0-9]{8}$/)
    await simulator.phone('+1 555 010 0003').enterCode(body.session.pairingCode)
    await until('open', async () => (await node.state(token)) === 'open')
  })

  await t.test(
    'every listener of the QR stream sees the QR, its refreshes and the connection; one may go away',
    async (t) => {
      const { token } = await node.signUp('user-4@company.com')
      const stream = `${node.url}/api/whatsapp/qr`
      const early = await listen(stream, token)
      await until('the state without a session', () => early.events.length > 0)
      t.match(early.events[0], { event: 'status', data: { state: 'disconnected' } })
      await node.call('POST', '/api/whatsapp/connect', { token, body: {} })
      const late = await listen(stream, token)
      const leaver = await listen(stream, token)
      const qrs = (of: typeof early) =>
        of.events.filter((each) => each.event === 'qr').map((each) => each.data['qr'] as string)
      await until('a first QR for all', () => [early, late, leaver].every((each) => qrs(each).length > 0))
      await leaver.stop()
      await until('a refreshed QR', () => new Set(qrs(early)).size >= 2)
      t.match(String(early.events.find((each) => each.event === 'qr')?.data['image']), /^data:image\/png;base64,/)
      await simulator.phone('+1 555 010 0004').scan(qrs(early).at(-1) ?? '')
      await until('connected for both', () => [early, late].every((each) => each.events.at(-1)?.event === 'connected'))
      await until('the streams end', () => early.ended() && late.ended())
      t.match(early.events.at(-1)?.data, { phoneNumber: '+15550100004' })
    },
  )
})

t.test('a QR that nobody scans expires in words, leaves nothing behind, and can be asked for again', async (t) => {
  const { simulator, start, database } = await installation(t)
  const node = await start({}, { session: { qrTimeoutMs: 150 } })
  const { token } = await node.signUp('nour@company.com')
  await node.call('POST', '/api/whatsapp/connect', { token, body: {} })
  const stream = await listen(`${node.url}/api/whatsapp/qr`, token)
  await until('expired', () => stream.events.at(-1)?.event === 'expired')
  const old = stream.events.findLast((each) => each.event === 'qr')?.data['qr'] as string
  t.equal(await node.state(token), 'disconnected')
  await t.rejects(simulator.phone(ERIN).scan(old), 'scanning too late is refused')
  t.same(await database.db.rows('select * from creds'), [])
  await node.close()
  const again = await start()
  t.equal(await again.state(token), 'disconnected', 'a restart does not pair by itself')
  await again.pair(token, ERIN)
})

t.test('a silent connection is noticed by the janitor, opened again and counted', async (t) => {
  const { simulator, start } = await installation(t)
  const node = await start(
    { SESSION_CLEANUP_INTERVAL: '100', STALE_CONNECTION_TIMEOUT: '400' },
    { session: { keepAliveMs: 200, handshakeTimeoutMs: 1_000 } },
  )
  const { token } = await node.signUp('nour@company.com')
  await node.pair(token, ERIN)
  await until('several runs of the janitor', async () => {
    const { body } = await node.call('GET', '/api/admin/cleanup-stats', { token })
    return body.runs > 5
  })
  t.equal(
    (await node.call('GET', '/api/admin/cleanup-stats', { token })).body.totals.closed,
    0,
    'an idle session is never stale',
  )
  const logins = simulator.log.filter((entry) => entry.kind === 'login').length
  simulator.faults.silence(ERIN, true)
  await until('a stale connection was closed', async () => {
    const { body } = await node.call('GET', '/api/admin/cleanup-stats', { token })
    return body.totals.closed >= 1
  })
  const totals = async () => (await node.call('GET', '/api/admin/cleanup-stats', { token })).body.totals
  t.equal((await totals()).reconnected, 0, 'closed, and not open yet')
  simulator.faults.silence(ERIN, false)
  await until('open again', async () => (await node.state(token)) === 'open')
  await until('counted as reconnected', async () => (await totals()).reconnected >= 1)
  t.ok(simulator.log.filter((entry) => entry.kind === 'login').length > logins)
})

t.test('an account that was scanned but never opened yet comes back after a restart, without another QR', async (t) => {
  const { simulator, start } = await installation(t)
  const node = await start()
  const { token } = await node.signUp('nour@company.com')
  await node.call('POST', '/api/whatsapp/connect', { token, body: {} })
  const stream = await listen(`${node.url}/api/whatsapp/qr`, token)
  const qr = await until('a QR', () => stream.events.findLast((each) => each.event === 'qr')?.data['qr'] as string)
  simulator.faults.handshakeSilence(true)
  await simulator.phone(ERIN).scan(qr)
  await until('it wants to connect again', async () => (await node.state(token)) !== 'pairing')
  await node.close()
  simulator.faults.handshakeSilence(false)
  const again = await start()
  await until('open', async () => (await again.state(token)) === 'open')
})

t.test(
  'an outage of the database that outlives the lease of the node ends in nothing lost and nothing twice',
  async (t) => {
    const { simulator, database, start } = await installation(t)
    const between = await relay(t, database.url)
    const lease = { ttlMs: 1_000, renewMs: 200, marginMs: 300 }
    const node = await start({ DATABASE_URL: between.url }, { lease, session: { keepAliveMs: 200 } })
    const { token } = await node.signUp('nour@company.com')
    await node.pair(token, ERIN)
    await node.call('POST', '/api/products', { token, body: { name: 'Blue Mug', price: '12.00', stock: 100 } })
    await node.call('POST', '/api/whatsapp/contact/add', { token, body: { phoneNumber: AMAL, name: 'Amal' } })
    const amal = simulator.customer(AMAL)
    between.cut()
    await until('the node gave its sessions up', async () => (await node.sessions.active()).length === 0)
    t.notOk(simulator.phone(ERIN).linkedDevices[0]?.online, 'and its connections with them')
    const sent: string[] = []
    for (let n = 0; n < 20; n++) sent.push((await amal.send(ERIN, 'ORDER Blue Mug:1')).id)
    between.mend()
    await until(
      'every order is answered',
      () => amal.inbox.filter(({ text }) => text.includes('Thank you')).length >= 20,
      60_000,
    )
    const orders = await database.db.rows<{ source_wa_id: string }>('select source_wa_id from orders')
    t.same(orders.map((row) => row.source_wa_id).sort(), sent.sort(), 'each message placed exactly one order')
    t.same(
      amal.inbox.filter(({ count }) => count > 1),
      [],
    )
    t.equal(await node.state(token), 'open')
  },
)
