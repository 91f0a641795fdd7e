// Staff who write to customers over the API, each message under its Idempotency-Key, tried again until the server says yes.

import { setTimeout as sleep } from 'node:timers/promises'
import type { StaffSent } from './history.ts'
import { callApi } from './http.ts'
import type { StaffMessage } from './plan.ts'

const RETRY_MS = 100

export interface Staff {
  /** Nobody waits for a yes any more. */
  done(): boolean
  sent(): StaffSent[]
  /** What was answered last, for a message that is still tried. */
  lastAnswers(): string[]
  /** Stops trying. */
  stop(): Promise<void>
}

/** @param url of the server as it is at that moment; null while it is down */
export function startStaff(
  messages: readonly StaffMessage[],
  tokens: ReadonlyMap<string, { readonly token: string }>,
  url: () => string | null,
): Staff {
  const accepted = new Set<string>()
  const last = new Map<string, string>()
  let stopped = false

  const tryOnce = async ({ key, account, customer, text }: StaffMessage): Promise<boolean> => {
    const at = url()
    if (at === null) return false
    try {
      const { status, body } = await callApi(at, 'POST', '/api/whatsapp/send-message', {
        token: tokens.get(account)?.token ?? '',
        key,
        body: { to: `+${customer}`, message: text },
        any: true,
      })
      last.set(key, `${status} ${JSON.stringify(body).slice(0, 200)}`)
      return status >= 200 && status < 300
    } catch (error) {
      last.set(key, String(error))
      return false
    }
  }

  const send = async (message: StaffMessage) => {
    await sleep(message.atMs)
    while (!stopped) {
      if (await tryOnce(message)) {
        accepted.add(message.key)
        return
      }
      await sleep(RETRY_MS)
    }
  }

  const work = Promise.all(messages.map(send))
  return {
    done: () => accepted.size === messages.length,
    sent: () =>
      messages.map(({ key, account, customer, text }) => ({ account, customer, text, accepted: accepted.has(key) })),
    lastAnswers: () => messages.filter(({ key }) => !accepted.has(key)).map(({ key }) => last.get(key) ?? 'not tried'),
    async stop() {
      stopped = true
      await work
    },
  }
}
