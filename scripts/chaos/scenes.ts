// Traffic through a cluster and its end: customers and staff write, and when all is quiet what is there is held against what was accepted.

import { setTimeout as sleep } from 'node:timers/promises'
import type { LogEntry } from '../../simulator/log.ts'
import { PLENTY, SCARCE } from '../proof/cast.ts'
import { check, type Verdict } from '../proof/check.ts'
import { makeWitness, type Witness } from '../proof/witness.ts'
import type { ChaosPlan } from './plan.ts'
import { type Sends, startSends } from './sends.ts'
import type { ChaosStage } from './stage.ts'

const POLL_MS = 100
/** Nothing moved for so long, and nothing is left to do. */
const QUIET_MS = 400
const QUIET_WITHIN_MS = 120_000

export interface Traffic {
  readonly witness: Witness
  readonly sends: Sends
  /** Position in the simulator's log at which it began. */
  readonly since: number
  /** Resolves when everything is answered and every account is connected. @throws with what is left when that does not come */
  quiet(): Promise<void>
  /** What was lost or doubled. Call it when all is quiet. */
  judge(): Promise<Verdict>
  /** What WhatsApp saw since it began. */
  log(): Promise<readonly LogEntry[]>
  stop(): Promise<void>
}

export async function startTraffic(
  stage: ChaosStage,
  { messages, perSecond, staff }: Pick<ChaosPlan, 'messages' | 'perSecond' | 'staff'>,
): Promise<Traffic> {
  const { sim, ledger, users, accounts, nodes } = stage
  const since = (await sim.log()).at(-1)?.seq ?? 0
  const witness = makeWitness(sim, new Set(messages.map(({ id }) => id)))
  await sim.startLoad(messages, perSecond)
  const sends = startSends({ messages: staff, users, urls: () => nodes.flatMap((node) => node.url() ?? []) })

  const left = async () => {
    const { asked, accepted, refused } = await sim.load()
    const { inbox, outbox } = await ledger.waiting()
    return {
      writing: asked - accepted.length - refused.length,
      inbox,
      outbox,
      staff: sends.waiting(),
      delivering: witness.waiting(),
      disconnected: accounts.length - witness.connected(),
    }
  }
  return {
    witness,
    sends,
    since,
    log: () => sim.log(since),
    async quiet() {
      const deadline = performance.now() + QUIET_WITHIN_MS
      let seen = { entries: -1, at: performance.now() }
      for (;;) {
        const entries = await witness.look()
        const state = await left()
        const now = performance.now()
        if (entries !== seen.entries) seen = { entries, at: now }
        const idle = Object.values(state).every((count) => count === 0)
        if (idle && now - seen.at > QUIET_MS) return
        if (now > deadline)
          throw new Error(`it never became quiet: ${JSON.stringify(state)} ${(await ledger.stuck()).join('; ')}`)
        await sleep(POLL_MS)
      }
    },
    async judge() {
      const { accepted, refused } = await sim.load()
      if (refused.length > 0) throw new Error(`the simulator refused ${refused.length} messages: ${refused[0]}`)
      const taken = new Set(accepted)
      const inboxes = await sim.inboxes(accounts.flatMap(({ customers }) => customers))
      return check(
        {
          accepted: messages
            .filter(({ id }) => taken.has(id))
            .map(({ id, from, to, text }) => ({ id, account: to, customer: from, text })),
          stored: await ledger.stored(),
          receiptsTooEarly: new Set(),
          orders: await ledger.orders(),
          levels: await ledger.levels(),
          received: inboxes.map(({ customer, from, id, text, count }) => ({
            account: from,
            customer,
            id,
            text,
            count,
          })),
          staff: sends.sent(),
          unreadable: witness.unreadable,
        },
        { plenty: PLENTY, scarce: SCARCE },
      )
    },
    stop: () => sends.stop(),
  }
}

/** How long each of these accounts was without a connection, from that moment (Unix time) to its next login; those that had none are left out. */
export function takeovers(log: readonly LogEntry[], numbers: readonly string[], from: number): number[] {
  return numbers.flatMap((number) => {
    const login = log.find((entry) => entry.kind === 'login' && entry.number === number && entry.at >= from)
    return login === undefined ? [] : [login.at - from]
  })
}

/** Every gap between the end of a connection and the next login of the account, in ms. */
export function gaps(log: readonly LogEntry[]): number[] {
  const down = new Map<string, number>()
  const found: number[] = []
  for (const { kind, number, at } of log) {
    if (number === undefined) continue
    if (kind === 'disconnected') down.set(number, at)
    const began = kind === 'login' ? down.get(number) : undefined
    if (began === undefined) continue
    found.push(at - began)
    down.delete(number)
  }
  return found
}

const PAIRING = ['pairing-offered', 'scanned', 'paired', 'pairing-refused']

/** Whether anybody was asked for a QR. */
export const askedForQr = (log: readonly LogEntry[]): boolean => log.some(({ kind }) => PAIRING.includes(kind))

/** Connections that ended, by account. */
export const drops = (log: readonly LogEntry[]): string[] =>
  log.flatMap(({ kind, number }) => (kind === 'disconnected' && number !== undefined ? [number] : []))
