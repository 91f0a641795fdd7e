// What leaves an account, over the real protocol: a whole node against the simulator.
import t from 'tap'
import type { PolicyOverride } from '../../../src/policy.ts'
import { installation, type TestNode } from '../../support/node.ts'
import { until } from '../../support/until.ts'

t.setTimeout(120_000)

const SHOP = '+15550100000'
const AMAL = '+15550101111'
const LUIS = '+15550102222'
const ZARA = '+15550103333'

async function shop(t: Parameters<typeof installation>[0], policy: PolicyOverride = {}) {
  const place = await installation(t)
  const { simulator } = place
  const node = await place.start({}, policy)
  const { token } = await node.signUp('nour@company.com')
  await node.pair(token, SHOP)
  for (const [phoneNumber, name] of [
    [AMAL, 'Amal'],
    [LUIS, 'Luis'],
    [ZARA, 'Zara'],
  ] as const) {
    // Whoever is not there has no phone to send to.
    simulator.customer(phoneNumber)
    await node.call('POST', '/api/whatsapp/contact/add', { token, body: { phoneNumber, name } })
  }
  const on = (which: TestNode) => verbs(which, token)
  const restart = async () => on(await place.start({}, policy))
  return { ...place, ...on(node), close: () => node.close(), restart, faults: simulator.faults }
}

/** What staff do and see. */
function verbs(node: TestNode, token: string) {
  return {
    async send(to: string, message: string, more: object = {}): Promise<string> {
      const sent = { token, body: { to, message, ...more } }
      const { status, body } = await node.call('POST', '/api/whatsapp/send-message', sent)
      if (status !== 202) throw new Error(`send-message answered ${status}: ${JSON.stringify(body)}`)
      return `${body.message.conversationId} ${body.message.id}`
    },
    async shown(sent: string): Promise<{ status: string; errorCode: string | null }> {
      const [conversation, id] = sent.split(' ')
      const { body } = await node.call('GET', `/api/whatsapp/conversations/${conversation}/messages?limit=100`, {
        token,
      })
      return body.data.find((row: { id: string }) => row.id === id)
    },
    async messages(): Promise<readonly { id: string; text: string | null }[]> {
      const { body } = await node.call('GET', '/api/whatsapp/conversations', { token })
      const [{ id }] = body.data
      return (await node.call('GET', `/api/whatsapp/conversations/${id}/messages`, { token })).body.data
    },
    async becomes(sent: string, ...wanted: string[]) {
      const { shown } = verbs(node, token)
      await until(`${wanted.join(' or ')}`, async () => wanted.includes((await shown(sent)).status), 20_000)
    },
    async status() {
      return (await node.call('GET', '/api/whatsapp/status', { token })).body
    },
  }
}

t.test('a lost acknowledgement: the message is sent again under its id, and a receipt settles it', async (t) => {
  const { simulator, faults, send, becomes, shown } = await shop(t, { session: { sendTimeoutMs: 500 } })
  const amal = simulator.customer(AMAL, { autoReceipt: false })
  faults.dropAcks(SHOP)
  const sent = await send(AMAL, 'one')
  const got = await amal.waitForReply(/one/)
  await until('it comes again', () => got.count >= 2)
  t.match(await shown(sent), { status: 'queued' }, 'not sent as long as WhatsApp says nothing')
  t.equal(amal.inbox.length, 1, 'under the same id')
  await amal.readReceipt(got.id)
  await becomes(sent, 'read')
  const count = got.count
  faults.dropAcks(SHOP, false)
  const next = await send(AMAL, 'two')
  await amal.waitForReply(/two/)
  await becomes(next, 'sent')
  t.equal(got.count, count, 'what was read is not sent again')
})

t.test(
  'late acknowledgements: the next message of the chat waits, that of another does not, no status goes back',
  async (t) => {
    const { simulator, faults, send, becomes, shown } = await shop(t)
    const [amal, luis] = [simulator.customer(AMAL, { autoReceipt: false }), simulator.customer(LUIS)]
    faults.delayAcks(SHOP, 600)
    const [first, second, other] = [await send(AMAL, 'a1'), await send(AMAL, 'a2'), await send(LUIS, 'l1')]
    await luis.waitForReply(/l1/)
    await amal.waitForReply(/a1/)
    t.equal(amal.inbox.length, 1)
    await amal.waitForReply(/a2/)
    t.same(
      amal.inbox.map(({ text }) => text),
      ['a1', 'a2'],
    )
    await becomes(first, 'sent')
    await becomes(other, 'delivered')
    await becomes(second, 'sent')
    t.match(await shown(other), { status: 'delivered' }, 'the late acknowledgement does not take it back')
  },
)

t.test('a question for devices that gets no answer sends nothing and claims nothing', async (t) => {
  const { simulator, faults, send, becomes, shown } = await shop(t, { session: { queryTimeoutMs: 400 } })
  const amal = simulator.customer(AMAL)
  faults.loseUsync(SHOP)
  const sent = await send(AMAL, 'hello')
  const asked = () => simulator.log.filter(({ kind, type }) => kind === 'query' && type?.startsWith('usync')).length
  const before = asked()
  await until('it is tried again', () => asked() >= before + 2)
  t.match(await shown(sent), { status: 'queued' })
  t.equal(amal.inbox.length, 0)
  faults.loseUsync(SHOP, false)
  await amal.waitForReply(/hello/, { timeoutMs: 15_000 })
  await becomes(sent, 'delivered')
  t.equal(amal.inbox[0]?.count, 1)
})

t.test('a burst to many chats keeps its order through dropped connections; ids stay', async (t) => {
  const { simulator, faults, send, becomes } = await shop(t, { pace: { gapMs: 15 } })
  const customers = [AMAL, LUIS, ZARA].map((number) => simulator.customer(number))
  const texts = Array.from({ length: 8 }, (_, index) => `m${index}`)
  const sent: string[] = []
  for (const text of texts) for (const { number } of customers) sent.push(await send(`+${number}`, text))
  const arrived = () => customers.reduce((sum, { inbox }) => sum + inbox.length, 0)
  for (const enough of [4, 12]) {
    await until(`${enough} arrived`, () => arrived() >= enough)
    faults.drop(SHOP)
  }
  for (const one of sent) await becomes(one, 'delivered')
  for (const { inbox } of customers)
    t.same(
      inbox.map(({ text }) => text),
      texts,
      'each message once, in order',
    )
})

t.test('a restart in the middle of sending loses nothing, doubles nothing and keeps the order', async (t) => {
  const { simulator, faults, send, close, restart } = await shop(t)
  const amal = simulator.customer(AMAL)
  faults.dropAcks(SHOP)
  const sent = [await send(AMAL, 'm0'), await send(AMAL, 'm1'), await send(AMAL, 'm2')]
  await amal.waitForReply(/m0/)
  await close()
  faults.dropAcks(SHOP, false)
  const { becomes } = await restart()
  for (const one of sent) await becomes(one, 'delivered')
  t.same(
    amal.inbox.map(({ text }) => text),
    ['m0', 'm1', 'm2'],
  )
})

t.test('a customer who could not read a message and asks after a restart gets it, under its id', async (t) => {
  const { simulator, faults, send, becomes, close, restart } = await shop(t)
  const amal = simulator.customer(AMAL, { autoRetry: false })
  faults.garbleNext(SHOP)
  const sent = await send(AMAL, 'unreadable at first')
  await becomes(sent, 'sent')
  const message = simulator.log.find(({ kind, peer }) => kind === 'client-message' && peer === amal.number)
  const id = message?.id ?? ''
  t.equal(amal.inbox.length, 0)
  await close()
  amal.askAgain(id)
  const again = await restart()
  const got = await amal.waitForReply(/unreadable at first/, { timeoutMs: 15_000 })
  t.equal(got.id, id)
  await again.becomes(sent, 'delivered')
  const other = await again.send(AMAL, 'and the next')
  await amal.waitForReply(/and the next/)
  await again.becomes(other, 'delivered')
})

t.test('the reach-out limit holds new chats only, says until when, survives a restart and ends', async (t) => {
  const policy = { pace: { coldHoldMs: 4_000 } }
  const { simulator, faults, send, shown, status, becomes, close, restart, database } = await shop(t, policy)
  const [amal, luis] = [simulator.customer(AMAL), simulator.customer(LUIS)]
  await luis.send(SHOP, 'hi')
  await luis.waitForReply()
  t.equal((await status()).sendingHeldUntil, null)
  faults.ackError(SHOP, 463)
  const held = await send(AMAL, 'we are new here')
  await until('it is held', async () => (await shown(held)).errorCode === 'reach-out-limit')
  t.match(await shown(held), { status: 'queued' })
  faults.ackError(SHOP)
  const { sendingHeldUntil, queuedOutbound, state } = await status()
  t.ok(Date.parse(sendingHeldUntil) > Date.now())
  t.match({ queuedOutbound, state }, { queuedOutbound: 1, state: 'open' })
  const tries = () => simulator.log.filter(({ kind, peer }) => kind === 'client-message' && peer !== luis.number).length
  const before = tries()
  const other = await send(ZARA, 'we are new here too')
  const warm = await send(LUIS, 'your parcel is here')
  await becomes(warm, 'delivered')
  t.equal(tries(), before, 'nothing more was tried with those who never wrote')
  await close()
  const again = await restart()
  t.equal((await again.status()).sendingHeldUntil, sendingHeldUntil)
  await amal.waitForReply(/we are new here/, { timeoutMs: 15_000 })
  await again.becomes(held, 'delivered')
  await again.becomes(other, 'delivered')
  t.match(await again.shown(held), { errorCode: null })
  t.equal((await again.status()).sendingHeldUntil, null)
  const told = await database.db.rows<{ payload: { code: string } }>(
    `select payload from event_log where type = 'session.attention'`,
  )
  t.match(told, [{ payload: { code: 'reach-out-limit' } }])
})

t.test('any other refusal fails the message with its number', async (t) => {
  const { simulator, faults, send, becomes, shown } = await shop(t)
  faults.ackError(SHOP, 479)
  const sent = await send(AMAL, 'no')
  await becomes(sent, 'failed')
  t.match(await shown(sent), { errorCode: 'whatsapp-479' })
  faults.ackError(SHOP)
  const next = await send(AMAL, 'yes')
  await simulator.customer(AMAL).waitForReply(/yes/)
  await becomes(next, 'delivered')
})

t.test('an answer shows what it answers, on both sides', async (t) => {
  const { simulator, send, shown, messages } = await shop(t)
  const amal = simulator.customer(AMAL)
  const { id } = await amal.send(SHOP, 'my parcel?')
  await amal.waitForReply()
  const asked = (await messages()).find(({ text }) => text === 'my parcel?')
  const sent = await send(AMAL, 'It left today', { quotedMessageId: asked?.id })
  const got = await amal.waitForReply(/left today/)
  t.match(got.message.extendedTextMessage?.contextInfo, {
    stanzaId: id,
    participant: amal.lid,
    quotedMessage: { conversation: 'my parcel?' },
  })
  t.match(await shown(sent), { quoted: { id: asked?.id, text: 'my parcel?' } })
  await t.rejects(send(LUIS, 'not there', { quotedMessageId: asked?.id }), /404.*not-found/)
})
