// A relay between the server and its database: the database can go away and come back, and a chosen statement can be a trap, sprung before it
// reaches the database or when its answer is on the way back. It reads no more than whether a statement's words pass.

import { connect, createServer, type Socket } from 'node:net'
import { listenFor } from '../../tests/support/relay.ts'
import type { Kill, Statement } from './plan.ts'

export type StatementTrap = Omit<Extract<Kill, { kind: 'statement' }>, 'kind'>

export interface DatabaseRelay {
  /** The database's URL, through the relay. */
  readonly url: string
  /** Drops every connection and refuses new ones. */
  cut(): void
  /** Nothing passes any more, and nobody is told. */
  stall(): void
  mend(): void
  /** Calls `spring` once, synchronously, at the trap; nothing more passes on that connection. */
  arm(trap: StatementTrap, spring: () => void): void
  disarm(): void
  close(): void
}

interface Armed {
  readonly statement: Statement
  readonly when: 'before' | 'after'
  readonly spring: () => void
  left: number
}

/** @param url of the real database */
export async function openRelay(url: string): Promise<DatabaseRelay> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let state: 'open' | 'cut' | 'stalled' = 'open'
  let armed: Armed | null = null

  /** What becomes of a chunk on its way to the database. */
  const meets = (chunk: Buffer): Armed | null => {
    if (armed === null || !chunk.includes(armed.statement)) return null
    armed.left -= 1
    if (armed.left > 0) return null
    const sprung = armed
    armed = null
    return sprung
  }

  const server = createServer((inbound) => {
    if (state === 'cut') {
      inbound.destroy()
      return
    }
    const outbound = connect(Number(target.port || 5432), target.hostname)
    let answerSprings: (() => void) | null = null
    let over = false
    inbound.setNoDelay(true)
    outbound.setNoDelay(true)
    const pass = (from: Socket, to: Socket, chunk: Buffer) => {
      if (over) return
      if (!to.write(chunk)) from.pause()
    }
    inbound.on('data', (chunk: Buffer) => {
      const trap = meets(chunk)
      if (trap === null) return pass(inbound, outbound, chunk)
      if (trap.when === 'after') {
        pass(inbound, outbound, chunk)
        answerSprings = trap.spring
        return
      }
      over = true
      trap.spring()
    })
    outbound.on('data', (chunk: Buffer) => {
      if (answerSprings === null) return pass(outbound, inbound, chunk)
      over = true
      answerSprings()
    })
    for (const [one, other] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      sockets.add(one)
      if (state === 'stalled') one.pause()
      one.on('drain', () => {
        if (state !== 'stalled') other.resume()
      })
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
  })
  const through = await listenFor(server, url)

  return {
    url: through,
    cut() {
      state = 'cut'
      for (const socket of sockets) socket.destroy()
    },
    stall() {
      state = 'stalled'
      for (const socket of sockets) socket.pause()
    },
    mend() {
      state = 'open'
      for (const socket of sockets) socket.resume()
    },
    arm({ statement, when, nth }, spring) {
      armed = { statement, when, spring, left: nth }
    },
    disarm() {
      armed = null
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
