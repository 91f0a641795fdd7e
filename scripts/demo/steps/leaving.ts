// A customer wants no more automatic messages: their order moves, and they are not told. What they ask is still answered.

import { MEI } from '../cast.ts'
import { hears, writes } from '../dialogue.ts'
import { latestOf, moveLatest } from '../order-moves.ts'
import type { Scene } from '../story.ts'
import { HEARD } from './notices.ts'

export async function leaving(scene: Scene): Promise<void> {
  const { stage, paper, check } = scene
  paper.chapter(`15. ${MEI.name} reads of the cancelled order, and wants no more automatic messages`)
  await hears(scene, MEI, /is cancelled: the box was damaged/, HEARD)
  await writes(scene, MEI, 'STOP')
  await hears(scene, MEI, /No more automatic messages\. Write START/)
  const before = (await stage.sim.inbox(MEI.phone)).length
  await moveLatest(scene, MEI, 'confirmed')
  check.equal('no message is made of it', (await latestOf(scene, MEI))?.notice, null)
  await writes(scene, MEI, 'status')
  await hears(scene, MEI, /ORD-\d{6} is confirmed\.\n3 × Green Tea 50 Bags/)
  check.equal('the answer is all that came', (await stage.sim.inbox(MEI.phone)).length, before + 1)
  paper.fact('her order moved and she was not told; what she asks is answered')
}
