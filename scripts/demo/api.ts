// The HTTP API as a user's program calls it. Each answer is held against the documented shape: a wrong status or shape is a failed check.

import { z } from 'zod'
import { CheckFailed } from './checks.ts'

export interface Request<T> {
  readonly body?: unknown
  /** The status that is wanted; 200 if not given. */
  readonly status?: number
  /** Asks for JSON where a route can also stream. */
  readonly json?: true
  /** The shape of the answer, from src/http/schemas. */
  readonly shape: z.ZodType<T>
}

export interface Api {
  call<T>(method: 'GET' | 'POST' | 'PATCH', path: string, request: Request<T>): Promise<T>
  /** The events of a stream as they come, until it ends or the signal says so. */
  events(path: string, signal: AbortSignal): AsyncGenerator<ServerEvent>
  /** The same as this user. */
  as(token: string): Api
}

/** The API answered, and not as it was wanted to. */
export class OtherStatus extends CheckFailed {
  /** What the API says to a person, when it says anything. */
  readonly sentence: string
  constructor(what: string, wanted: number, status: number, text: string) {
    super(what, `status ${wanted}`, `status ${status}: ${text.slice(0, TEXT_SHOWN)}`)
    this.sentence = problem.safeParse(text).data?.detail ?? `${what} answered ${status}.`
  }
}

export interface ServerEvent {
  readonly event: string
  readonly data: Readonly<Record<string, unknown>>
}

const LONGEST_MS = 30_000
const TEXT_SHOWN = 600
const JSON_TYPE = 'application/json'
const problem = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text)
    } catch {
      context.addIssue('not JSON')
      return z.NEVER
    }
  })
  .pipe(z.object({ detail: z.string() }))

/** @param url where the server listens now; it may move with a restart */
export function makeApi(url: () => string, token?: string): Api {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return {
    as: (other) => makeApi(url, other),
    async call(method, path, { body, status = 200, json, shape }) {
      const answer = await fetch(url() + path, {
        method,
        headers: {
          ...authorization,
          ...(json ? { accept: JSON_TYPE } : {}),
          ...(body === undefined ? {} : { 'content-type': JSON_TYPE }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(LONGEST_MS),
      })
      const text = await answer.text()
      const what = `${method} ${path}`
      if (answer.status !== status) throw new OtherStatus(what, status, answer.status, text)
      const parsed = shape.safeParse(JSON.parse(text))
      if (!parsed.success)
        throw new CheckFailed(what, `the documented shape: ${z.prettifyError(parsed.error)}`, text.slice(0, TEXT_SHOWN))
      return parsed.data
    },
    async *events(path, signal) {
      const answer = await fetch(url() + path, { headers: authorization, signal })
      if (answer.status !== 200 || answer.body === null)
        throw new CheckFailed(`GET ${path}`, 'a stream', `status ${answer.status}: ${await answer.text()}`)
      let rest = ''
      for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
        const blocks = (rest + chunk).split('\n\n')
        rest = blocks.pop() ?? ''
        for (const block of blocks) {
          const event = field(block, 'event')
          const data = field(block, 'data')
          if (event !== undefined && data !== undefined) yield { event, data: JSON.parse(data) }
        }
      }
    },
  }
}

function field(block: string, name: string): string | undefined {
  return block
    .split('\n')
    .find((line) => line.startsWith(`${name}: `))
    ?.slice(name.length + 2)
}
