// What WhatsApp says about messages of ours becomes their status, one after the other in the order it was said. Error 463 is no failure
// of a message to somebody who never wrote: it waits until WhatsApp lets the account start new chats again, and the owner is told.

import type { Fence } from '../../domain/ids.ts'
import type { Logger } from '../../log.ts'
import { beginHold, REACH_OUT_LIMIT } from '../../persistence/holds.ts'
import { advanceStatus } from '../../persistence/outbox.ts'
import type { SessionDeps } from '../session/deps.ts'
import type { SocketEvent } from '../whatsapp/socket.ts'

export type News = Extract<SocketEvent, { type: 'ack' | 'receipt' }>

/** WhatsApp's number for: this account may start no new chats for a while. */
const REACH_OUT = '463'

export interface NewsWriter {
  /** Stores it after all that came before it. Never rejects: what could not be stored is logged, and the row is sent again. */
  store(event: News): Promise<void>
  /** Resolves when all that came so far is stored. */
  stored(): Promise<void>
  /** It may begin a hold. */
  mayHold(event: Extract<News, { type: 'ack' }>): boolean
}

export interface NewsDeps {
  readonly fence: Fence
  readonly deps: SessionDeps
  readonly log: Logger
  readonly failed: (error: unknown, what: string) => void
}

export function makeNews({ fence, deps, log, failed }: NewsDeps): NewsWriter {
  const { db } = deps
  let last: Promise<void> = Promise.resolve()

  const mayHold = (event: Extract<News, { type: 'ack' }>) => !event.ok && event.error === REACH_OUT

  /** @returns false when the message was refused for another reason, as one to a customer who has written before. */
  const hold = async (waMessageId: string): Promise<boolean> => {
    const now = deps.now()
    const until = new Date(now.getTime() + deps.policy.pace.coldHoldMs)
    const { held, begun } = await beginHold(db, fence, waMessageId, until, now, {
      orgId: deps.organization.id,
      type: 'session.attention',
      subject: fence.session,
      userId: fence.session,
      payload: { code: REACH_OUT_LIMIT, until: until.toISOString() },
    })
    if (begun) log.warn({ until }, 'WhatsApp lets this account start no new chats: messages to new customers wait')
    return held
  }

  const write = async (event: News): Promise<void> => {
    if (event.type === 'receipt') {
      for (const id of event.waMessageIds) await advanceStatus(db, fence, id, event.status)
      return
    }
    const { waMessageId } = event
    if (event.ok) return void (await advanceStatus(db, fence, waMessageId, 'sent'))
    log.warn({ code: event.error }, 'WhatsApp refused a message')
    if (mayHold(event) && (await hold(waMessageId))) return
    await advanceStatus(db, fence, waMessageId, 'failed', `whatsapp-${event.error}`)
  }

  return {
    mayHold,
    store(event) {
      last = last.then(() => write(event)).catch((error: unknown) => failed(error, 'a status could not be stored'))
      return last
    },
    stored: () => last,
  }
}
