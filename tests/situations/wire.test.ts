// The situations of customers who are contacts, over the wire: typed on a simulated phone, through a real socket, and read on that phone again.

import t from 'tap'
import { addContact, ERIN, openWireShop, play, SAM, type Situation } from '../support/wire.ts'
import { moves, passes, resumes, writes } from '../support/wire-acts.ts'
import { ORDERING, THANKS } from '../support/wire-orders.ts'

/** Of an order that moved after STOP. */
const NO_NOTICE = {
  of: 'phone',
  sql: `select o.notice_problem from orders o join customer_identities c using (customer_id) where c.value = ?`,
  rows: [{ notice_problem: 'opted_out' }],
}

/** Each by a customer of their own, several at once. */
const SITUATIONS: readonly Situation[] = [
  ...ORDERING,
  {
    title:
      'S40, S41: an edit of what had no effect is heard once; one of a placed order comes too late, and both texts are kept',
    steps: [
      { text: 'ODRER Blue Mug:1', as: 'typo', hears: /^🤔/ },
      { edits: 'typo', text: 'ORDER Blue Mug:1', hears: THANKS, shows: { orders: ['pending'], kept: 1 } },
      {
        edits: 'typo',
        text: 'ORDER Blue Mug:5',
        hears: /^✋ Your change came too late for ORD-\d{6}/,
        shows: { lines: ['1 × Blue Mug'], kept: 1 },
        holds: {
          of: 'typo',
          sql: 'select text from messages where wa_message_id = ?',
          rows: [{ text: 'ORDER Blue Mug:5' }],
        },
      },
    ],
  },
  {
    title: 'S43: a deleted order message leaves the order and no words',
    steps: [
      { text: 'ORDER Medjool Dates 500g:1', as: 'order', hears: THANKS },
      {
        deletes: 'order',
        shows: { orders: ['pending'] },
        holds: { of: 'order', sql: 'select text from messages where wa_message_id = ?', rows: [{ text: null }] },
      },
    ],
  },
  {
    title: 'S44, S45, S47, S48: the owner writes on the phone; the bot is silent, marks an order, and comes back later',
    steps: [
      { text: 'hi', hears: /^👋/, shows: { paused: null } },
      { from: 'phone', text: 'I will look myself', hears: /^I will look myself$/, shows: { paused: 'phone' } },
      { text: 'thank you!', shows: { attention: [] } },
      { text: 'ORDER Blue Mug:1', shows: { orders: [], attention: ['looks-like-order'] } },
      { happens: passes('the pause') },
      { text: 'ORDER Blue Mug:1', hears: THANKS, shows: { orders: ['pending'] } },
    ],
  },
  {
    title: 'S49: who asked for a person, and staff who write, have the chat until it is given back',
    steps: [
      {
        text: 'agent',
        hears: /^🙋 A colleague will answer you soon/,
        shows: { paused: 'handoff', attention: ['handoff'] },
      },
      { text: 'hi' },
      { happens: writes('How can I help?'), hears: /^How can I help\?$/, shows: { attention: [], paused: 'staff' } },
      { text: 'help' },
      { happens: resumes },
      { text: 'help', hears: /^ℹ️/, shows: { paused: null } },
    ],
  },
  {
    title: 'S51–S55: STOP as the whole message, and no notice after it; commands are answered; START lifts it',
    steps: [
      { text: 'ORDER Screen Protector 2-Pack:1', hears: THANKS },
      { text: 'stop sending it to the wrong address', hears: /^🤔/, shows: { optedOut: false } },
      { happens: moves(['confirmed']) },
      { text: 'STOP', hears: /^🔕 Done/, shows: { optedOut: true } },
      { happens: passes('the wait of the notice') },
      { happens: moves(['processing']), shows: { orders: ['processing'] }, holds: NO_NOTICE },
      { happens: passes('the wait of the notice') },
      { text: 'status', hears: /^📦 Your latest:\nORD-\d{6} is being prepared/ },
      { text: 'START', hears: /^🔔/, shows: { optedOut: false } },
      { happens: moves(['shipped']) },
      { happens: passes('the wait of the notice'), hears: /is ready for pickup/ },
    ],
  },
  {
    title: 'S64: a contact whose chat hides the number is known, also later without the number',
    addressing: 'lid',
    steps: [
      { text: 'hi', withAlternative: true, hears: /^👋/ },
      { text: 'ORDER Blue Mug:1', withAlternative: false, hears: THANKS },
      {
        text: 'status',
        addressing: 'pn',
        withAlternative: false,
        hears: /^📦/,
        shows: { kept: 3, orders: ['pending'] },
      },
    ],
  },
  {
    title: 'S66: the other way to write a Mexican number is the same customer',
    number: '+5215512345678',
    contact: '+525512345678',
    addressing: 'pn',
    steps: [{ text: 'ORDER Blue Mug:1', withAlternative: false, hears: THANKS, shows: { orders: ['pending'] } }],
  },
  {
    title: 'S67: what is said in a group or as a status is nobody’s order',
    steps: [
      { text: 'ORDER Blue Mug:1', group: '120363000000000001@g.us', shows: { kept: 0, orders: [] } },
      { text: 'ORDER Blue Mug:1', group: 'status@broadcast', shows: { kept: 0, orders: [] } },
    ],
  },
  {
    title: 'S70, S74: a caption is a command; a photo and a PDF after it are a proof that changes no payment',
    steps: [
      { kind: 'photo', text: 'ORDER Blue Mug:1', hears: THANKS, shows: { orders: ['pending'] } },
      { kind: 'photo', hears: /^🧾|^💳|proof of payment/, shows: { attention: ['payment-proof'] } },
      { kind: 'pdf', shows: { kept: 3 } },
      { text: 'status', hears: /\(not paid yet\)/ },
    ],
  },
  {
    title:
      'S71, S72: a voice note is for a person and said so once; stickers, reactions and GIFs are answered by nobody',
    steps: [
      { kind: 'sticker', shows: { kept: 1 } },
      { kind: 'gif', shows: { kept: 2 } },
      { text: 'hi', as: 'hi', hears: /^👋/ },
      { reactsTo: 'answer to hi', text: '❤️', shows: { kept: 3, attention: [] } },
      { kind: 'voice', hears: /^🎙️ I cannot listen/, shows: { attention: ['voice', 'handoff'] } },
      { kind: 'voice', shows: { kept: 5 } },
    ],
  },
  {
    title: 'S73: a place is noted and acknowledged, and staff see it',
    steps: [
      { kind: 'place', hears: /^📍 We got your place/, shows: { kept: 1, attention: ['location'] } },
      { text: 'ORDER Blue Mug:1', hears: THANKS, shows: { orders: ['pending'] } },
    ],
  },
  {
    title: 'S75: a cart of WhatsApp is received with its count and total',
    steps: [
      { kind: 'cart', hears: /We received your cart: 3 items, \$120\.00/, shows: { kept: 1, attention: ['cart'] } },
    ],
  },
  {
    title: 'a misspelt order asks; Arabic is answered in Arabic',
    steps: [
      { text: 'ORDER gamng mousepd xl:2', hears: /^❓ Did you mean:\n2 × Gaming Mousepad XL/ },
      { text: 'yes', hears: THANKS, shows: { lines: ['2 × Gaming Mousepad XL'] } },
      { text: 'مرحبا', hears: /^👋/ },
      {
        text: 'طلب قهوة عربية:٢',
        hears: /[\u0600-\u06ff]{4}/,
        shows: { lines: ['2 × Gaming Mousepad XL', '2 × Arabic Coffee 250g'] },
      },
    ],
  },
]

t.test('the situations of customers, over the wire', async (t) => {
  const shop = await openWireShop(t)
  t.jobs = 6
  for (const situation of SITUATIONS) t.test(situation.title, { buffered: true }, (t) => play(t, shop, situation))

  t.test('S13: of two who want the last one at the same instant one gets it', { buffered: true }, async (t) => {
    const body = { name: 'Silver Samovar', price: 90, stock: 1 }
    t.equal((await shop.node.call('POST', '/api/products', { token: shop.token, body })).status, 201)
    const both = [ERIN, SAM].map((account, index) => ({ account, number: `+155501290${index}0` }))
    for (const { account, number } of both) await addContact(shop, account, number, 'Collector')
    const answers = await Promise.all(
      both.map(async ({ account, number }) => {
        const customer = shop.simulator.customer(number)
        await customer.send(account, 'ORDER Silver Samovar:1')
        return (await customer.waitForReply(undefined, { timeoutMs: 10_000 })).text
      }),
    )
    t.equal(answers.filter((text) => /We got ORD-\d{6}\n1 × Silver Samovar/.test(text)).length, 1)
    t.equal(answers.filter((text) => /^⚠️ Sold out: Silver Samovar/.test(text)).length, 1)
  })
})
