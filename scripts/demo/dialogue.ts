// One exchange in chat: somebody writes to the shop, the next thing they get must be the answer that is wanted.

import { type Person, SHOP } from './cast.ts'
import { CheckFailed } from './checks.ts'
import type { Scene } from './story.ts'

/** With the pace of the server (a message every one or two seconds an account) and a busy machine. */
const ANSWER_WITHIN_MS = 30_000

export async function writes({ stage, paper }: Scene, person: Person, text: string): Promise<void> {
  const { name, phone, addressing } = person
  await stage.sim.send(phone, SHOP.phone, text, { addressing, pushName: name })
  paper.chat(name, SHOP.name, text)
}

/** The next message this person gets. @throws CheckFailed when it is another one, or none comes */
export async function hears({ stage, paper, check }: Scene, person: Person, wanted: RegExp): Promise<string> {
  const { name, phone } = person
  const answer = stage.sim.waitForReply(phone, undefined, { timeoutMs: ANSWER_WITHIN_MS }).catch(async (error) => {
    const inbox = await stage.sim.inbox(phone)
    throw new CheckFailed(
      `${name} gets an answer (${error instanceof Error ? error.message : String(error)})`,
      wanted,
      inbox.map(({ text }) => text),
    )
  })
  const { id, text } = await paper.waiting(`an answer to ${name}`, answer)
  paper.chat(SHOP.name, name, text)
  check.matches(`what ${name} reads`, text, wanted)
  return id
}
