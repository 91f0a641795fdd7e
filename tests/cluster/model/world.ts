// A cluster of simulated processes, what befalls it, and whether it kept its promises: one run from a list of commands and a seed, the same
// every time.

import { asId, type SessionId } from '../../../src/domain/ids.ts'
import { never } from '../../../src/domain/result.ts'
import { makeLog } from '../../../src/log.ts'
import { CHATS, type Command, NODES, OWNER, type Point, SESSIONS, type Timed } from './commands.ts'
import { makeDatabase } from './database.ts'
import { makeInvariants, type Violation } from './invariants.ts'
import { type Node, startNode, type World } from './node.ts'
import { makeRedis } from './redis.ts'
import { makeScheduler, type Process } from './scheduler.ts'
import { loadSource } from './source.ts'
import { ALL_ON, type Mutant, type Switches } from './switches.ts'
import { useScheduler } from './timers.ts'
import { makeWhatsApp } from './whatsapp.ts'

export interface Run {
  readonly timeline: readonly Timed[]
  readonly seed: number
  readonly mutant: Mutant | null
}

export interface Outcome {
  readonly violation: Violation | null
  readonly events: number
  /** Connections that ended after everything had first come up. */
  readonly closed: number
  /** True ms from the end of all faults until all was settled. */
  readonly healedMs: number
}

const WARM_UP_MS = 30_000
/** Everything has to be in order again this long after the last fault: an idle transaction, a lease and a few rounds. */
const LIVE_WITHIN_MS = 90_000
const LOOK_MS = 500
const RESTART_MS = 1_500
const LOG = makeLog('silent')

interface Armed {
  readonly slot: number
  readonly at: Point
  readonly hit: (node: Node) => void
}

export async function run({ timeline, seed, mutant }: Run): Promise<Outcome> {
  const switches: Switches = mutant?.off === undefined ? ALL_ON : { ...ALL_ON, [mutant.off]: false }
  const source = await loadSource(mutant?.edit ?? null)
  const scheduler = makeScheduler(seed)
  useScheduler(scheduler)
  const sessions = Array.from({ length: SESSIONS }, (_, n) => asId<SessionId>(`s${n}`))
  const nodes: (Node | null)[] = Array.from({ length: NODES }, () => null)
  /** Processes that give their sessions away while their successor runs already. */
  const leaving = new Set<Node>()
  const versions = Array.from({ length: NODES }, () => 1)
  let armed: Armed[] = []
  let incarnations = 0
  let closed = 0
  let warm = false

  const everyone = () => [...nodes, ...leaving].filter((node) => node !== null)

  /** A process got to a point where a command may have been waiting for it. */
  const reached = (process: Process, at: Point) => {
    const node = everyone().find((candidate) => candidate.process === process)
    const mine = armed.find((candidate) => candidate.slot === node?.slot && candidate.at === at)
    if (node === undefined || mine === undefined) return
    armed = armed.filter((candidate) => candidate !== mine)
    mine.hit(node)
  }

  const database = makeDatabase({ scheduler, forShare: switches.forShare, reached })
  for (const session of sessions) database.want(session)
  const invariants = makeInvariants(sessions, database, () => whatsapp, scheduler.now)
  const whatsapp = makeWhatsApp(scheduler, {
    shown: invariants.shown,
    receipt: invariants.receipt,
    login: invariants.login,
    broken: invariants.report,
  })
  const redis = makeRedis({ scheduler, source, log: LOG })

  const end = (node: Node) => {
    if (node.process.state === 'dead') return
    scheduler.kill(node.process)
    whatsapp.killed(node.process)
    database.hangUp(node.process)
    leaving.delete(node)
    if (nodes[node.slot] !== node) return
    nodes[node.slot] = null
    scheduler.after(RESTART_MS, null, () => {
      if (nodes[node.slot] === null) start(node.slot)
    })
  }

  const world: World = {
    scheduler,
    database,
    redis,
    whatsapp,
    source,
    switches,
    log: LOG,
    frame(node, fence, direction, what, row, id) {
      invariants.frame(node, fence, direction, what, row, id)
      // After the frame is gone, not in its way.
      if (direction === 'out') scheduler.after(0, null, () => reached(node.process, 'sent'))
    },
    socket(node, session, open) {
      invariants.socket(node, session, open)
      if (open === 0 && warm) closed += 1
    },
    exited: end,
  }

  const start = (slot: number) => {
    incarnations += 1
    nodes[slot] = startNode(world, slot, versions[slot] ?? 1, `n${slot}.${incarnations}`)
  }

  const wake = (node: Node, frozenAt: number, suspend: boolean) => {
    if (node.process.state !== 'frozen') return
    if (suspend) node.suspended(scheduler.now() - frozenAt)
    scheduler.thaw(node.process)
  }
  /** Frozen processes, and how to wake them before their time. */
  const frozen = new Map<Node, () => void>()

  const freeze = (node: Node, ms: number, suspend: boolean) => {
    if (node.process.state !== 'running') return
    const at = scheduler.now()
    scheduler.freeze(node.process)
    const resume = () => {
      frozen.delete(node)
      wake(node, at, suspend)
    }
    frozen.set(node, resume)
    scheduler.after(ms, null, resume)
  }

  /** The slot a command means: a node's number, or whichever has session 0. */
  const slotOf = (number: number): number => {
    if (number !== OWNER) return number
    const owner = database.owner(sessionAt(0))?.owner
    return everyone().find(({ process }) => process.name === owner)?.slot ?? 0
  }
  const hit = (number: number, at: Point, blow: (node: Node) => void) => {
    const slot = slotOf(number)
    const node = nodes[slot] ?? null
    if (at !== 'now') armed.push({ slot, at, hit: blow })
    else if (node !== null) blow(node)
  }

  const heal = () => {
    armed = []
    for (const server of [database.server, redis.server]) {
      server.cut.clear()
      server.loseAnswers = 0
      server.loseRequests = 0
      server.lagMs = 0
    }
    redis.server.down = false
    for (const node of everyone()) node.setRate(1)
    for (const resume of [...frozen.values()]) resume()
  }

  /** A client of the API: it asks until it is answered, with the same key. */
  const request = (session: SessionId, chat: string, slot: number, idem: string) => {
    const node = nodes[slot % NODES] ?? null
    const next = (ms: number) => scheduler.after(ms, null, () => request(session, chat, slot + 1, idem))
    if (node === null || node.process.state !== 'running' || !node.running()) return void next(500)
    const late = next(5_000)
    scheduler.after(1, node.process, () => {
      node.work
        .change(({ outbox }) => {
          const known = outbox.find((row) => row.session === session && row.idem === idem)
          if (known !== undefined && switches.uniqueKey) return known.id
          const id = outbox.length + 1
          outbox.push({ id, session, chat, idem, waMessageId: `W${id}`, state: 'queued' })
          return id
        })
        .then(
          (id) => {
            late()
            invariants.accepted(id, idem)
            node.ring(session)
          },
          () => undefined,
        )
    })
  }

  const sessionAt = (n: number): SessionId => sessions[n] ?? asId<SessionId>('s0')
  let requests = 0

  const carryOut = (command: Command): void => {
    switch (command.type) {
      case 'kill':
        return hit(command.node, command.at, (node) => {
          end(node)
          if (command.proof) void database.proveDead(node.process.name)
        })
      case 'pause':
        return hit(command.node, command.at, (node) => freeze(node, command.ms, command.suspend))
      case 'resume':
        for (const [node, resume] of [...frozen]) if (node.slot === slotOf(command.node)) resume()
        return
      case 'partition': {
        const node = nodes[slotOf(command.node)] ?? null
        if (node === null) return
        const { server } = command.from === 'database' ? database : redis
        server.cut.add(node.process)
        scheduler.after(command.ms, null, () => server.cut.delete(node.process))
        return
      }
      case 'heal':
        return heal()
      case 'redis-wipe':
        return redis.wipe()
      case 'redis-lag':
        redis.server.lagMs = command.ms
        return
      case 'redis-down':
        redis.server.down = true
        scheduler.after(command.ms, null, () => {
          redis.server.down = false
          redis.wipe()
        })
        return
      case 'pg-restart':
        if (command.aheadMs > 0) invariants.clockJumped()
        return database.restart(command.ms, command.aheadMs)
      case 'pg-timeout':
        if (command.done) database.server.loseAnswers = command.count
        else database.server.loseRequests = command.count
        return
      case 'pg-stall':
        return database.stallNext(command.ms)
      case 'clock-rate':
        nodes[slotOf(command.node)]?.setRate(command.rate)
        return
      case 'deploy': {
        const slot = slotOf(command.node)
        const old = nodes[slot] ?? null
        if (old === null || old.process.state !== 'running' || !old.running()) return
        versions[slot] = old.version + 1
        leaving.add(old)
        start(slot)
        scheduler.after(2_000, old.process, () => old.leave())
        return
      }
      case 'customer':
        for (let n = 0; n < command.count; n += 1) {
          const chat = `c${command.chat % CHATS}`
          invariants.wrote(sessionAt(command.session), chat, whatsapp.write(sessionAt(command.session), chat))
        }
        return
      case 'encrypt-again':
        return whatsapp.encryptAgain(sessionAt(command.session), `c${command.chat}`)
      case 'rest': {
        requests += 1
        for (let n = 0; n < command.times; n += 1)
          request(sessionAt(command.session), `c${command.chat}`, command.node + n, `key-${requests}`)
        return
      }
      case 'redeliver':
        return whatsapp.redeliver(sessionAt(command.session))
      case 'drop':
        return whatsapp.drop(sessionAt(command.session), 428)
      default:
        return never(command)
    }
  }

  /** @returns whether all was in order within this time */
  const settled = async (withinMs: number): Promise<boolean> => {
    const deadline = scheduler.now() + withinMs
    while (invariants.broken() === null && scheduler.now() < deadline) {
      await scheduler.runUntil(scheduler.now() + LOOK_MS)
      if (invariants.unsettled(everyone()) === null) return true
    }
    return false
  }

  for (let slot = 0; slot < NODES; slot += 1) start(slot)
  if (!(await settled(WARM_UP_MS))) invariants.report('I9', `never came up: ${invariants.unsettled(everyone())}`)
  warm = true
  for (const { after, command } of timeline) {
    await scheduler.runUntil(scheduler.now() + after)
    if (invariants.broken() !== null) break
    carryOut(command)
  }
  await scheduler.runUntil(scheduler.now() + LOOK_MS)
  heal()
  // What restarts takes its time.
  while (database.server.down) await scheduler.runUntil(scheduler.now() + LOOK_MS)
  const healedAt = scheduler.now()
  if (!(await settled(LIVE_WITHIN_MS)))
    invariants.report('I9', `not in order after ${LIVE_WITHIN_MS} ms: ${invariants.unsettled(everyone())}`)
  const healedMs = scheduler.now() - healedAt
  invariants.finish()
  return { violation: invariants.broken(), events: scheduler.events(), closed, healedMs }
}
