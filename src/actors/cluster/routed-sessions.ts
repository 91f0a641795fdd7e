// Sessions wherever they live: finds the owner, asks it here or there, and asks once more when that was the wrong one. At most two tries
// within one deadline, and never a second one for what may have been done already, unless doing it twice is the same as once.

import type { UserId } from '../../domain/ids.ts'
import { ok, type Refusal, refuse } from '../../domain/result.ts'
import type { Logger } from '../../log.ts'
import { type Meters, NO_METERS } from '../../meters.ts'
import { isUnavailable } from '../../persistence/database.ts'
import type { LeaseRow } from '../../persistence/lease-table.ts'
import type { Policy } from '../../policy.ts'
import type {
  ActiveSession,
  CommandBody,
  CommandReply,
  ListedSession,
  SessionCommandName,
  SessionRefusal,
} from '../session/protocol.ts'
import { callContext } from './context.ts'
import { before } from './deadline.ts'
import type { Directory, Route } from './directory.ts'
import {
  NODE_PROTOCOL,
  type NodeCommandBody,
  type NodeCommandName,
  type NodeCommandReply,
  repeatable,
} from './envelope.ts'
import { follow } from './follow.ts'
import { mergeActive } from './list-active.ts'
import type { LocalSessions } from './local.ts'
import type { Members } from './members.ts'
import type { Planner } from './planner.ts'
import type { SendWhileDown } from './send-while-down.ts'
import type { CleanupStats, Sessions } from './sessions.ts'
import type { Outcome, Transport } from './transport.ts'

const TRIES = 2
/** With these another node says that the session leaves it: nothing was done. */
const LEAVING: readonly SessionRefusal[] = ['owner-moved', 'shutting-down']

export interface RoutedDeps {
  /** Incarnation of this node. */
  readonly self: string
  /** Null on an edge, which owns nothing. */
  readonly local: LocalSessions | null
  readonly directory: Directory
  readonly transport: Transport
  readonly members: Members
  readonly planner: Pick<Planner, 'ring'>
  readonly sendWhileDown: SendWhileDown
  readonly leaseTable: () => Promise<readonly LeaseRow[]>
  readonly policy: Pick<Policy, 'session' | 'routing'>
  readonly monotonic: () => number
  readonly random: () => number
  readonly log: Logger
  readonly meters?: Meters
}

export interface RoutedSessions extends Sessions {
  /** The sessions of all nodes beside the lease table, those of nodes that do not answer included. `active` leaves those out. */
  listed(): Promise<readonly ListedSession[]>
  /** Any command of the node protocol, to whichever node owns the session. */
  command<N extends NodeCommandName>(user: UserId, name: N, body: NodeCommandBody<N>): Promise<NodeCommandReply<N>>
}

/** What one try came to. `again`: it was not carried out, or may be carried out twice. */
type Tried<T> =
  | { readonly done: true; readonly value: T }
  | {
      readonly done: false
      readonly again: boolean
      readonly wrong: string | undefined
      readonly refusal: Refusal<SessionRefusal>
    }

const MOVING: Refusal<SessionRefusal> = {
  code: 'owner-moved',
  message: 'The session of this account moves to another node or is being started again. Try again in a moment.',
  retryAfterSeconds: 2,
}
const TIMEOUT: Refusal<SessionRefusal> = {
  code: 'session-timeout',
  message: 'The session did not answer in time; the request may still be carried out.',
  retryAfterSeconds: 5,
}
const NO_JANITOR: CleanupStats = {
  intervalMs: 0,
  staleTimeoutMs: 0,
  running: false,
  runs: 0,
  lastRun: null,
  nextRunAt: null,
  totals: { closed: 0, reconnected: 0, errors: 0 },
}

export function routedSessions(deps: RoutedDeps): RoutedSessions {
  const { self, local, directory, transport, policy, monotonic, meters = NO_METERS } = deps

  type Reply<N extends NodeCommandName> = NodeCommandReply<N>

  const notThere = <T>(wrong: string | undefined, refusal = MOVING): Tried<T> => ({
    done: false,
    again: true,
    wrong,
    refusal,
  })
  const notAgain = <T>(refusal: Refusal<SessionRefusal>): Tried<T> => ({
    done: false,
    again: false,
    wrong: undefined,
    refusal,
  })

  async function askHere<N extends NodeCommandName>(
    user: UserId,
    name: N,
    body: NodeCommandBody<N>,
  ): Promise<Tried<Reply<N>>> {
    if (local === null) return notThere(self)
    if (local.fenceOf(user) === null && !(await local.take(user))) return notThere(self)
    const reply = await carryOut(local, user, name, body)
    // Its actor has lost it, or is between two lives: nothing was done.
    if (!reply.ok && reply.refusal.code === 'owner-moved') return notThere(self, reply.refusal)
    return { done: true, value: reply }
  }

  function outcomeThere<N extends NodeCommandName>(
    user: UserId,
    node: string,
    outcome: Outcome<Reply<N>>,
    mayRepeat: boolean,
  ): Tried<Reply<N>> {
    switch (outcome.kind) {
      case 'answered': {
        const reply = outcome.value
        if (reply.ok || !LEAVING.includes(reply.refusal.code)) return { done: true, value: reply }
        directory.forget(user, node)
        return notThere(node)
      }
      case 'moved':
        directory.forget(user, node)
        if (outcome.to === null) return notThere(node)
        directory.learn(user, outcome.to)
        return notThere(undefined)
      case 'unreachable':
      case 'unsupported':
        directory.forget(user, node)
        return notThere(node)
      case 'overloaded':
        return notAgain({
          code: outcome.code,
          message: 'The node of this account has too much to do. Nothing was done; try again in a moment.',
          retryAfterSeconds: outcome.retryAfterSeconds,
        })
      case 'unknown':
        directory.forget(user, node)
        return mayRepeat ? notThere(undefined, TIMEOUT) : notAgain(TIMEOUT)
    }
  }

  async function oneTry<N extends NodeCommandName>(
    user: UserId,
    name: N,
    body: NodeCommandBody<N>,
    wrong: string | undefined,
    leftMs: number,
  ): Promise<Tried<Reply<N>>> {
    const route: Route = await directory.resolve(user, wrong)
    switch (route.kind) {
      case 'here': {
        const from = monotonic()
        const tried = await askHere(user, name, body)
        meters.count('asks', { where: 'local', outcome: outcomeOf(tried) })
        meters.observe('askDuration', { where: 'local' }, (monotonic() - from) / 1_000)
        return tried
      }
      case 'there': {
        const from = monotonic()
        const outcome = await transport.ask(route.node, user, name, body, { leftMs, epoch: route.epoch })
        const { kind } = outcome
        meters.count('asks', { where: 'remote', outcome: kind === 'answered' ? replied(outcome.value) : kind })
        meters.observe('askDuration', { where: 'remote' }, (monotonic() - from) / 1_000)
        return outcomeThere(user, route.node.incarnation, outcome, repeatable(name, body))
      }
      case 'nowhere':
        meters.count('asks', { where: 'nowhere', outcome: 'owner-moved' })
        return notThere(route.owner ?? undefined)
    }
  }

  async function command<N extends NodeCommandName>(
    user: UserId,
    name: N,
    body: NodeCommandBody<N>,
  ): Promise<Reply<N>> {
    const deadline = monotonic() + policy.session.askTimeoutMs
    // Encoded even when it stays at home: what does not survive the protocol must not work by accident.
    const checked = NODE_PROTOCOL[name].body.parse(body) as NodeCommandBody<N>
    let wrong: string | undefined
    let refusal = MOVING
    let executed = false
    try {
      for (let round = 1; round <= TRIES; round += 1) {
        const leftMs = deadline - monotonic()
        if (leftMs <= 0) break
        const tried = await before(deadline, monotonic, oneTry(user, name, checked, wrong, leftMs))
        if (callContext()?.signal.aborted === true) return { ok: false, refusal: TIMEOUT }
        if (tried === null) return { ok: false, refusal: TIMEOUT }
        if (tried.done) return tried.value
        refusal = tried.refusal
        executed ||= refusal.code === 'session-timeout'
        if (!tried.again) break
        wrong = tried.wrong
      }
    } catch (error) {
      if (!isUnavailable(error)) throw error
      return refuse('database-unavailable', 'The database is not available. Try again in a moment.', {
        retryAfterSeconds: 2,
      })
    }
    const kept = await keep(user, name, checked, refusal, executed)
    return kept ?? { ok: false, refusal: executed ? TIMEOUT : refusal }
  }

  /** A message that no owner took: stored here for the next one, when it is certain that this does not send it twice. */
  async function keep<N extends NodeCommandName>(
    user: UserId,
    name: N,
    body: NodeCommandBody<N>,
    refusal: Refusal<SessionRefusal>,
    executed: boolean,
  ): Promise<Reply<N> | null> {
    if (name !== 'message.send' || (executed && !repeatable(name, body))) return null
    if (refusal.code !== 'owner-moved' && refusal.code !== 'session-timeout') return null
    const stored = await deps.sendWhileDown(user, body as CommandBody<'message.send'>)
    if (stored?.ok === true) void ringOwner(user)
    return stored as Reply<N> | null
  }

  async function ringOwner(user: UserId): Promise<void> {
    try {
      const route = await directory.resolve(user)
      const owner = route.kind === 'there' ? route.node.incarnation : route.kind === 'nowhere' ? route.owner : self
      if (owner !== null) await deps.planner.ring(owner, { type: 'outbox', session: user })
    } catch (error) {
      deps.log.debug({ err: error }, 'nobody was told of a stored message; the outbox is looked at anyway')
    }
  }

  async function listed(): Promise<readonly ListedSession[]> {
    const members = [...(await deps.members.all()).values()]
    const asked = members.filter(({ role }) => role !== 'edge')
    const lists = await Promise.all(
      asked.map(async (node) => {
        const { incarnation, url } = node
        if (incarnation === self && local !== null) return { node, rows: await local.active() }
        const rows = url === null ? null : await transport.active({ incarnation, url }, policy.routing.listTimeoutMs)
        return { node, rows }
      }),
    )
    return mergeActive(lists, await deps.leaseTable())
  }

  return {
    command,
    ask: <N extends SessionCommandName>(user: UserId, name: N, body: CommandBody<N>): Promise<CommandReply<N>> =>
      command(user, name, body as NodeCommandBody<N>) as Promise<CommandReply<N>>,
    watch: (user, listener) => follow({ ...deps, policy: policy.routing }, user, listener),
    listed,
    active: async () => (await listed()).flatMap((row) => heard(row) ?? []),
    cleanupStats: () => local?.cleanupStats() ?? NO_JANITOR,
    runCleanup: () => local?.runCleanup() ?? false,
  }
}

/** What a try came to, as it is counted. */
function outcomeOf(tried: Tried<{ ok: true } | { ok: false; refusal: Refusal<SessionRefusal> }>): string {
  return tried.done ? replied(tried.value) : tried.refusal.code
}

function replied(reply: { ok: true } | { ok: false; refusal: Refusal<SessionRefusal> }): string {
  return reply.ok ? 'ok' : reply.refusal.code
}

/** A row as its node told it; null when it told nothing. */
function heard({
  node: _node,
  reachable: _reachable,
  disagreement: _disagreement,
  ...row
}: ListedSession): ActiveSession | null {
  const { state, since } = row
  return state === 'unknown' || since === null ? null : { ...row, state, since }
}

type Carry = {
  readonly [N in NodeCommandName]: (
    local: LocalSessions,
    user: UserId,
    body: NodeCommandBody<N>,
  ) => Promise<NodeCommandReply<N>>
}

const asked =
  <N extends SessionCommandName>(name: N) =>
  (local: LocalSessions, user: UserId, body: CommandBody<N>) =>
    local.ask(user, name, body)

const CARRY: Carry = {
  'session.connect': asked('session.connect'),
  'session.disconnect': asked('session.disconnect'),
  'session.status': asked('session.status'),
  'message.send': asked('message.send'),
  'session.release-to': async (local, user, { to }) => ok({ done: await local.handOver(user, to) }),
  'session.restart': async (local, user) => ok({ done: await local.restart(user) }),
}

/** A command for a session of this node. The body was checked by its codec. */
export function carryOut<N extends NodeCommandName>(
  local: LocalSessions,
  user: UserId,
  name: N,
  body: NodeCommandBody<N>,
): Promise<NodeCommandReply<N>> {
  return CARRY[name](local, user, body)
}
