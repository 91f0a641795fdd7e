// The situations of people who are no contacts, of accounts among themselves, of what waited while an account was away, and of machines: over the wire.
// What is said to nobody in particular is looked for in every column of every table.

import t from 'tap'
import { DEFAULT_POLICY } from '../../src/policy.ts'
import { findAnywhere } from '../support/scan.ts'
import { until } from '../support/until.ts'
import {
  addContact,
  ERIN,
  ON_THE_WIRE,
  openWireShop,
  play,
  SAM,
  type Situation,
  settled,
  type WireShop,
} from '../support/wire.ts'
import { forgetsContact } from '../support/wire-acts.ts'

const THANKS = /^✅ Thank you, .+! We got ORD-\d{6}\n/
const CONSENT =
  /^🔒 To place this we need to save your number and this purchase:\n1 × Blue Mug – \$12\.00[\s\S]*YES or NO/

interface Unkept extends Situation {
  readonly number: string
  /** Words of theirs that must be nowhere. */
  readonly words: readonly string[]
}

const NOTHING_KEPT: readonly Unkept[] = [
  {
    title: 'S56, S57: a stranger is welcomed and told of the shop',
    ...{ number: '+15550127001', contact: null, words: ['chamomile', 'Guest Unkept'] },
    steps: [
      { text: 'hi', hears: /^👋 Welcome/ },
      { text: 'catalog', hears: /^🛍️ Page 1/ },
      { text: 'help', hears: /^ℹ️/ },
      { text: 'contact', hears: /reach us/ },
      { text: 'ORDER chamomile pillow:1', hears: /could not find "chamomile pillow"/ },
    ],
  },
  {
    title: 'S58, S60: who says NO is forgotten',
    ...{ number: '+15550127002', contact: null, words: [] },
    steps: [
      { text: 'ORDER Blue Mug:1', hears: CONSENT },
      { text: 'NO', hears: /^👌/ },
      { text: 'YES', hears: /^ℹ️|^🤔/ },
    ],
  },
  {
    title: 'S60: who says nothing is asked, and nothing of them stands anywhere',
    ...{ number: '+15550127003', contact: null, addressing: 'lid', words: [] },
    steps: [{ text: 'ORDER Blue Mug:1', hears: CONSENT }],
  },
  {
    title: 'S62: who just talks is helped once',
    ...{ number: '+15550127004', contact: null, words: ['weatherwise'] },
    steps: [
      { text: 'weatherwise today?', hears: /^ℹ️/ },
      { text: 'so weatherwise' },
      { kind: 'voice' },
      { kind: 'sticker' },
    ],
  },
  {
    title: 'S67: what a stranger says in a group is not even counted',
    ...{ number: '+15550127005', contact: null, words: ['groupthink'] },
    steps: [{ text: 'ORDER Blue Mug:1 groupthink', group: '120363000000000002@g.us' }],
  },
]

const KEPT: readonly Situation[] = [
  {
    title: 'S59: with YES they are a customer with an order, and known from then on',
    number: '+15550127011',
    contact: null,
    steps: [
      { text: 'hi', hears: /^👋/ },
      { text: 'ORDER Blue Mug:1', hears: CONSENT },
      { text: 'YES', hears: THANKS, shows: { orders: ['pending'], kept: 1 } },
      { text: 'status', hears: /^📦 Your latest:/, shows: { kept: 2 } },
    ],
  },
  {
    title: 'S63: who is no contact any more is a stranger again: answered, and nothing more is kept',
    number: '+15550127012',
    steps: [
      { text: 'hi', hears: /^👋/, shows: { kept: 1 } },
      { happens: forgetsContact },
      { text: 'help', hears: /^ℹ️/, shows: { kept: 1 } },
      { text: 'ORDER Blue Mug:1', hears: CONSENT, shows: { kept: 1, orders: [] } },
    ],
  },
  {
    title: 'S31: status tells of orders through every account',
    ...{ number: '+15550127013', to: SAM },
    steps: [
      { text: 'ORDER Blue Mug:1', hears: THANKS },
      { happens: (guest) => addContact(guest.shop, ERIN, guest.phone, 'Guest of two') },
      {
        happens: async (guest) => void (await guest.customer.send(ERIN, 'status')),
        hears: /^📦 Your latest:\nORD-\d{6} is waiting/,
      },
    ],
  },
]

t.test('strangers, other accounts, absence and machines, over the wire', async (t) => {
  const shop = await openWireShop(t, [{ name: 'Blue Mug', price: 12, stock: 50 }])
  await t.test('strangers of whom nothing is kept, and those who become customers', async (t) => {
    t.jobs = 6
    for (const situation of [...NOTHING_KEPT, ...KEPT])
      t.test(situation.title, { buffered: true }, (t) => play(t, shop, situation))
  })

  await t.test('S56–S62: of those of whom nothing is kept nothing is found', async (t) => {
    const digits = NOTHING_KEPT.map(({ number }) => number.slice(1))
    const lids = NOTHING_KEPT.map(({ number }) => shop.simulator.customer(number).lid.replace('@lid', ''))
    const words = NOTHING_KEPT.flatMap((each) => each.words)
    t.same(await findAnywhere(shop.db, [...digits, ...lids, ...words]), [])
    t.not((await findAnywhere(shop.db, ['15550127011'])).length, 0, 'and it is found of those who said YES')
  })

  await t.test(
    'S69: what another account of the shop writes is kept if it is a contact, and answered by nobody',
    async (t) => {
      await addContact(shop, ERIN, SAM, 'Sam')
      const { id } = await shop.simulator.phone(SAM).type(ERIN, 'ORDER Blue Mug:1')
      // Both accounts get it: Sam's as what was typed on his phone, Erin's as a customer's.
      const asCustomer = `select from messages where wa_message_id = ? and author = 'customer'`
      await until('Erin has it', async () => (await shop.db.rows(asCustomer, [id])).length === 1)
      await settled(shop, [id])
      const back = shop.simulator.phone(SAM).inbox.filter(({ from }) => from === ERIN.slice(1))
      t.same(back, [], 'nothing came back')
      t.equal((await shop.db.rows(`select from orders where source_wa_id = ?`, [id])).length, 0)
    },
  )

  await t.test(
    'S61: a strict shop is silent to strangers; one that takes everybody makes them a contact at once',
    async (t) => {
      const settings = async (bot: object) => {
        const answer = await shop.node.call('PATCH', '/api/settings', { token: shop.token, body: { bot } })
        t.equal(answer.status, 200)
      }
      const counted = async () =>
        (await shop.node.call('GET', '/api/whatsapp/status', { token: shop.token })).body.skippedNonContactsToday
      await settings({ unknownSenderPolicy: 'strict' })
      const before = await counted()
      const strict = '+15550127021'
      await play(t, shop, {
        title: '',
        number: strict,
        contact: null,
        steps: [{ text: 'hi' }, { text: 'ORDER Blue Mug:1' }],
      })
      t.equal((await counted()) - before, 2)
      t.same(await findAnywhere(shop.db, [strict.slice(1)]), [])
      await settings({ unknownSenderPolicy: 'auto' })
      await play(t, shop, {
        ...{ title: '', number: '+15550127022', contact: null },
        steps: [{ text: 'ORDER Blue Mug:1', hears: THANKS, shows: { orders: ['pending'], kept: 1 } }],
      })
      await settings({ unknownSenderPolicy: 'consent', enabled: false })
      await play(t, shop, { title: '', steps: [{ text: 'hi', shows: { kept: 1 } }] })
      await settings({ enabled: true })
    },
  )

  await t.test(
    'S08: of twelve messages that waited for hours all are kept, one is answered, and the order is asked about',
    (t) => away(t, shop),
  )

  await t.test(
    'S10: an answer whose arrival nobody confirmed is sent again when the account is back, as the same message',
    (t) => unconfirmed(t, shop),
  )

  await t.test('S76: whoever answers every answer at once is left alone after a few', (t) => machines(t, shop))
})

type T = Parameters<typeof play>[0]

async function away(t: T, shop: WireShop): Promise<void> {
  const { simulator } = shop
  const number = '+15550127031'
  await addContact(shop, SAM, number, 'Patient')
  simulator.faults.refuseConnections(true)
  simulator.faults.drop(SAM)
  await until('Sam is away', () => simulator.phone(SAM).linkedDevices.every(({ online }) => !online))
  const customer = simulator.customer(number)
  const timestamp = Math.floor(Date.now() / 1000) - 3 * 3_600
  const texts = ['hi', 'catalog', 'hello?', 'help', 'status', 'contact', 'anybody?', 'hm', 'hi', 'catalog', 'so']
  const ids: string[] = []
  for (const text of [...texts, 'ORDER Blue Mug:1']) ids.push((await customer.send(SAM, text, { timestamp })).id)
  for (const id of ids.slice(-3)) await customer.send(SAM, 'ORDER Blue Mug:1', { timestamp, id })
  simulator.faults.refuseConnections(false)
  await settled(shop, ids)
  t.equal(customer.inbox.length, 2)
  t.match(customer.inbox.find(({ text }) => text.startsWith('👋'))?.text, /^👋/)
  t.match(
    customer.inbox.find(({ text }) => text.startsWith('❓'))?.text,
    /^❓ You asked for this at[\s\S]*1 × Blue Mug/,
  )
  const kept = `select from messages m join conversations c on c.id = m.conversation_id
    join customer_identities i on i.customer_id = c.customer_id where i.value = ? and m.author = 'customer'`
  t.equal((await shop.db.rows(kept, [number])).length, 12)
  const before = customer.inbox.length
  const { id } = await customer.send(SAM, 'yes')
  await settled(shop, [id])
  t.match(customer.inbox[before]?.text, THANKS)
}

async function unconfirmed(t: T, shop: WireShop): Promise<void> {
  const { simulator } = shop
  const number = '+15550127032'
  await addContact(shop, SAM, number, 'Waiting')
  const customer = simulator.customer(number)
  simulator.faults.dropAcks(SAM)
  await customer.send(SAM, 'ORDER Blue Mug:1')
  await customer.waitForReply(THANKS)
  simulator.faults.dropAcks(SAM, false)
  simulator.faults.drop(SAM)
  const { id } = await customer.send(SAM, 'status')
  await customer.waitForReply(/^📦/, { timeoutMs: 10_000 })
  await settled(shop, [id])
  t.equal(customer.inbox.length, 2, 'one thanks, one status')
  const orders = `select from orders o join customer_identities c on c.customer_id = o.customer_id where c.value = ?`
  t.equal((await shop.db.rows(orders, [number])).length, 1)
}

/** The shop as it comes out of the box but for the pace, so that the guard alone ends the talk. */
async function machines(t: T, shop: WireShop): Promise<void> {
  await shop.node.close()
  const node = await shop.installation.start({}, { ...ON_THE_WIRE, bot: DEFAULT_POLICY.bot })
  await until('Erin is there', async () => (await node.state(shop.token)) === 'open')
  const open = { ...shop, node }
  const commands = ['help', 'contact', 'status', 'catalog', 'hi', 'cancel', 'more']
  const ways: readonly ((answer: string, turn: number) => string)[] = [
    (answer) => answer,
    (_, turn) => commands[turn % commands.length] ?? 'help',
    (_, turn) => `ORDER Blue Mug:${turn + 1}`,
    (_, turn) => `I am away. Your message has the number ${turn}.`,
    () => 'YES',
  ]
  const most = Math.max(DEFAULT_POLICY.bot.guard.echoes, DEFAULT_POLICY.bot.guard.repliesPerMinute)
  await Promise.all(
    ways.map(async (way, index) => {
      const number = `+1555012704${index}`
      await addContact(open, ERIN, number, `Machine ${index}`)
      const customer = open.simulator.customer(number, { addressing: 'pn' })
      let sent = (await customer.send(ERIN, 'help')).id
      let turn = 0
      for (; turn < 3 * most; turn += 1) {
        await settled(open, [sent])
        const answer = customer.inbox[turn]
        if (answer === undefined) break
        sent = (await customer.send(ERIN, way(answer.text, turn))).id
      }
      t.ok(customer.inbox.length <= most, `way ${index}: ${customer.inbox.length} answers`)
      t.equal(turn, customer.inbox.length, 'then silence')
      // It goes on all by itself, and nobody joins in.
      for (const text of ['hello?', 'anybody there?', 'catalog']) sent = (await customer.send(ERIN, text)).id
      await settled(open, [sent])
      t.ok(customer.inbox.length <= most, `way ${index}, later: ${customer.inbox.length} answers`)
    }),
  )
  const paused = await open.db.rows<{ reason: string }>(
    `select v.bot_pause_reason as reason from conversations v join customer_identities c on c.customer_id = v.customer_id
     where c.value like '+1555012704_' and v.bot_paused_until > now() + interval '55 minutes' and 'loop' = any (v.attention)`,
  )
  t.ok(paused.length >= 2, `${paused.length} chats are left alone for an hour, and staff are told`)
}
