// Reads what another node tells of a pairing: Server-Sent Events over a streaming GET. It only takes the stream apart and says how it ended;
// where to listen next is decided by follow.ts.

import type { Logger } from '../../log.ts'
import { type QrStreamEvent, qrStreamEvent } from '../session/protocol.ts'
import { readMoved } from './envelope.ts'
import type { Home } from './planner.ts'
import type { Pools } from './pools.ts'
import type { WatchListener } from './transport.ts'

/** More than this without an end of an event is no stream of ours, in characters. */
const MAX_BLOCK = 64 * 1024

/** One block of the stream: an event, the news that the session has moved, or nothing (a comment, an event of a newer node). */
export function readBlock(block: string): QrStreamEvent | { readonly moved: Home | null } | null {
  let name = ''
  let data = ''
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) name = line.slice(7)
    else if (line.startsWith('data: ')) data = line.slice(6)
  }
  if (name === '' || data === '') return null
  try {
    const value: unknown = JSON.parse(data)
    if (name === 'moved') return { moved: readMoved(value) }
    const event = qrStreamEvent.safeParse(value)
    return event.success ? event.data : null
  } catch {
    return null
  }
}

/** @returns stops reading, after which nothing is told */
export function readWatch(
  pool: ReturnType<Pools['stream']>,
  path: string,
  headers: string[],
  listener: WatchListener,
  log: Logger,
): () => void {
  const stop = new AbortController()
  let over = false
  const end: WatchListener['end'] = (why) => {
    if (over) return
    over = true
    listener.end(why)
  }

  const read = async (): Promise<void> => {
    const response = await pool.request({ method: 'GET', path, headers, signal: stop.signal })
    if (response.statusCode !== 200) {
      const text = await response.body.text()
      return end(response.statusCode === 421 ? { moved: movedOf(text) } : 'unreachable')
    }
    response.body.setEncoding('utf8')
    let rest = ''
    for await (const chunk of response.body) {
      const blocks = (rest + String(chunk)).split('\n\n')
      rest = blocks.pop() ?? ''
      if (rest.length > MAX_BLOCK) throw new Error('an event without an end')
      for (const block of blocks) {
        const told = readBlock(block)
        if (over || told === null) continue
        if ('moved' in told) return end(told)
        listener.event(told)
      }
    }
    end('ended')
  }
  read()
    .catch((error: unknown) => {
      if (!over) log.debug({ err: error, path }, 'a stream of another node broke')
      end('unreachable')
    })
    .finally(() => stop.abort())
  return () => {
    over = true
    stop.abort()
  }
}

function movedOf(text: string): Home | null {
  try {
    return readMoved(JSON.parse(text))
  } catch {
    return null
  }
}
