// Staff who write over the API of a cluster as through a load balancer: each message to the next node that listens. A refused connection goes
// to another node, as a balancer does it; any other answer than 202 is a failed send, counted, and tried again under the same key.

import { setTimeout as sleep } from 'node:timers/promises'
import type { StaffSent } from '../proof/history.ts'
import { callApi } from '../proof/http.ts'
import type { StaffMessage } from '../proof/plan.ts'

const RETRY_MS = 100

export interface Sends {
  /** How many nobody said yes to so far. */
  waiting(): number
  sent(): readonly StaffSent[]
  /** What was answered instead of 202: time of day, status, a few words. */
  readonly failures: readonly { readonly at: number; readonly why: string }[]
  stop(): Promise<void>
}

export interface SendsOptions {
  readonly messages: readonly StaffMessage[]
  readonly users: ReadonlyMap<string, { readonly token: string }>
  /** Nodes that listen at this moment. */
  readonly urls: () => readonly string[]
}

export function startSends({ messages, users, urls }: SendsOptions): Sends {
  const accepted = new Set<string>()
  const failures: { at: number; why: string }[] = []
  let turn = 0
  let stopped = false

  /** @returns whether it was taken, or null when nobody listened there */
  const tryOnce = async ({ key, account, customer, text }: StaffMessage): Promise<boolean | null> => {
    const up = urls()
    const url = up[turn % Math.max(1, up.length)]
    turn += 1
    if (url === undefined) return null
    const token = users.get(account)?.token ?? ''
    const body = { to: `+${customer}`, message: text }
    try {
      const answer = await callApi(url, 'POST', '/api/whatsapp/send-message', { token, key, body, any: true })
      if (answer.status === 202) return true
      failures.push({ at: Date.now(), why: `${answer.status} ${JSON.stringify(answer.body).slice(0, 160)}` })
      return false
    } catch (error) {
      const code = causeOf(error)
      if (code === 'ECONNREFUSED') return null
      failures.push({ at: Date.now(), why: code })
      return false
    }
  }

  const send = async (message: StaffMessage) => {
    await sleep(message.atMs)
    while (!stopped) {
      const taken = await tryOnce(message)
      if (taken === true) {
        accepted.add(message.key)
        return
      }
      await sleep(RETRY_MS)
    }
  }
  const work = Promise.all(messages.map(send))
  return {
    failures,
    waiting: () => messages.length - accepted.size,
    sent: () =>
      messages.map(({ key, account, customer, text }) => ({ account, customer, text, accepted: accepted.has(key) })),
    async stop() {
      stopped = true
      await work
    },
  }
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : null
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
