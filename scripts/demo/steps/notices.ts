// The message about an order that moved before the server was killed arrives after it, once. While the last one of Amal's walk waits its half minute,
// the demo goes on.

import { DEFAULT_POLICY } from '../../../src/policy.ts'
import { AMAL } from '../cast.ts'
import { hears } from '../dialogue.ts'
import { moveLatest } from '../order-moves.ts'
import type { Scene } from '../story.ts'

/** What a message about an order waits for, and the pace of the server beyond it. */
export const HEARD = { among: true, withinMs: DEFAULT_POLICY.orders.noticeMergeMs + 30_000 } as const

/** @param label of the order that is on its way */
export async function notices(scene: Scene, label: string): Promise<void> {
  scene.paper.chapter(`12. ${AMAL.name} reads what became of the order`)
  await hears(scene, AMAL, new RegExp(`${label} is ready for pickup`), HEARD)
  await moveLatest(scene, AMAL, 'delivered')
}

/** @param label of the order that was delivered */
export async function lastNotice(scene: Scene, label: string): Promise<void> {
  const { stage, paper, check } = scene
  paper.chapter('16. The last message about the first order')
  await hears(scene, AMAL, new RegExp(`${label} is delivered\\. Thank you!`), HEARD)
  const inbox = await stage.sim.inbox(AMAL.phone)
  const told = inbox.filter(({ text }) => text.startsWith('📦 ORD-')).length
  check.equal('four moves, the first three within half a minute, are two messages', told, 2)
  paper.fact('from chat to delivered: each change told once, also across a kill -9')
}
