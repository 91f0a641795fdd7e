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

export interface Listening {
  /** Others may come before it: it is looked for among all they have not heard yet. */
  readonly among?: true
  readonly withinMs?: number
}

/**
 * The next message this person gets.
 * @returns its id and text
 * @throws CheckFailed when it is another one, or none comes
 */
export async function hearsText(
  { stage, paper, check }: Scene,
  person: Person,
  wanted: RegExp,
  { among, withinMs = ANSWER_WITHIN_MS }: Listening = {},
): Promise<{ readonly id: string; readonly text: string }> {
  const { name, phone } = person
  const test = among === true ? wanted : undefined
  const answer = stage.sim.waitForReply(phone, test, { timeoutMs: withinMs }).catch(async (error) => {
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
  return { id, text }
}

/** The same. @returns its id */
export async function hears(scene: Scene, person: Person, wanted: RegExp, listening?: Listening): Promise<string> {
  return (await hearsText(scene, person, wanted, listening)).id
}
