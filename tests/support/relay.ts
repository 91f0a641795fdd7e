// A relay between a node and its database that can be cut and mended: what the node sees then is a server that went away.

import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface Relay {
  /** The database's URL, through the relay. */
  readonly url: string
  /** Drops every connection and refuses new ones. */
  cut(): void
  mend(): void
}

/** @param url of the real server */
export async function relay(t: Pick<Test, 'teardown'>, url: string): Promise<Relay> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let open = true
  const server = createServer((inbound) => {
    if (!open) {
      inbound.destroy()
      return
    }
    const outbound = connect(Number(target.port || 5432), target.hostname)
    for (const [from, to] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      sockets.add(from)
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  const through = await listenFor(server, url)
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    url: through,
    cut() {
      open = false
      for (const socket of sockets) socket.destroy()
    },
    mend() {
      open = true
    },
  }
}

/** Lets a relay listen on a free port of this machine. @returns the URL that leads through it */
export async function listenFor(relay: Server, url: string): Promise<string> {
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
  const through = new URL(url)
  through.hostname = '127.0.0.1'
  through.port = String((relay.address() as AddressInfo).port)
  return through.href
}
