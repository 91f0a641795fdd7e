// Tickets for event streams: EventSource cannot send a header, and an access token must not stand in a URL. A ticket is used once,
// within a minute, for one stream of one user. They live in this node's memory: a node that restarts forgets them.

import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { UserId } from '../domain/ids.ts'

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
  issue(ticket: Ticket, nowMs: number): string
  /** Takes a ticket: the second time there is none. */
  redeem(text: string, stream: StreamName, nowMs: number): Ticket | null
}

const OUTSTANDING = 10_000

export function makeTickets(): Tickets {
  const issued = new LRUCache<string, Ticket & { readonly until: number }>({ max: OUTSTANDING })
  return {
    issue(ticket, nowMs) {
      const text = randomBytes(32).toString('base64url')
      issued.set(text, { ...ticket, until: nowMs + TICKET_SECONDS * 1000 })
      return text
    },
    redeem(text, stream, nowMs) {
      const found = issued.get(text)
      issued.delete(text)
      return found === undefined || found.stream !== stream || nowMs > found.until ? null : found
    },
  }
}
