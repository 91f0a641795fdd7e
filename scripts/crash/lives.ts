// The lives of the server in one trial: each ends with the kill its plan says, then what WhatsApp was told is held against the database before
// the next begins.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Program } from '../demo/processes.ts'
import type { Kill } from '../proof/plan.ts'
import type { ServerProcess } from '../proof/processes.ts'
import type { Stage } from '../proof/stage.ts'
import type { Witness } from '../proof/witness.ts'

/** A place that is not passed in this time, because the load is over or the nth is too many, is not waited for. */
const TRAP_WITHIN_MS = 8_000
const GONE_WITHIN_MS = 10_000
const POLL_MS = 20
const LINES_SHOWN = 8

export interface Lives {
  /** Where the server listens at this moment; null while it is down. */
  url(): string | null
  /** The first life, up and unharmed. */
  begin(first: Kill | undefined): Promise<string>
  /** Ends this life as planned, checks what was confirmed, and starts the next. */
  endAndRestart(kill: Kill, next: Kill | undefined): Promise<void>
  /** Starts the server again when it ended by itself. @returns whether it had */
  revive(): Promise<boolean>
  /** `account/id` of what was confirmed to WhatsApp and was not stored at that moment. */
  readonly tooEarly: ReadonlySet<string>
  /** Kills whose place was not passed in time: the server was killed there and then. */
  readonly missed: ReadonlySet<Kill>
  /** Ends that nobody planned, with what the server said. */
  readonly accidents: readonly string[]
}

export function makeLives(stage: Stage, witness: Witness): Lives {
  const tooEarly = new Set<string>()
  const accidents: string[] = []
  const missed = new Set<Kill>()
  const safe = new Set<string>()
  let server: ServerProcess | null = null
  let url: string | null = null
  let firstLife = true

  /** In the first life a trap waits until the load begins, in a later one it counts from the start: then what was left behind meets it. */
  const start = async (kill: Kill | undefined, first: boolean): Promise<string> => {
    const trap = kill?.kind === 'place' ? ['--place', kill.place, '--nth', String(kill.nth)] : []
    const started = stage.startServer(first || trap.length === 0 ? trap : [...trap, '--armed'])
    firstLife = first
    server = started
    const up = started.up.then((at) => {
      if (server === started) url = at
      return at
    })
    up.catch(() => undefined)
    const dies = kill !== undefined && ['boot', 'place', 'statement'].includes(kill.kind)
    return first || !dies ? up : ''
  }

  const current = (): Program => {
    if (server === null) throw new Error('no server runs')
    return server.program
  }

  /** Resolves when the process is dead. */
  const carryOut = async (kill: Kill): Promise<void> => {
    const program = current()
    const shoot = () => {
      if (program.running()) process.kill(program.pid, 'SIGKILL')
    }
    switch (kill.kind) {
      case 'after':
      case 'boot':
        await sleep(kill.ms)
        break
      case 'place':
        if (firstLife) process.kill(program.pid, 'SIGUSR2')
        await Promise.race([program.ended, sleep(TRAP_WITHIN_MS, undefined, { ref: false })])
        break
      case 'statement':
        stage.relay.arm(kill, shoot)
        await Promise.race([program.ended, sleep(TRAP_WITHIN_MS, undefined, { ref: false })])
        stage.relay.disarm()
        break
      case 'outage':
        await outage(kill, shoot)
        break
    }
    if ((kill.kind === 'place' || kill.kind === 'statement') && program.running()) missed.add(kill)
    shoot()
    const how = await program.ended
    url = null
    if (how !== 'was ended by SIGKILL') accidents.push(`the server ${how}: ${program.tail(LINES_SHOWN).join(' | ')}`)
  }

  const outage = async (kill: Extract<Kill, { kind: 'outage' }>, shoot: () => void): Promise<void> => {
    await sleep(kill.startMs)
    if (kill.how === 'cut') stage.relay.cut()
    else stage.relay.stall()
    const mended = sleep(kill.lastsMs).then(() => stage.relay.mend())
    await sleep(kill.killMs)
    shoot()
    await mended
  }

  /** Everything the dead server confirmed must be in the journal or processed. */
  const checkReceipts = async (): Promise<void> => {
    const deadline = performance.now() + GONE_WITHIN_MS
    do await witness.look()
    while (witness.connected() > 0 && performance.now() < deadline && (await sleep(POLL_MS, true)))
    const unknown = [...witness.receipts].filter((key) => !safe.has(key) && !tooEarly.has(key))
    if (unknown.length === 0) return
    // In this order: what the dead server had sent may still be carried out, and takes a message from the journal to where it is stored.
    const journaled = await stage.ledger.journaled()
    const stored = await stage.ledger.stored()
    for (const key of unknown) (stored.has(key) || journaled.has(key) ? safe : tooEarly).add(key)
  }

  return {
    url: () => url,
    tooEarly,
    missed,
    accidents,
    begin: (first) => start(first, true),
    async endAndRestart(kill, next) {
      await carryOut(kill)
      await checkReceipts()
      await start(next, false)
    },
    async revive() {
      const program = current()
      if (program.running()) return false
      accidents.push(`the server ${await program.ended}: ${program.tail(LINES_SHOWN).join(' | ')}`)
      url = null
      await start(undefined, false)
      return true
    },
  }
}
