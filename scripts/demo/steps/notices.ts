// The messages about orders that moved before the server was killed arrive after it, each once; then the last one of the walk.

import { DEFAULT_POLICY } from '../../../src/policy.ts'
import { AMAL, MEI } from '../cast.ts'
import { hears } from '../dialogue.ts'
import { moveLatest } from '../order-moves.ts'
import type { Scene } from '../story.ts'

/** What a message about an order waits for, and the pace of the server beyond it. */
const HEARD = { among: true, withinMs: DEFAULT_POLICY.orders.noticeMergeMs + 30_000 } as const

/** @param label of the order that is on its way */
export async function notices(scene: Scene, label: string): Promise<void> {
  const { stage, paper, check } = scene
  paper.chapter('9. The customers read what became of their orders')
  await hears(scene, MEI, /is cancelled: the box was damaged/, HEARD)
  await hears(scene, AMAL, new RegExp(`${label} is ready for pickup`), HEARD)
  await moveLatest(scene, AMAL, 'delivered')
  await hears(scene, AMAL, new RegExp(`${label} is delivered\\. Thank you!`), HEARD)
  const inbox = await stage.sim.inbox(AMAL.phone)
  const told = inbox.filter(({ text }) => text.startsWith('📦 ORD-')).length
  check.equal('four moves, the first three within half a minute, are two messages', told, 2)
  paper.fact('from chat to delivered: each change told once, also across a kill -9')
}
