// Tickets for event streams: EventSource cannot send a header, and an access token must not stand in a URL. A ticket is used once,
// within a minute, for one stream of one user, at whichever node: they live in the database, by their hash.

import { randomBytes } from 'node:crypto'
import type { UserId } from '../domain/ids.ts'
import type { Database } from '../persistence/database.ts'
import { storeTicket, takeTicket } from '../persistence/stream-tickets.ts'

export const TICKET_SECONDS = 60
export const STREAMS = ['qr', 'events'] as const
export type StreamName = (typeof STREAMS)[number]

export interface Ticket {
  readonly userId: UserId
  readonly stream: StreamName
  /** The token version and the end of the access token it was asked with (seconds since 1970): the stream lives no longer. */
  readonly tokenVersion: number
  readonly tokenExp: number
}

export interface Tickets {
  issue(ticket: Ticket, nowMs: number): Promise<string>
  /** Takes a ticket: the second time there is none, and one of another stream is gone, too. */
  redeem(text: string, stream: StreamName, nowMs: number): Promise<Omit<Ticket, 'stream'> | null>
}

const SHAPE = /^[\w-]{43}$/

export function makeTickets(db: Database): Tickets {
  return {
    async issue(ticket, nowMs) {
      const text = randomBytes(32).toString('base64url')
      await storeTicket(db, text, ticket, new Date(nowMs + TICKET_SECONDS * 1000))
      return text
    },
    async redeem(text, stream, nowMs) {
      // What none of ours looks like costs the database nothing.
      const found = SHAPE.test(text) ? await takeTicket(db, text, new Date(nowMs)) : null
      return found?.stream === stream ? found : null
    },
  }
}
