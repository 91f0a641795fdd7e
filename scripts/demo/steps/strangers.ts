// One stranger agrees to be kept and becomes a customer with an order; the other says NO, and is looked for in every column of every table.

import { STRANGER, VERA } from '../cast.ts'
import { hears, writes } from '../dialogue.ts'
import { latestOf } from '../order-moves.ts'
import { findInServer } from '../scan.ts'
import type { Scene } from '../story.ts'

const CONSENT = /we need to save your number and this purchase:\n1 × Blue Mug – \$12\.00[\s\S]*Reply YES or NO/

export async function strangers(scene: Scene): Promise<void> {
  const { stage, paper, check } = scene
  paper.chapter('11. Two strangers: one says YES, one says NO')
  await writes(scene, VERA, 'ORDER Blue Mug:1')
  await hears(scene, VERA, CONSENT)
  await writes(scene, STRANGER, 'NO')
  await hears(scene, STRANGER, /nothing was bought/)
  await writes(scene, VERA, 'YES')
  await hears(scene, VERA, /Thank you, Vera! We got ORD-\d{6}\n1 × Blue Mug/)
  check.equal('who said YES is a customer with an order', (await latestOf(scene, VERA))?.customer.name, VERA.name)

  const written = async (phone: string) => (await findInServer(stage.dataDir, [phone.slice(1)])).length > 0
  check.equal('the number of who said YES is in the database', await written(VERA.phone), true)
  check.equal('the number of who said NO is in no column of no table', await written(STRANGER.phone), false)
  paper.fact('every column of every table was looked through: nothing is left of who said NO')
}
