// Staff cancel an order over HTTP: it gives its goods back, and two customers want the last of something at once. What the customer reads of it comes
// half a minute later: notices.ts.

import { LUIS, MEI, type Person } from '../cast.ts'
import { hearsText, writes } from '../dialogue.ts'
import { moveLatest, shelfOf } from '../order-moves.ts'
import type { Scene } from '../story.ts'

const EARBUDS = 'Wireless Earbuds'

export async function orders(scene: Scene): Promise<void> {
  const { paper, check } = scene
  paper.chapter('8. An order is cancelled, and two customers want the last earbuds')
  await moveLatest(scene, MEI, 'cancelled', { reason: 'the box was damaged' })
  check.equal('the cancelled order gave its goods back', await shelfOf(scene, EARBUDS), [1, 0])
  paper.fact(`${EARBUDS}: one on the shelf, promised to nobody`)

  const answers = await Promise.all([LUIS, MEI].map((person) => wantsTheLast(scene, person)))
  check.equal('one of two gets the last one', answers.filter((placed) => placed).length, 1)
  check.equal('and it is promised once', await shelfOf(scene, EARBUDS), [1, 1])
}

/** @returns whether they got it */
async function wantsTheLast(scene: Scene, person: Person): Promise<boolean> {
  await writes(scene, person, `ORDER ${EARBUDS}:1`)
  const { text } = await hearsText(scene, person, /We got ORD-\d{6}|Sold out/, { among: true })
  return text.includes('We got')
}
