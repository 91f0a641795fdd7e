// The https requests to WhatsApp's media hosts, and to nobody else: what a message says about where its file is was written by whoever
// sent it. With a certificate of one's own (tests) only servers that have it are believed, wherever they are.

import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'

export interface MediaPolicy {
  /** PEM; null for the real WhatsApp. */
  readonly ca: string | null
  readonly timeoutMs: number
}

export type Fetched =
  | { readonly kind: 'ok'; readonly body: Buffer }
  /** WhatsApp does not have it any more. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'too-large' }
  /** `why` is for the log: a status or an error code. */
  | { readonly kind: 'failed'; readonly why: string }

export interface MediaRequest {
  readonly host: string
  /** With its query. */
  readonly path: string
  /** A POST when there is one. */
  readonly body?: Buffer
  /** The largest answer that is read. */
  readonly maxBytes: number
}

const DEFAULT_HOST = 'mmg.whatsapp.net'
const OWN_HOST = /^([a-z0-9-]+\.)*whatsapp\.net$/
const ORIGIN = 'https://web.whatsapp.com'

/** The host a file is fetched from: the one the message names when it is one of WhatsApp's, else the usual one. */
export function mediaHost(named: string | null, { ca }: Pick<MediaPolicy, 'ca'>): string {
  if (named === null) return DEFAULT_HOST
  return ca !== null || OWN_HOST.test(named) ? named : DEFAULT_HOST
}

/** Asks a media host. Follows no redirection. Never rejects. */
export function askMediaHost(wanted: MediaRequest, policy: MediaPolicy): Promise<Fetched> {
  const { host, path, body, maxBytes } = wanted
  const url = URL.parse(`https://${host}${path}`)
  if (url === null || url.host !== host) return Promise.resolve({ kind: 'failed', why: 'bad address' })
  return new Promise((resolve) => {
    const call = request(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { origin: ORIGIN, ...(body === undefined ? {} : { 'content-type': 'application/octet-stream' }) },
      signal: AbortSignal.timeout(policy.timeoutMs),
      // No connection is kept: files are rare, and a kept one would keep the process alive.
      agent: false,
      ...(policy.ca === null ? {} : { ca: policy.ca }),
    })
    call.on('response', (response) => void read(response, maxBytes).then(resolve))
    call.on('error', (error: NodeJS.ErrnoException) => resolve({ kind: 'failed', why: error.code ?? error.name }))
    call.end(body)
  })
}

const GONE: readonly number[] = [403, 404, 410]

async function read(response: IncomingMessage, maxBytes: number): Promise<Fetched> {
  const status = response.statusCode ?? 0
  if (status !== 200) {
    response.destroy()
    return GONE.includes(status) ? { kind: 'gone' } : { kind: 'failed', why: `HTTP ${status}` }
  }
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response) {
      size += (chunk as Buffer).length
      if (size > maxBytes) return { kind: 'too-large' }
      chunks.push(chunk as Buffer)
    }
  } catch (error) {
    return { kind: 'failed', why: (error as NodeJS.ErrnoException).code ?? 'cut' }
  }
  return { kind: 'ok', body: Buffer.concat(chunks) }
}
