// The bot asks where a wrong guess would be a wrong order: a misspelt name, a list as people write it, a price that changed before YES. Two customers at
// once, as in life.

import { SOFIA, TOM } from '../cast.ts'
import { hears, writes } from '../dialogue.ts'
import { latestOf, reprice } from '../order-moves.ts'
import type { Scene } from '../story.ts'

const LIST = 'hey! order 2 gaming mouse, blue mug set of 4 and green tea x3 pls'

export async function questions(scene: Scene): Promise<void> {
  const { paper, check } = scene
  paper.chapter(`13. The bot asks: ${SOFIA.name} misspells and writes a messy list, ${TOM.name} meets a new price`)
  await writes(scene, SOFIA, 'ORDER gamng mousepd xl:2')
  await hears(scene, SOFIA, /Did you mean:\n2 × Gaming Mousepad XL[\s\S]*YES or NO/)
  check.equal('nothing is placed before YES', await latestOf(scene, SOFIA), null)
  await writes(scene, TOM, 'ORDER desk lamp')
  await hears(scene, TOM, /Did you mean:\n1 × LED Desk Lamp – \$29\.00/)
  await writes(scene, SOFIA, 'YES')
  await hears(scene, SOFIA, /We got ORD-\d{6}\n2 × Gaming Mousepad XL/)

  await reprice(scene, 'LED Desk Lamp', 3_100)
  await writes(scene, TOM, 'YES')
  await hears(scene, TOM, /Something has changed meanwhile\. It would now be:\n1 × LED Desk Lamp – \$31\.00/)
  check.equal('nothing is placed at a price that was not shown', await latestOf(scene, TOM), null)
  await writes(scene, SOFIA, LIST)
  await hears(
    scene,
    SOFIA,
    /2 × Gaming Mouse –[\s\S]*1 × Blue Mug Set of 4 –[\s\S]*3 × Green Tea 50 Bags –[\s\S]*YES or NO/,
  )
  await writes(scene, TOM, 'yes')
  await hears(scene, TOM, /We got ORD-\d{6}\n1 × LED Desk Lamp – \$31\.00/)
  await writes(scene, SOFIA, 'yes')
  await hears(scene, SOFIA, /We got ORD-\d{6}\n2 × Gaming Mouse/)

  const placed = await latestOf(scene, SOFIA)
  check.equal(
    'the list is one order of three lines',
    placed?.lines.map(({ quantity, productName }) => [quantity, productName]),
    [
      [2, 'Gaming Mouse'],
      [1, 'Blue Mug Set of 4'],
      [3, 'Green Tea 50 Bags'],
    ],
  )
  check.equal('the price is the one they said YES to', (await latestOf(scene, TOM))?.total.amount, 3_100)
  paper.fact('nothing was guessed: three questions, three orders')
}
