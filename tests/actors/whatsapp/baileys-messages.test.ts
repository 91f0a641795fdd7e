import t, { type Test } from 'tap'
import type { Simulator } from '../../../simulator/index.ts'
import { decodeJournal } from '../../../src/actors/whatsapp/journal.ts'
import { translate } from '../../../src/actors/whatsapp/translate.ts'
import { connected, DOOR_POLICY, type Door, openDoor, simulator, textIn } from '../../support/door.ts'

const SHOP = '15550001000'
const ANN = '15550002000'
const NOBODY = { phone: null, lid: null }

/** Resolves when the simulator has seen nothing new for a while: the first sync is over. */
async function calm(sim: Simulator): Promise<void> {
  for (let seen = -1; seen !== sim.log.length; ) {
    seen = sim.log.length
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
}

/** The shop has written to Ann and she has answered: both have a session with each other. `send` says the id it is given. */
async function acquainted(t: Test) {
  const sim = await simulator(t)
  const first = await connected(t, sim, SHOP)
  const ann = sim.customer(ANN)
  const send = (door: Door, waMessageId: string) =>
    door.socket.send({ recipient: ann.lid, waMessageId, content: { kind: 'text', text: waMessageId } })
  await send(first, '3EB001')
  await ann.waitForReply(/3EB001/)
  ann.send(SHOP, 'thanks')
  await first.until('thanks', () =>
    [...first.store.journal.values()].some(({ payload }) => textIn(payload) === 'thanks'),
  )
  return { sim, first, ann, send }
}

t.test('a message is journaled before its receipt leaves, and a reply arrives under its id', async (t) => {
  const sim = await simulator(t)
  const door = await connected(t, sim, SHOP)
  const ann = sim.customer(ANN, { pushName: 'Ann' })
  const gate = Promise.withResolvers<void>()
  let waiting = 0
  door.store.before = async (access, change) => {
    if (access !== 'commit' || change?.journal === undefined) return
    if (decodeJournal(change.journal.payload).attrs['category'] === 'peer') return
    waiting += 1
    await gate.promise
  }
  ann.send(SHOP, 'hello')
  await door.until('commit', () => waiting > 0)
  const receipts = () => sim.log.filter(({ kind, peer }) => kind === 'client-receipt' && peer === ANN)
  t.same(receipts(), [])
  gate.resolve()
  const [receipt] = await door.until('receipt', () => receipts().length > 0 && receipts())
  t.equal(receipt?.type, 'delivered', 'shown as delivered')
  const rows = [...door.store.journal.values()].map(({ payload }) =>
    translate(payload ?? Buffer.alloc(0), { phone: SHOP, lid: null }),
  )
  t.match(
    rows.find(({ kind }) => kind === 'message'),
    {
      message: {
        chat: { phone: `+${ANN}`, lid: ann.lid.split('@')[0] },
        pushName: 'Ann',
        content: { text: 'hello' },
        fromMe: false,
      },
    },
  )
  const sent = await door.socket.send({
    recipient: ann.lid,
    waMessageId: '3EB0ABCDEF',
    content: { kind: 'text', text: 'see https://example.com' },
  })
  t.same(sent, { kind: 'on-the-wire' })
  const reply = await ann.waitForReply(/example/)
  t.equal(reply.id, '3EB0ABCDEF')
  await door.wait('ack')
  t.match(await door.wait('receipt'), { waMessageIds: ['3EB0ABCDEF'], status: 'delivered' })
  ann.readReceipt('3EB0ABCDEF')
  await door.until('read', () => door.events.find((event) => event.type === 'receipt' && event.status === 'read'))
})

t.test('a send by phone number, in a chat that has no LID in it', async (t) => {
  const sim = await simulator(t)
  const door = await connected(t, sim, SHOP)
  const ann = sim.customer(ANN, { addressing: 'pn', withAlternative: false })
  t.same(
    await door.socket.send({ recipient: ann.jid, waMessageId: '3EB0ABCD01', content: { kind: 'text', text: 'first' } }),
    { kind: 'on-the-wire' },
  )
  await ann.waitForReply(/first/)
  ann.send(SHOP, 'answer')
  await door.until('answer', () => [...door.store.journal.values()].some(({ payload }) => textIn(payload) === 'answer'))
})

t.test('a failed commit cuts the connection, no receipt leaves, and the message comes again', async (t) => {
  const sim = await simulator(t)
  const door = await connected(t, sim, SHOP)
  const ann = sim.customer(ANN)
  await door.until('history', () => door.store.journal.size > 0)
  const rows = door.store.journal.size
  door.store.before = async (access) => {
    if (access === 'commit') throw new Error('the database is away')
  }
  ann.send(SHOP, 'order')
  t.equal((await door.wait('closed')).code, 901)
  t.equal(door.store.journal.size, rows)
  const answered = () =>
    sim.log.filter(
      ({ kind, peer, code }) =>
        (kind === 'client-receipt' && peer === ANN) ||
        kind === 'client-retry' ||
        (kind === 'client-ack' && code !== undefined),
    )
  t.same(answered(), [])
  door.store.before = async () => undefined
  const again = await openDoor(t, sim, door.store)
  await again.until('order', () => [...door.store.journal.values()].some(({ payload }) => textIn(payload) === 'order'))
})

t.test('without the lease no frame passes', async (t) => {
  const sim = await simulator(t)
  const door = await connected(t, sim, SHOP)
  await door.until('history', () => door.store.journal.size > 0)
  await calm(sim)
  const commits = door.store.commits.length
  door.guard.fence('told dead')
  const seq = sim.log.at(-1)?.seq ?? 0
  sim.customer(ANN).send(SHOP, 'too late')
  t.equal((await door.wait('closed')).code, 904)
  t.equal(door.store.commits.length, commits)
  t.notOk(sim.log.some((entry) => entry.seq > seq && entry.kind.startsWith('client-')))
})

t.test('without the lease nothing is sent either', async (t) => {
  const sim = await simulator(t)
  const door = await connected(t, sim, SHOP)
  door.guard.fence('deadline')
  const outcome = await door.socket.send({
    recipient: sim.customer(ANN).lid,
    waMessageId: '3EB0FE',
    content: { kind: 'text', text: 'no' },
  })
  t.equal(outcome.kind, 'failed')
  t.equal((await door.wait('closed')).code, 904)
  t.notOk(sim.log.some(({ kind }) => kind === 'client-message'))
})

t.test('unanswered questions for devices are no recipient, an error in the ack is passed on', async (t) => {
  const sim = await simulator(t)
  const door = await connected(t, sim, SHOP, { policy: { ...DOOR_POLICY, queryTimeoutMs: 300 } })
  const ann = sim.customer(ANN)
  const send = (waMessageId: string) =>
    door.socket.send({ recipient: ann.lid, waMessageId, content: { kind: 'text', text: waMessageId } })
  sim.faults.loseUsync(SHOP, true)
  t.same(await send('3EB001'), { kind: 'no-recipient' })
  t.notOk(sim.log.some(({ kind }) => kind === 'client-message'))
  sim.faults.loseUsync(SHOP, false)
  sim.faults.ackError(SHOP, 463)
  t.same(await send('3EB002'), { kind: 'on-the-wire' })
  t.match(await door.wait('ack'), { waMessageId: '3EB002', ok: false, error: '463' })
})

t.test('groups and the phone of the owner: ignored, and recognised', async (t) => {
  const sim = await simulator(t)
  const door = await connected(t, sim, SHOP)
  const own = await door.wait('opened')
  await door.until('history', () => door.store.journal.size > 0)
  const ann = sim.customer(ANN)
  ann.sendToGroup('12036300000000@g.us', SHOP, 'in a group')
  sim.phone(SHOP).type(ANN, 'typed on the phone')
  const mine = await door.until('own message', () =>
    [...door.store.journal.values()]
      .map(({ payload }) => translate(payload ?? Buffer.alloc(0), own))
      .find((each) => each.kind === 'message' && each.message.fromMe),
  )
  t.match(mine, {
    message: {
      chat: { phone: `+${ANN}`, lid: ann.lid.split('@')[0] },
      replyJid: ann.lid,
      content: { text: 'typed on the phone' },
    },
  })
  t.notOk([...door.store.journal.values()].some(({ payload }) => textIn(payload) === 'in a group'))
})

t.test('a message delivered twice is journaled once and receipted twice', async (t) => {
  const sim = await simulator(t)
  const door = await connected(t, sim, SHOP)
  const ann = sim.customer(ANN)
  await door.until('history', () => door.store.journal.size > 0)
  ann.send(SHOP, 'once')
  await door.until('once', () => [...door.store.journal.values()].some(({ payload }) => textIn(payload) === 'once'))
  const [row] = [...door.store.journal.values()].slice(-1)
  const id = decodeJournal(row?.payload ?? Buffer.alloc(0)).attrs['id'] ?? ''
  const receipts = () => sim.log.filter((entry) => entry.kind === 'client-receipt' && entry.id === id).length
  await door.until('a receipt', () => receipts() === 1)
  const rows = door.store.journal.size
  sim.faults.redeliver(SHOP, id)
  await door.until('a second receipt', () => receipts() === 2)
  t.equal(door.store.journal.size, rows)
  t.notOk(sim.log.some(({ kind }) => kind === 'client-retry' || kind === 'undecryptable'))
})

t.test('what was damaged on the way is asked for again, and arrives', async (t) => {
  const sim = await simulator(t)
  const door = await connected(t, sim, SHOP)
  const ann = sim.customer(ANN)
  ann.send(SHOP, 'fine')
  await door.until('fine', () => [...door.store.journal.values()].some(({ payload }) => textIn(payload) === 'fine'))
  sim.faults.corruptNext(SHOP, 1)
  ann.send(SHOP, 'damaged')
  await door.until(
    'the resend',
    () => [...door.store.journal.values()].some(({ payload }) => textIn(payload) === 'damaged'),
    15_000,
  )
})

t.test('offline messages of many are all journaled after a reconnect', async (t) => {
  const sim = await simulator(t)
  const first = await connected(t, sim, SHOP)
  await first.socket.end()
  for (let n = 0; n < 5; n++) for (let m = 0; m < 4; m++) sim.customer(`1555001${n}000`).send(SHOP, `${n}/${m}`)
  const door = await openDoor(t, sim, first.store)
  const texts = () =>
    new Set([...first.store.journal.values()].map(({ payload }) => textIn(payload)).filter((each) => each !== null))
  await door.until('all', () => texts().size === 20)
  const offline = [...first.store.journal.values()].flatMap(({ payload }) => {
    const translated = translate(payload ?? Buffer.alloc(0), NOBODY)
    return translated.kind === 'message' ? [translated.message.offline] : []
  })
  t.ok(offline.every(Boolean))
})

t.test(
  'a customer who cannot read a message gets it again from the outbox, and one nobody sent not at all',
  async (t) => {
    const { sim, first, ann, send } = await acquainted(t)
    await send(first, '3EB002')
    await ann.waitForReply(/3EB002/)
    await first.socket.end()
    // The ratchet is put back, as a restored backup would: the next key was used before.
    const sessions = [...first.store.commits].flatMap(({ keys }) => keys ?? []).filter(({ type }) => type === 'session')
    const own = sim.phone(SHOP).lid.split('@')[0] ?? ''
    const rewound = sessions
      .filter(({ id, value }) => value !== null && !id.startsWith(own) && !id.startsWith(SHOP))
      .at(-2)
    if (!rewound?.value) throw new Error('no earlier session to go back to')
    first.store.keys.set(`session/${rewound.id}`, rewound.value)
    const door = await openDoor(t, sim, first.store)
    await door.wait('opened')
    first.store.sent.set('3EB003', { kind: 'text', text: 'from the outbox' })
    await send(door, '3EB003')
    t.equal((await ann.waitForReply(/from the outbox/)).id, '3EB003')
    t.ok(sim.log.some(({ kind, id }) => kind === 'undecryptable' && id === '3EB003'))
  },
)

t.test('a reconnect leaves the sessions of customers as they are', async (t) => {
  const { sim, first, ann, send } = await acquainted(t)
  await first.socket.end()
  const lid = ann.lid.split('@')[0]
  const baseKeys = () => {
    const bytes = first.store.keys.get(`session/${lid}_1.0`) ?? Buffer.from('{}')
    return Object.keys(JSON.parse(Buffer.from(bytes).toString())._sessions ?? {})
  }
  const before = baseKeys()
  t.equal(before.length, 1)
  const door = await openDoor(t, sim, first.store)
  await door.wait('opened')
  t.same(await send(door, '3EB002'), { kind: 'on-the-wire' })
  await ann.waitForReply(/3EB002/)
  t.same(baseKeys(), before)
})
