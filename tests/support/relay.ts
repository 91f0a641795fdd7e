// A relay between a node and its database that can be cut and mended: what the node sees then is a server that went away.

import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'
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
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const through = new URL(url)
  through.hostname = '127.0.0.1'
  through.port = String((server.address() as AddressInfo).port)
  return {
    url: through.href,
    cut() {
      open = false
      for (const socket of sockets) socket.destroy()
    },
    mend() {
      open = true
    },
  }
}
