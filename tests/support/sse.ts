// Reads Server-Sent Events from a real connection: waits for events with a deadline, says what came instead.

import { type ClientRequest, request } from 'node:http'

export interface ReadEvent {
  readonly event: string
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire is looked into by the test
  readonly data: any
}

export interface EventReader {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  /** The next event; rejects when none comes in time or the stream ends. */
  next(): Promise<ReadEvent>
  /** Resolves when the server has ended the stream. */
  ended(): Promise<void>
  /** Comments seen so far. */
  comments(): number
  body(): string
  /** Stops reading without closing: the reader is slow from now on. */
  pause(): void
  resume(): void
  close(): void
}

const DEADLINE_MS = 5_000

export function readEvents(url: string, headers: Record<string, string> = {}): Promise<EventReader> {
  return new Promise((resolve, reject) => {
    const sent: ClientRequest = request(url, { headers, agent: false }, (response) => {
      const events: ReadEvent[] = []
      const waiting: (() => void)[] = []
      let text = ''
      let rest = ''
      let comments = 0
      let over = false
      const wake = () => {
        for (const each of waiting.splice(0)) each()
      }
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
        const blocks = (rest + chunk).split('\n\n')
        rest = blocks.pop() ?? ''
        for (const block of blocks) {
          const lines = block.split('\n')
          if (lines.some((line) => line.startsWith(':'))) comments += 1
          const event = lines.find((line) => line.startsWith('event: '))?.slice(7)
          const data = lines.find((line) => line.startsWith('data: '))?.slice(6)
          if (event !== undefined && data !== undefined) events.push({ event, data: JSON.parse(data) })
        }
        wake()
      })
      response.on('close', () => {
        over = true
        wake()
      })
      const until = async <T>(what: string, look: () => T | undefined): Promise<T> => {
        const deadline = Date.now() + DEADLINE_MS
        for (;;) {
          const found = look()
          if (found !== undefined) return found
          const left = deadline - Date.now()
          if (left <= 0 || over)
            throw new Error(`no ${what}${over ? ': the stream has ended' : ' in time'}; so far: ${text}`)
          await new Promise<void>((go) => {
            const timer = setTimeout(go, left)
            waiting.push(() => {
              clearTimeout(timer)
              go()
            })
          })
        }
      }
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        next: () => until('event', () => events.shift()),
        async ended() {
          await until('end', () => (over ? true : undefined))
        },
        comments: () => comments,
        body: () => text,
        pause: () => void response.pause(),
        resume: () => void response.resume(),
        close: () => void sent.destroy(),
      })
    })
    sent.on('error', reject)
    sent.end()
  })
}
