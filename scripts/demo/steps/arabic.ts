// A chat in Arabic: who writes it is answered in it, and an order with Arabic words and digits is the same order.

import { SALMA } from '../cast.ts'
import { hears, writes } from '../dialogue.ts'
import { latestOf } from '../order-moves.ts'
import type { Scene } from '../story.ts'

export async function arabic(scene: Scene): Promise<void> {
  const { paper, check } = scene
  paper.chapter(`10. ${SALMA.name} writes Arabic`)
  await writes(scene, SALMA, 'مرحبا')
  await hears(scene, SALMA, /^👋 [\u0600-\u06ff]/)
  await writes(scene, SALMA, 'طلب قهوة عربية:٢')
  await hears(scene, SALMA, /^✅ [\u0600-\u06ff][\s\S]*ORD-\d{6}\n2 × Arabic Coffee 250g/)
  const order = await latestOf(scene, SALMA)
  check.equal(
    'the order is like any other',
    order?.lines.map(({ quantity, productName }) => [quantity, productName]),
    [[2, 'Arabic Coffee 250g']],
  )
  paper.fact('two of what she calls قهوة عربية are two Arabic Coffee 250g')
}
