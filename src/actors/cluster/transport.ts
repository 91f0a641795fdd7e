// How one node asks another: a signed HTTP request with the time that is left, given up when the caller gives up. It says what became of the
// request, above all whether it may have been carried out; whom to ask, and whether to ask again, is decided by routed-sessions.ts.

import { z } from 'zod'
import type { UserId } from '../../domain/ids.ts'
import type { Logger } from '../../log.ts'
import type { RoutingPolicy } from '../../policy.ts'
import { type ActiveSession, activeSession, type QrStreamEvent } from '../session/protocol.ts'
import { callContext } from './context.ts'
import { atDeadline } from './deadline.ts'
import type { NodeCommandBody, NodeCommandName, NodeCommandReply } from './envelope.ts'
import { keyOf, readMoved, readReply, writeCommand } from './envelope.ts'
import type { Home } from './planner.ts'
import { exchange, makePools, neverSent } from './pools.ts'
import { hashOf, NODE_HEADER, sign } from './signature.ts'
import { readWatch } from './watch-stream.ts'

/** A node as it is reached. */
export interface Peer {
  readonly incarnation: string
  readonly url: string
}

/** What became of a request. Only `unknown` may have been carried out without an answer. */
export type Outcome<T> =
  | { readonly kind: 'answered'; readonly value: T }
  /** That node does not own it; null: and knows of nobody who does. */
  | { readonly kind: 'moved'; readonly to: Home | null }
  | { readonly kind: 'unreachable' }
  /** That node does not know the command: it is older than this one. */
  | { readonly kind: 'unsupported' }
  | {
      readonly kind: 'overloaded'
      readonly code: 'overloaded' | 'database-unavailable'
      readonly retryAfterSeconds: number
    }
  | { readonly kind: 'unknown' }

export interface AskOptions {
  /** What is left of the deadline, in ms. */
  readonly leftMs: number
  /** The epoch under which the node is thought to own it; 0 when it was planned for it and it must take it. */
  readonly epoch: bigint
}

/** What a watch tells, until it ends; it ends once. */
export interface WatchListener {
  readonly event: (event: QrStreamEvent) => void
  readonly end: (why: 'ended' | 'unreachable' | { readonly moved: Home | null }) => void
}

export interface Transport {
  ask<N extends NodeCommandName>(
    to: Peer,
    user: UserId,
    name: N,
    body: NodeCommandBody<N>,
    options: AskOptions,
  ): Promise<Outcome<NodeCommandReply<N>>>
  /** @returns stops, after which nothing is told any more */
  watch(to: Peer, user: UserId, epoch: bigint, listener: WatchListener): () => void
  /** The sessions that node has; null when it does not say so in time. */
  active(to: Peer, leftMs: number): Promise<readonly ActiveSession[] | null>
  /** "Take it now: it was planned for you, or handed to you." @returns false when it did not, or did not say */
  own(to: Peer, user: UserId, leftMs: number): Promise<boolean>
  ping(to: Peer, leftMs: number): Promise<boolean>
  /** Closes the connections to nodes that are not among these. */
  retain(living: ReadonlySet<string>): void
  close(): Promise<void>
}

export interface TransportDeps {
  /** CLUSTER_SECRET */
  readonly secret: string
  readonly policy: RoutingPolicy
  readonly log: Logger
  /** Milliseconds since 1970. */
  readonly wall: () => number
  /** 16 to 64 random characters of [A-Za-z0-9_-], of this process alone. */
  readonly sender: string
}

interface Answer {
  readonly status: number
  readonly retryAfterSeconds: number
  readonly body: unknown
}

interface Call {
  readonly to: Peer
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: string
  readonly leftMs: number
  readonly route?: Believed
  /** Of idempotency. */
  readonly key?: string | undefined
}

/** What the asked node is thought to have to do with the session. */
interface Believed {
  readonly epoch: bigint
  readonly planned: boolean
}

const now = () => performance.now()
const NO_ROUTE: Believed = { epoch: 0n, planned: false }

const listed = z.object({ data: z.array(activeSession) })
const taken = z.object({ done: z.boolean() })

export function makeTransport(deps: TransportDeps): Transport {
  const { policy, log } = deps
  const pools = makePools(policy)
  /** Asks under way, by node. */
  const inFlight = new Map<string, number>()
  /** Signed so far, by this process. */
  let count = 0

  /** The headers of a request as one list: names and values in turn. */
  const signed = ({ method, path, to, body, route = NO_ROUTE, key }: Omit<Call, 'leftMs'>, leftMs: number | null) => {
    const proof = sign(deps.secret, {
      method,
      path,
      to: to.incarnation,
      time: deps.wall(),
      sender: deps.sender,
      count: ++count,
      bodyHash: body === undefined ? null : hashOf(body),
      leftMs: leftMs === null ? null : Math.max(0, Math.floor(leftMs)),
      ...route,
    })
    const list: string[] = [NODE_HEADER, proof]
    const context = callContext()
    if (context !== null) list.push('x-request-id', context.requestId, 'traceparent', context.traceparent)
    if (body !== undefined) list.push('content-type', 'application/json')
    if (key !== undefined) list.push('idempotency-key', headerText(key))
    return list
  }

  /** One request and its answer. */
  const request = async (call: Call): Promise<Outcome<Answer>> => {
    const { incarnation, url } = call.to
    const busy = inFlight.get(incarnation) ?? 0
    if (busy >= policy.asksPerNode)
      return { kind: 'overloaded', code: 'overloaded', retryAfterSeconds: policy.retryAfterS }
    const caller = callContext()?.signal
    if (call.leftMs <= 0 || caller?.aborted === true) return { kind: 'unreachable' }
    inFlight.set(incarnation, busy + 1)
    const { answer, giveUp } = exchange(pools.ask(incarnation, url), {
      method: call.method,
      path: call.path,
      headers: signed(call, call.leftMs),
      body: call.body ?? null,
    })
    const inTime = atDeadline(performance.now() + call.leftMs, now, giveUp)
    caller?.addEventListener('abort', giveUp, { once: true })
    try {
      const { status, retryAfter, text } = await answer
      const seconds = Number(retryAfter)
      return outcomeOf({
        status,
        retryAfterSeconds: Number.isFinite(seconds) ? seconds : policy.retryAfterS,
        body: jsonOf(text),
      })
    } catch (error) {
      const kind = neverSent(error) ? 'unreachable' : 'unknown'
      log.debug({ err: error, incarnation, path: call.path, kind }, 'another node did not answer')
      return { kind }
    } finally {
      inTime()
      caller?.removeEventListener('abort', giveUp)
      const left = (inFlight.get(incarnation) ?? 1) - 1
      if (left > 0) inFlight.set(incarnation, left)
      else inFlight.delete(incarnation)
    }
  }

  const outcomeOf = (answer: Answer): Outcome<Answer> => {
    switch (answer.status) {
      case 200:
        return { kind: 'answered', value: answer }
      case 421:
        return { kind: 'moved', to: readMoved(answer.body) }
      case 503:
        return { kind: 'overloaded', code: busyOf(answer.body), retryAfterSeconds: answer.retryAfterSeconds }
      case 400:
      case 404:
      case 501:
        return { kind: 'unsupported' }
      case 401:
        log.error('another node does not accept our signature: CLUSTER_SECRET, or the clocks of the nodes, differ')
        return { kind: 'unreachable' }
      case 408:
        // Dropped before it began: its time was over.
        return { kind: 'unreachable' }
      default:
        return { kind: 'unknown' }
    }
  }

  const route = (epoch: bigint): Believed => ({ epoch, planned: epoch === 0n })

  return {
    async ask(to, user, name, body, { leftMs, epoch }) {
      const outcome = await request({
        to,
        method: 'POST',
        path: '/internal/ask',
        // Checked by who asks (routed-sessions.ts).
        body: writeCommand(name, user, body),
        leftMs,
        route: route(epoch),
        key: keyOf(body) ?? undefined,
      })
      if (outcome.kind !== 'answered') return outcome
      const reply = readReply(name, outcome.value.body)
      return reply === null ? { kind: 'unknown' } : { kind: 'answered', value: reply }
    },
    watch(to, user, epoch, listener) {
      const call = { to, method: 'GET', path: `/internal/watch/${user}`, route: route(epoch) } as const
      const headers = signed(call, null)
      return readWatch(pools.stream(to.incarnation, to.url), call.path, headers, listener, log)
    },
    async active(to, leftMs) {
      const outcome = await request({ to, method: 'GET', path: '/internal/active', leftMs })
      const rows = outcome.kind === 'answered' ? listed.safeParse(outcome.value.body) : null
      return rows?.success === true ? rows.data.data : null
    },
    async own(to, user, leftMs) {
      const outcome = await request({ to, method: 'POST', path: `/internal/own/${user}`, body: '{}', leftMs })
      const answer = outcome.kind === 'answered' ? taken.safeParse(outcome.value.body) : null
      return answer?.success === true && answer.data.done
    },
    async ping(to, leftMs) {
      return (await request({ to, method: 'GET', path: '/internal/ping', leftMs })).kind === 'answered'
    },
    retain: pools.retain,
    close: pools.close,
  }
}

/** A key as it may stand in a header: it is only passed on for those who look at the wire, the body has the true one. */
function headerText(key: string): string {
  return key.replaceAll(/[^\x21-\x7e]/g, '?')
}

function busyOf(body: unknown): 'overloaded' | 'database-unavailable' {
  const type = typeof body === 'object' && body !== null && 'type' in body ? body.type : null
  return type === 'database-unavailable' ? type : 'overloaded'
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
