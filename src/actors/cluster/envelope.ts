// What travels between nodes: one envelope for every command and three kinds of answer, declared once. Additive: fields a node does
// not know are ignored, a command it does not know is answered so, and a change that breaks this raises the version.

import { z } from 'zod'
import { asId, isUuid, type UserId } from '../../domain/ids.ts'
import type { Refusal, Result } from '../../domain/result.ts'
import { SESSION_PROTOCOL, SESSION_REFUSALS, type SessionRefusal } from '../session/protocol.ts'
import type { Home } from './planner.ts'

/** The versions of the envelope this node reads; it writes the highest. */
const PROTO = { min: 1, max: 1 } as const

const done = z.object({ done: z.boolean() })

/** Every command one node may give another: those of a session, and those with which an admin moves sessions about. */
export const NODE_PROTOCOL = {
  ...SESSION_PROTOCOL,
  /** End it there in order and hand it to another node (an incarnation). `done`: false when it could not be. */
  'session.release-to': { body: z.object({ to: z.uuid() }), reply: done },
  'session.restart': { body: z.object({}), reply: done },
} as const
export type NodeCommandName = keyof typeof NODE_PROTOCOL
export type NodeCommandBody<N extends NodeCommandName> = z.infer<(typeof NODE_PROTOCOL)[N]['body']>
export type NodeCommandReply<N extends NodeCommandName> = Result<
  z.infer<(typeof NODE_PROTOCOL)[N]['reply']>,
  SessionRefusal
>

function isNodeCommand(name: string): name is NodeCommandName {
  return Object.hasOwn(NODE_PROTOCOL, name)
}

/** Asking these twice is the same as asking once. A message is, too, when its sender gave it a key. */
export function repeatable<N extends NodeCommandName>(name: N, body: NodeCommandBody<N>): boolean {
  switch (name) {
    case 'session.status':
    case 'session.connect':
    case 'session.disconnect':
      return true
    case 'message.send':
      return keyOf(body) !== null
    default:
      return false
  }
}

/** The idempotency key of a command that carries one. */
export function keyOf(body: unknown): string | null {
  const key = typeof body === 'object' && body !== null && 'idempotencyKey' in body ? body.idempotencyKey : null
  return typeof key === 'string' ? key : null
}

/** What every command travels in; null when it is none. By hand: it is read at every ask, and its body has a codec of its own. */
function envelopeOf(given: unknown): { v: number; name: string; user: UserId; body: unknown } | null {
  if (typeof given !== 'object' || given === null) return null
  const { v, name, user, body } = given as Readonly<Record<'v' | 'name' | 'user' | 'body', unknown>>
  if (!Number.isSafeInteger(v) || Number(v) < 1 || typeof name !== 'string' || name.length > 100) return null
  if (typeof user !== 'string' || !isUuid(user)) return null
  return { v: Number(v), name, user: asId<UserId>(user), body }
}

/** A refusal as it is sent. A code of a newer node is one we do not know: what was asked may have been done. */
const refusal = z.object({
  code: z.enum(SESSION_REFUSALS).catch('session-timeout'),
  message: z.string(),
  errors: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })).optional(),
  retryAfterSeconds: z.number().optional(),
})

const refused = z.object({ v: z.number(), type: z.literal('refusal'), refusal })

/** What an answer holds, still to be checked; undefined when it is no answer with a value. */
function valueIn(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || !('v' in given) || typeof given.v !== 'number') return undefined
  return 'type' in given && given.type === 'value' && 'value' in given ? given.value : undefined
}

/** Who owns it instead, as far as the node that was asked knows. */
export const movedTo = z.object({
  type: z.literal('moved'),
  incarnation: z.uuid().nullable(),
  epoch: z
    .string()
    .regex(/^\d{1,19}$/)
    .nullable(),
})

/** The request of a command. Its body was checked by the codec of the command, where it was asked for. */
export function writeCommand<N extends NodeCommandName>(name: N, user: UserId, body: NodeCommandBody<N>): string {
  return JSON.stringify({ v: PROTO.max, name, user, body })
}

export type ReadCommand =
  | {
      readonly kind: 'command'
      readonly user: UserId
      readonly name: NodeCommandName
      readonly body: NodeCommandBody<NodeCommandName>
    }
  /** Newer than this node. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'malformed' }

/** What was asked, its body checked by the codec of the command. */
export function readCommand(given: unknown): ReadCommand {
  const read = envelopeOf(given)
  if (read === null) return { kind: 'malformed' }
  const { v, name, user } = read
  if (v > PROTO.max || v < PROTO.min || !isNodeCommand(name)) return { kind: 'unknown' }
  const body = NODE_PROTOCOL[name].body.safeParse(read.body)
  return body.success ? { kind: 'command', user, name, body: body.data } : { kind: 'malformed' }
}

/** An answer on its way back. Its value is checked by the codec of its command where it is read: there it may come from another version. */
export function writeReply(reply: Result<unknown, SessionRefusal>): unknown {
  return reply.ok
    ? { v: PROTO.max, type: 'value', value: reply.value }
    : { v: PROTO.max, type: 'refusal', refusal: reply.refusal }
}

/** @returns null when it is no answer to this command: nobody knows what was done */
export function readReply<N extends NodeCommandName>(name: N, given: unknown): NodeCommandReply<N> | null {
  const value = valueIn(given)
  if (value !== undefined) {
    const read = NODE_PROTOCOL[name].reply.safeParse(value)
    return read.success ? ({ ok: true, value: read.data } as NodeCommandReply<N>) : null
  }
  const read = refused.safeParse(given)
  return read.success ? { ok: false, refusal: read.data.refusal as Refusal<SessionRefusal> } : null
}

export function writeMoved(home: Home | null): z.infer<typeof movedTo> {
  return { type: 'moved', incarnation: home?.incarnation ?? null, epoch: home?.epoch.toString() ?? null }
}

/** @returns null when that node knows of no other owner, too */
export function readMoved(given: unknown): Home | null {
  const read = movedTo.safeParse(given)
  if (!read.success || read.data.incarnation === null || read.data.epoch === null) return null
  return { incarnation: read.data.incarnation, epoch: BigInt(read.data.epoch) }
}
