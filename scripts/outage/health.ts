// What /health says while the database goes away and comes back, asked again and again; and what it should have said. The judging is pure.

import { setTimeout as sleep } from 'node:timers/promises'
import { callApi } from '../proof/http.ts'

export interface Look {
  /** Monotonic ms at which it was asked, and at which the answer was there. */
  readonly askedAt: number
  readonly at: number
  /** null: nobody answered. */
  readonly status: number | null
  readonly database: string | null
}

export interface HealthWatch {
  readonly looks: readonly Look[]
  stop(): Promise<void>
}

const POLL_MS = 100

/** @param url of the server as it is at that moment; null while it is down */
export function watchHealth(url: () => string | null): HealthWatch {
  const looks: Look[] = []
  let stopped = false
  const look = async () => {
    const at = url()
    const askedAt = performance.now()
    const answer = at === null ? null : await callApi(at, 'GET', '/health', { any: true }).catch(() => null)
    const body = answer?.body as { checks?: { database?: { status?: string } } } | null | undefined
    const database = body?.checks?.database?.status ?? null
    looks.push({ askedAt, at: performance.now(), status: answer?.status ?? null, database })
  }
  const work = (async () => {
    while (!stopped) {
      await look()
      await sleep(POLL_MS)
    }
  })()
  return {
    looks,
    async stop() {
      stopped = true
      await work
    },
  }
}

export interface HealthVerdict {
  /** From the outage until /health said that the database is down; null: never. */
  readonly downAfterMs: number | null
  /** From the end of the outage until /health was well again; null: never. */
  readonly upAfterMs: number | null
  /** Answers that said "well" although it had said "down" and the database was still away. */
  readonly wrong: number
  /** Times that nobody answered. */
  readonly unanswered: number
}

/** @param from, until: of the outage, monotonic ms */
export function judge(looks: readonly Look[], from: number, until: number): HealthVerdict {
  const down = (look: Look) => look.status === 503 && look.database === 'down'
  const well = (look: Look) => look.status === 200 && look.database === 'up'
  const firstDown = looks.find((look) => look.at >= from && down(look))
  // One that was asked before the end and answered after it may say either.
  const firstUp = looks.find((look) => look.at >= until && well(look))
  const between = looks.filter((look) => firstDown !== undefined && look.at > firstDown.at && look.at < until)
  return {
    downAfterMs: firstDown === undefined || firstDown.at > until ? null : Math.round(firstDown.at - from),
    upAfterMs: firstUp === undefined ? null : Math.round(firstUp.at - until),
    wrong: between.filter((look) => !down(look) && look.status !== null).length,
    unanswered: looks.filter(({ status }) => status === null).length,
  }
}
