// A simulator in another process, driven through its control interface. For scripts; tests in one process use index.ts.
import type { Addressing } from './jid.ts'
import type { LoadMessage, LoadState } from './load.ts'
import type { LogEntry } from './log.ts'
import type { InboxMessage, ReceiptState } from './people.ts'
import type { Linked } from './provision.ts'
import type { SendOptions } from './sending.ts'

export type RemoteMessage = Omit<InboxMessage, 'message'>

export interface RemotePhone {
  readonly number: string
  readonly lid: string
  readonly linkedDevices: readonly { readonly device: number; readonly online: boolean }[]
  readonly inbox: readonly RemoteMessage[]
  readonly ownCopies: readonly { readonly id: string; readonly to: string; readonly text: string }[]
}

/** A received message as the answer for many inboxes lists it. */
export interface ListedMessage extends Pick<InboxMessage, 'id' | 'from' | 'text' | 'count'> {
  /** Whose inbox it is in. */
  readonly customer: string
}

export interface RemoteWait {
  /** Milliseconds; 10,000 if not given. */
  readonly timeoutMs?: number
}

export interface RemoteSendOptions extends SendOptions {
  readonly pushName?: string
  readonly addressing?: Addressing
}

/** Every call rejects with the simulator's sentence if it refuses, or says that it cannot be reached. */
export interface RemoteSimulator {
  readonly health: () => Promise<{ readonly ok: true; readonly url: string; readonly trustRoot: string }>
  readonly phone: (number: string) => Promise<RemotePhone>
  readonly scan: (number: string, qr: string) => Promise<void>
  readonly enterCode: (number: string, code: string) => Promise<void>
  readonly type: (number: string, to: string, text: string) => Promise<{ readonly id: string }>
  readonly logout: (number: string, device?: number) => Promise<void>
  readonly ban: (number: string) => Promise<void>
  readonly send: (
    number: string,
    to: string,
    text: string,
    options?: RemoteSendOptions,
  ) => Promise<{ readonly id: string }>
  readonly inbox: (number: string) => Promise<readonly RemoteMessage[]>
  readonly read: (number: string, id: string) => Promise<void>
  readonly receiptsFor: (number: string, id: string) => Promise<ReceiptState>
  readonly fault: (name: string, facts?: Readonly<Record<string, unknown>>) => Promise<void>
  /** Entries later than `after` (a seq; all if not given). */
  readonly log: (after?: number) => Promise<readonly LogEntry[]>
  /** Links a device to each of these people without a QR, and answers with what a client logs in with. */
  readonly link: (numbers: readonly string[], preKeys: number) => Promise<Linked>
  /** Lets customers write so many messages a second; one load at a time. */
  readonly startLoad: (messages: readonly LoadMessage[], perSecond: number) => Promise<void>
  readonly load: () => Promise<LoadState>
  readonly inboxes: (numbers: readonly string[]) => Promise<readonly ListedMessage[]>
  /** The next message in the customer's inbox that fits and that no earlier call here has answered. */
  readonly waitForReply: (number: string, test?: RegExp, wait?: RemoteWait) => Promise<RemoteMessage>
  readonly waitForLog: (
    test: (entry: LogEntry) => boolean,
    wait: RemoteWait & { readonly what: string; readonly after?: number },
  ) => Promise<LogEntry>
}

const POLL_MS = 50
const DEFAULT_WAIT_MS = 10_000

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const poll = async <T>(
  probe: () => Promise<T | undefined>,
  what: string,
  { timeoutMs = DEFAULT_WAIT_MS }: RemoteWait,
) => {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const value = await probe()
    if (value !== undefined) return value
    if (Date.now() > deadline) throw new Error(`${what}: not seen within ${timeoutMs} ms.`)
    await pause(POLL_MS)
  }
}

/** @param controlUrl the `control` address the simulator printed */
export const connectSimulator = (controlUrl: string): RemoteSimulator => {
  const base = controlUrl.replace(/\/$/, '')
  const answered = new Set<string>()

  const call = async <T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> => {
    const request = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const response = await fetch(base + path, { method, ...request }).catch(() => {
      throw new Error(`The simulator cannot be reached at ${base}.`)
    })
    const answer = (await response.json()) as T & { readonly error?: string }
    if (!response.ok) throw new Error(answer.error ?? `The simulator answered ${response.status}.`)
    return answer
  }
  const inbox = async (number: string): Promise<readonly RemoteMessage[]> =>
    (await call<{ messages: readonly RemoteMessage[] }>('GET', `/customers/${encodeURIComponent(number)}/inbox`))
      .messages
  const log = async (after = 0): Promise<readonly LogEntry[]> =>
    (await call<{ entries: readonly LogEntry[] }>('GET', `/log?after=${after}`)).entries
  const person = (kind: 'phones' | 'customers', number: string, verb: string): string =>
    `/${kind}/${encodeURIComponent(number)}/${verb}`

  return {
    health: () => call('GET', '/health'),
    phone: (number) => call('GET', `/phones/${encodeURIComponent(number)}`),
    scan: (number, qr) => call('POST', person('phones', number, 'scan'), { qr }),
    enterCode: (number, code) => call('POST', person('phones', number, 'code'), { code }),
    type: (number, to, text) => call('POST', person('phones', number, 'type'), { to, text }),
    logout: (number, device) => call('POST', person('phones', number, 'logout'), { device }),
    ban: (number) => call('POST', person('phones', number, 'ban')),
    send: (number, to, text, options) => call('POST', person('customers', number, 'send'), { to, text, ...options }),
    inbox,
    read: (number, id) => call('POST', person('customers', number, 'read'), { id }),
    receiptsFor: async (number, id) =>
      (await call<{ state: ReceiptState }>('GET', person('customers', number, `receipts/${encodeURIComponent(id)}`)))
        .state,
    fault: (name, facts = {}) => call('POST', `/faults/${encodeURIComponent(name)}`, facts),
    log,
    link: (numbers, preKeys) => call('POST', '/devices', { numbers, preKeys }),
    startLoad: (messages, perSecond) => call('POST', '/load', { messages, perSecond }),
    load: () => call('GET', '/load'),
    inboxes: async (numbers) =>
      (await call<{ messages: readonly ListedMessage[] }>('POST', '/inboxes', { numbers })).messages,
    waitForReply: async (number, test, wait = {}) => {
      const next = async (): Promise<RemoteMessage | undefined> => {
        const messages = await inbox(number)
        return messages.find(({ id, text }) => !answered.has(`${number} ${id}`) && (test?.test(text) ?? true))
      }
      const message = await poll(next, `A reply to ${number}${test ? ` like ${test}` : ''}`, wait)
      answered.add(`${number} ${message.id}`)
      return message
    },
    waitForLog: (test, wait) => poll(async () => (await log(wait.after)).find(test), wait.what, wait),
  }
}
