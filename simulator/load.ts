// Many customers writing at a rate, from inside this process, so that what is offered does not depend on who drives the simulator.
// Which texts, under which ids and how fast is the caller's business.
import type { Simulator } from './index.ts'
import type { Addressing } from './jid.ts'

export interface LoadMessage {
  /** Digits of the customer's number. */
  readonly from: string
  /** Digits of the account's number. */
  readonly to: string
  readonly text: string
  /** The message id: the caller knows it before. */
  readonly id: string
  readonly addressing?: Addressing
}

export interface LoadState {
  readonly asked: number
  /** Ids the server has taken from the customers, in that order. */
  readonly accepted: readonly string[]
  /** Sentences of those it did not take. */
  readonly refused: readonly string[]
}

export interface Load {
  readonly state: () => LoadState
}

const TICK_MS = 5
const MS_PER_SECOND = 1_000

/** Sends the messages in their order, so many a second (less if the machine cannot). Never throws. */
export const startLoad = (sim: Simulator, messages: readonly LoadMessage[], perSecond: number): Load => {
  const accepted: string[] = []
  const refused: string[] = []
  const startedAt = performance.now()
  let next = 0
  const send = ({ from, to, text, id, addressing }: LoadMessage): void => {
    sim
      .customer(from)
      .send(to, text, addressing === undefined ? { id } : { id, addressing })
      .then(
        () => accepted.push(id),
        (error: unknown) => refused.push(error instanceof Error ? error.message : String(error)),
      )
  }
  const timer = setInterval(() => {
    const due = Math.min(messages.length, 1 + ((performance.now() - startedAt) * perSecond) / MS_PER_SECOND)
    for (; next + 1 <= due; next += 1) {
      const message = messages[next]
      if (message !== undefined) send(message)
    }
    if (next === messages.length) clearInterval(timer)
  }, TICK_MS)
  timer.unref()
  return { state: () => ({ asked: messages.length, accepted, refused }) }
}
