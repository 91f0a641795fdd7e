// Three customers chat with the bot, one of them behind a LID, and a stranger is asked before anything of them is kept. Everything they read is checked.

import { listOf } from '../../../src/http/schemas/common.ts'
import { orderRow } from '../../../src/http/schemas/orders.ts'
import { statusAnswer } from '../../../src/http/schemas/whatsapp.ts'
import { AMAL, LUIS, MEI, type Person, STRANGER } from '../cast.ts'
import { hears, writes } from '../dialogue.ts'
import type { Scene } from '../story.ts'
import { until } from '../until.ts'

/** Who writes what, and what must come back. */
const DIALOGUE: readonly (readonly [Person, string, RegExp])[] = [
  [AMAL, 'hi', /Welcome to Corner Shop, Amal![\s\S]*catalog/],
  [AMAL, 'catalog', /Page 1 of \d+\n1\. .+ – \$[\d,.]+ \(in stock\)[\s\S]*\nORDER /],
  [
    AMAL,
    'ORDER Gaming Laptop:1, Blue Mug:2',
    /Thank you, Amal! We got ORD-\d{6}\n1 × Gaming Laptop – \$1,299\.00\n2 × Blue Mug – \$12\.00 each, \$24\.00\nTotal: \$1,323\.00/,
  ],
  [LUIS, 'help', /You can write:[\s\S]*ORDER[\s\S]*status[\s\S]*contact/],
  [LUIS, 'ORDER Flying Carpet:1', /could not find "Flying Carpet"/],
  [MEI, 'order wireless earbuds:1', /Thank you, Mei! We got ORD-\d{6}\n1 × Wireless Earbuds – \$49\.00/],
  [LUIS, 'ORDER Wireless Earbuds:1', /Sold out: Wireless Earbuds/],
  [AMAL, 'status', /Your latest:\nORD-\d{6} is waiting for confirmation\.[\s\S]*Total: \$1,323\.00/],
  [MEI, 'contact', /how to reach us:\nCorner Shop\n12 Harbour Street[\s\S]*\+1/],
]
const ORDERS = 2

export async function chat(scene: Scene): Promise<void> {
  const { api, paper, check } = scene
  paper.chapter('5. Three customers chat with the bot (Luis behind a LID, without his number), and a stranger tries')
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
