// The first order and its way out of the door; then three customers chat with the bot, one of them behind a LID, and a stranger is asked before anything
// of them is kept. Everything they read is checked; what Amal reads of her order comes half a minute later: notices.ts.

import { listOf } from '../../../src/http/schemas/common.ts'
import { orderRow } from '../../../src/http/schemas/orders.ts'
import { statusAnswer } from '../../../src/http/schemas/whatsapp.ts'
import { AMAL, LUIS, MEI, type Person, STRANGER } from '../cast.ts'
import { hears, writes } from '../dialogue.ts'
import { latestOf, moveLatest, shelfOf } from '../order-moves.ts'
import type { Scene } from '../story.ts'
import { until } from '../until.ts'

/** Who writes what, and what must come back. */
type Exchange = readonly [Person, string, RegExp]

const FIRST: readonly Exchange[] = [
  [AMAL, 'hi', /Welcome to Corner Shop, Amal![\s\S]*catalog/],
  [
    AMAL,
    'ORDER Gaming Laptop:1, Blue Mug:2',
    /Thank you, Amal! We got ORD-\d{6}\n1 × Gaming Laptop – \$1,299\.00\n2 × Blue Mug – \$12\.00 each, \$24\.00\nTotal: \$1,323\.00/,
  ],
]
const DIALOGUE: readonly Exchange[] = [
  [MEI, 'catalog', /Page 1 of \d+\n1\. .+ – \$[\d,.]+ \(in stock\)[\s\S]*\nORDER /],
  [LUIS, 'help', /You can write:[\s\S]*ORDER[\s\S]*status[\s\S]*contact/],
  [MEI, 'order wireless earbuds:1', /Thank you, Mei! We got ORD-\d{6}\n1 × Wireless Earbuds – \$49\.00/],
  [LUIS, 'ORDER Flying Carpet:1', /could not find "Flying Carpet"/],
  [AMAL, 'status', /Your latest:\nORD-\d{6} is ready for pickup\.[\s\S]*Total: \$1,323\.00/],
  [LUIS, 'ORDER Wireless Earbuds:1', /Sold out: Wireless Earbuds/],
  [AMAL, 'contact', /how to reach us:\nCorner Shop\n12 Harbour Street[\s\S]*\+1/],
]
const ORDERS = 2

/** @returns the label of the order that is on its way */
export async function firstOrder(scene: Scene): Promise<string> {
  const { paper, check } = scene
  paper.chapter('5. A customer orders, and the order goes out of the door')
  for (const [person, text, wanted] of FIRST) {
    await writes(scene, person, text)
    await hears(scene, person, wanted)
  }
  check.equal('the order waits for the shop', (await latestOf(scene, AMAL))?.status, 'pending')
  await moveLatest(scene, AMAL, 'confirmed')
  await moveLatest(scene, AMAL, 'processing')
  const label = await moveLatest(scene, AMAL, 'shipped')
  check.equal('what was shipped has left the shelf', await shelfOf(scene, 'Gaming Laptop'), [7, 0])
  paper.fact(`three moves within half a minute: ${AMAL.name} will read of the last one only`)
  return label
}

export async function chat(scene: Scene): Promise<void> {
  const { api, paper, check } = scene
  paper.chapter('6. Three customers chat with the bot (Luis behind a LID, without his number), and a stranger tries')
  await writes(scene, STRANGER, 'ORDER Blue Mug:1')
  for (const [person, text, wanted] of DIALOGUE) {
    await writes(scene, person, text)
    await hears(scene, person, wanted)
  }
  const status = () => api.call('GET', '/api/whatsapp/status', { shape: statusAnswer })
  await until('the stranger is counted', status, ({ skippedNonContactsToday }) => skippedNonContactsToday === 1)
  await hears(scene, STRANGER, /we need to save your number[\s\S]*Reply YES or NO/)
  const { data } = await api.call('GET', '/api/orders', { shape: listOf(orderRow) })
  check.equal('the stranger ordered nothing', data.length, ORDERS)
  paper.fact('the stranger was asked, said nothing and placed no order: only counted, not kept')
}
