// Staff move orders over HTTP: one goes out of the door, one is cancelled and gives its goods back, and two customers want the last of
// something at once. What the customers read of it comes half a minute later: notices.ts.

import { AMAL, LUIS, MEI, type Person } from '../cast.ts'
import { hearsText, writes } from '../dialogue.ts'
import { moveLatest, shelfOf } from '../order-moves.ts'
import type { Scene } from '../story.ts'

const EARBUDS = 'Wireless Earbuds'

/** @returns the label of the order that is on its way */
export async function orders(scene: Scene): Promise<string> {
  const { paper, check } = scene
  paper.chapter('7. Orders move, and two customers want the last earbuds')
  await moveLatest(scene, MEI, 'cancelled', { reason: 'the box was damaged' })
  check.equal('the cancelled order gave its goods back', await shelfOf(scene, EARBUDS), [1, 0])
  paper.fact(`${EARBUDS}: one on the shelf, promised to nobody`)

  const answers = await Promise.all([LUIS, MEI].map((person) => wantsTheLast(scene, person)))
  check.equal('one of two gets the last one', answers.filter((placed) => placed).length, 1)
  check.equal('and it is promised once', await shelfOf(scene, EARBUDS), [1, 1])

  await moveLatest(scene, AMAL, 'confirmed')
  await moveLatest(scene, AMAL, 'processing')
  const label = await moveLatest(scene, AMAL, 'shipped')
  check.equal('what was shipped has left the shelf', await shelfOf(scene, 'Gaming Laptop'), [7, 0])
  paper.fact(`three moves within half a minute: ${AMAL.name} will read of the last one only`)
  return label
}

/** @returns whether they got it */
async function wantsTheLast(scene: Scene, person: Person): Promise<boolean> {
  await writes(scene, person, `ORDER ${EARBUDS}:1`)
  const { text } = await hearsText(scene, person, /We got ORD-\d{6}|Sold out/, { among: true })
  return text.includes('We got')
}
