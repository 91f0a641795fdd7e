// What customers who are contacts do about orders, from the first look to the last change, as tables for the player: one situation, one customer.
// What one of them changes in the catalogue no other one buys.

import type { Situation } from './wire.ts'
import { archives, moves, passes, reprices } from './wire-acts.ts'

export const THANKS = /^✅ Thank you, Guest \d+! We got ORD-\d{6}\n/
const NO_QUESTION = /^🤔 I have no question open/

export const ORDERING: readonly Situation[] = [
  {
    title: 'S01, S27, S28: an order is placed, and status tells of it',
    steps: [
      { text: 'status', hears: /^📦 You have no open orders/ },
      { text: 'ORDER Gaming Laptop:1', hears: /We got ORD-\d{6}\n1 × Gaming Laptop – \$1,299\.00\nTotal: \$1,299\.00/ },
      {
        text: 'status',
        hears: /is waiting for confirmation\.\n1 × Gaming Laptop\nTotal: \$1,299\.00 \(not paid yet\)/,
      },
      { text: 'hi', hears: /^👋 Welcome/, shows: { orders: ['pending'], lines: ['1 × Gaming Laptop'], attention: [] } },
    ],
  },
  {
    title: 'S03: one message that comes twenty times places one order and is answered once',
    steps: [{ text: 'ORDER Chef’s Knife:1', copies: 20, hears: THANKS, shows: { orders: ['pending'], kept: 1 } }],
  },
  {
    title: 'S04: the same again within two minutes is asked about',
    steps: [
      { text: 'ORDER Gaming Mouse:1', hears: THANKS },
      { text: 'order gaming mouse:1', hears: /^❓ You just did this \(ORD-\d{6}\)\. Once more\?/, shows: { kept: 2 } },
      { text: 'no', hears: /^👌/, shows: { orders: ['pending'], question: null } },
    ],
  },
  {
    title: 'S06, S07: what is five minutes old is placed, what is three hours old is asked about and reserves nothing',
    steps: [
      { text: 'ORDER Notebook A5:2', minutesOld: 5, hears: THANKS },
      { text: 'ORDER Power Bank 20000mAh:1', minutesOld: 180, hears: /^❓ You asked for this at .*still want it\?/ },
      { text: 'yes', hears: THANKS, shows: { orders: ['pending', 'pending'] } },
    ],
  },
  {
    title: 'S11: what is sold out is not placed, and staff see what was lost',
    steps: [
      {
        text: 'ORDER 1TB External SSD:1',
        hears: /^⚠️ Sold out: 1TB External SSD\.[\s\S]*Perhaps one of these instead\?\n1\. /,
        shows: { orders: [], lost: ['out_of_stock 1'] },
      },
    ],
  },
  {
    title: 'S12, S14: of too few the rest is offered; when they are gone, the rest of the order',
    steps: [
      { text: 'ORDER Wireless Earbuds:3', hears: /^⚠️ Only 1 left of Wireless Earbuds/, shows: { orders: [] } },
      { text: 'YES', hears: /We got ORD-\d{6}\n1 × Wireless Earbuds/ },
      { text: 'ORDER Wireless Earbuds:1, Blue Mug:2', hears: /^⚠️ Sold out: Wireless Earbuds[\s\S]*1 of 2 items/ },
      {
        text: 'ok',
        hears: /We got ORD-\d{6}\n2 × Blue Mug/,
        shows: { lines: ['1 × Wireless Earbuds', '2 × Blue Mug'] },
      },
    ],
  },
  {
    title: 'S15: the same item twice is added up',
    steps: [{ text: 'ORDER Café Grinder:5, Café Grinder:5', hears: /^⚠️ Only 7 left of Café Grinder/ }],
  },
  {
    title: 'S16, S18: a price that changed before YES is asked about again; afterwards it changes nothing',
    steps: [
      { text: 'ORDER sports socks', hears: /^❓ Did you mean:\n1 × Sports Socks 3-Pack – \$9\.00/ },
      { happens: reprices('Sports Socks 3-Pack', 1_100) },
      { text: 'YES', hears: /^❓ Something has changed meanwhile[\s\S]*\$11\.00/, shows: { orders: [] } },
      { text: 'YES', hears: /1 × Sports Socks 3-Pack – \$11\.00/ },
      { happens: reprices('Sports Socks 3-Pack', 1_300) },
      { text: 'status', hears: /Total: \$11\.00/ },
    ],
  },
  {
    title: 'S17: what was archived before YES is not sold',
    steps: [
      { text: 'ORDER baseball cap', hears: /^❓ Did you mean:\n1 × Baseball Cap/ },
      { happens: archives('Baseball Cap') },
      { text: 'yes', hears: /^⚠️ We no longer have Baseball Cap/, shows: { orders: [] } },
    ],
  },
  {
    title: 'S19: of two YES at once one places the order',
    steps: [
      { text: 'ORDER blue mug', hears: /^❓/ },
      { text: 'YES', times: 2, hears: [THANKS, NO_QUESTION], shows: { orders: ['pending'] } },
    ],
  },
  {
    title: 'S20, S24: what is no answer leaves the question, with one reminder; an old one took too long',
    steps: [
      { text: 'ORDER laptop:1', hears: /^❓ Which.*\n1\. / },
      { text: 'banana', hears: /^🤔/ },
      { text: 'bananas!', hears: /^🤔 I still do not get it\. Write agent/ },
      { text: 'Banana?', shows: { question: 'choice', attention: ['not-understood'] } },
      { happens: passes('the question') },
      { text: '1', hears: /^⌛ That took too long/, shows: { orders: [] } },
    ],
  },
  {
    title:
      'S21, S22: YES that quotes an older question answers that one; a number that quotes an old list gets a fresh one',
    steps: [
      { text: 'ORDER blue mug', as: 'mug', hears: /^❓ Did you mean:\n1 × Blue Mug/ },
      { text: 'ORDER gaming mouse', hears: /^❓ Did you mean:\n1 × Gaming Mouse/ },
      { text: 'YES', quotes: 'answer to mug', hears: /1 × Blue Mug/, shows: { lines: ['1 × Blue Mug'] } },
      { text: '2', quotes: 'LASTWEEK', hears: /^🛍️ That list is old/ },
    ],
  },
  {
    title: 'S23, S25: a number after a page and after a list of variants means what stands there',
    steps: [
      { text: 'catalog', hears: /^🛍️ Page 1 of \d+\n1\. / },
      { text: '1', hears: /^❓ How many .* would you like\?/ },
      { text: 'ORDER kids tshirt:2', hears: /^❓ Which[\s\S]*\n6\. / },
      { text: '4', hears: /^❓ Did you mean:\n2 × Kids T-Shirt / },
      { text: 'yes', hears: /We got ORD-\d{6}\n2 × Kids T-Shirt /, shows: { orders: ['pending'] } },
    ],
  },
  {
    title: 'S26: above the limit of the shop it is a draft, and a person has the chat',
    steps: [
      {
        text: 'ORDER Gaming Laptop:4',
        hears: /^🙋 We got it\. A colleague will look/,
        shows: { orders: ['draft'], attention: ['over-limit'] },
      },
    ],
  },
  {
    title: 'S29, S33: of seven open orders five are told; cancel lists them, and the chosen one is undone',
    steps: [
      ...[1, 2, 3, 4, 5, 6, 7].map((each) => ({ text: `ORDER LED Bulb E27 (2 pcs):${each}`, hears: THANKS })),
      { text: 'status', hears: /^📦 Your latest:\n(?:[\s\S]*?ORD-\d{6}){5}(?![\s\S]*ORD-)[\s\S]*There are more/ },
      { text: '2', hears: /\n6 × LED Bulb E27 \(2 pcs\)\nTotal: \$42\.00/ },
      { text: 'cancel', hears: /^❓ Which one do you want to undo\?\n1\. ORD-/ },
      { text: '1', hears: /^❓ Do you want to undo ORD-\d{6} \(\$49\.00\)/ },
      {
        text: 'yes',
        hears: /^✅ Done: ORD-\d{6} is cancelled/,
        shows: { orders: [...Array(6).fill('pending'), 'cancelled'] },
      },
    ],
  },
  {
    title:
      'S34, S35, S36: a question is dropped first; what staff work on is asked of them; what is on its way is too late',
    steps: [
      { text: 'ORDER Espresso Beans 1kg:1', hears: THANKS },
      { text: 'ORDER blue mug', hears: /^❓/ },
      { text: 'cancel', hears: /^👌/, shows: { orders: ['pending'], question: null } },
      { happens: moves(['confirmed']) },
      { happens: passes('the wait of the notice'), hears: /is confirmed/ },
      {
        text: 'cancel',
        hears: /^🙋 We are working on ORD-\d{6} already/,
        shows: { orders: ['confirmed'], cancelRequested: true, attention: ['cancel-requested'] },
      },
      { happens: moves(['processing', 'shipped']) },
      { happens: passes('the wait of the notice'), hears: /is ready for pickup/ },
      { text: 'cancel', hears: /📦/, shows: { orders: ['shipped'] } },
    ],
  },
  {
    title: 'S32: a pending order is undone after YES, and gives its goods back',
    steps: [
      { text: 'ORDER Laptop Backpack:15', hears: THANKS },
      { text: 'cancel', hears: /^❓ Do you want to undo ORD-\d{6} \(\$735\.00\)/ },
      { text: 'YES', hears: /^✅ Done: ORD-\d{6} is cancelled/, shows: { orders: ['cancelled'] } },
      { text: 'ORDER Laptop Backpack:15', minutesOld: 1, hears: THANKS, shows: { orders: ['cancelled', 'pending'] } },
    ],
  },
  {
    title: 'S37, S38: three changes at once are one message; a cancelled order tells why',
    steps: [
      { text: 'ORDER Dark Chocolate 70%:1', hears: THANKS },
      { happens: moves(['confirmed', 'processing', 'shipped']) },
      { happens: passes('the wait of the notice'), hears: /is ready for pickup/ },
      { text: 'ORDER Dark Chocolate 70%:2', hears: THANKS },
      { happens: moves(['cancelled'], { reason: 'the box was damaged' }) },
      { happens: passes('the wait of the notice'), hears: /is cancelled: the box was damaged/ },
      { text: 'help', hears: /^ℹ️/, shows: { orders: ['shipped', 'cancelled'] } },
    ],
  },
]
