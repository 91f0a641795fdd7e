// POST /internal/ask: one command for a session of this node. 200 its answer, 421 whose it is instead, 501 a command of a newer version,
// 400 what is no command at all; 408 and 503 were not begun. The one door that is asked all the time, so it stands beside the framework: on
// Node's own request and response, behind the same proof and the same admission as the others.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { runWith } from '../../actors/cluster/context.ts'
import { before } from '../../actors/cluster/deadline.ts'
import { readCommand, writeMoved, writeReply } from '../../actors/cluster/envelope.ts'
import { carryOut } from '../../actors/cluster/routed-sessions.ts'
import { hashOf, type Signed } from '../../actors/cluster/signature.ts'
import { refuse } from '../../domain/result.ts'
import { isUnavailable } from '../../persistence/database.ts'
import { contextOf } from '../plugins/call-context.ts'
import { givenRequestId } from '../plugins/security.ts'
import type { Admission } from './admission.ts'
import type { InternalDeps, Serving } from './deps.ts'
import { type Believed, ownedHere, ownOrTell } from './mine.ts'
import type { Prove } from './signed.ts'

export const ASK = '/internal/ask'

interface Said {
  readonly status: number
  readonly body: unknown
  /** The connection is not to be used again. */
  readonly close?: true
}

const said = (status: number, type: string): Said => ({ status, body: { type } })
const LATE = said(408, 'late')
const TOO_LARGE: Said = { ...said(413, 'refused'), close: true }
const OTHER_BODY: Said = { ...said(401, 'refused'), close: true }
const NOT_JSON: Said = { ...said(415, 'refused'), close: true }
const TOO_LATE = refuse(
  'session-timeout',
  'The session did not answer in time; the request may still be carried out.',
  {
    retryAfterSeconds: 5,
  },
)

/** @param closing the listener is about to end: connections are not kept */
export function askDoor(deps: InternalDeps, admission: Admission, prove: Prove, closing: () => boolean) {
  const { monotonic, log, meters, maxBodyBytes } = deps
  const { retryAfterS } = deps.policy.routing

  const answer = (response: ServerResponse, { status, body, close = undefined }: Said): void => {
    meters?.count('internalRequests', { route: ASK, status: String(status) })
    if (response.destroyed) return
    const text = JSON.stringify(body)
    const headers = [
      'content-type',
      'application/json; charset=utf-8',
      'content-length',
      String(Buffer.byteLength(text)),
    ]
    if (status === 503) headers.push('retry-after', String(retryAfterS))
    if (close === true || closing()) headers.push('connection', 'close')
    response.writeHead(status, headers)
    response.end(text)
  }

  /** What a body says, once it is known to be the one that was signed. */
  const work = async ({ local, store }: Serving, believed: Believed, deadline: number, text: string): Promise<Said> => {
    const command = readCommand(jsonOf(text))
    if (command.kind === 'malformed') return said(400, 'malformed')
    if (command.kind === 'unknown') return said(501, 'unknown-command')
    const { user, name, body } = command
    if (!ownedHere(local, user, believed)) {
      const mine = ownOrTell({ self: deps.self, local, store }, user, believed)
      const owned = await before(deadline, monotonic, mine)
      if (owned === null) return LATE
      if (!owned.mine) return { status: 421, body: writeMoved(owned.owner) }
    }
    const reply = await before(deadline, monotonic, carryOut(local, user, name, body))
    return { status: 200, body: writeReply(reply ?? TOO_LATE) }
  }

  const admitted = async (
    request: IncomingMessage,
    response: ServerResponse,
    signed: Signed,
    deadline: number,
    text: string,
  ): Promise<Said> => {
    const serving = deps.serving()
    if (serving === null) return said(503, 'starting')
    // What nobody asked for has no id; who asks the other node for its lines finds it by this one.
    const requestId = givenRequestId(request.headers['x-request-id']) ?? `${signed.sender}.${signed.count}`
    const context = contextOf(request, response, requestId)
    const entered = await admission.enter(deadline, () => context.signal)
    if (entered.kind === 'full') return said(503, 'overloaded')
    if (entered.kind !== 'in') return LATE
    try {
      return await runWith(context, () => work(serving, signed, deadline, text))
    } catch (error) {
      if (isUnavailable(error)) return said(503, 'database-unavailable')
      log.error({ err: error, requestId }, 'a request of another node failed')
      return said(500, 'failed')
    } finally {
      entered.leave()
    }
  }

  return (request: IncomingMessage, response: ServerResponse): void => {
    const { headers } = request
    const from = monotonic()
    const proof = prove(request)
    if (!proof.ok) return answer(response, { ...proof, ...(proof.status === 401 ? ({ close: true } as const) : {}) })
    const { signed } = proof
    const deadline = from + (signed.leftMs ?? deps.policy.session.askTimeoutMs)
    if (deps.serving() === null) return answer(response, said(503, 'starting'))
    if (!(headers['content-type'] ?? '').startsWith('application/json')) return answer(response, NOT_JSON)
    if (Number(headers['content-length'] ?? 0) > maxBodyBytes) return answer(response, TOO_LARGE)

    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBodyBytes) chunks.push(chunk)
      else if (!response.headersSent) answer(response, TOO_LARGE)
    })
    request.on('end', () => {
      if (size > maxBodyBytes) return
      const [first] = chunks
      const whole = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)
      if (hashOf(whole) !== signed.bodyHash) return answer(response, OTHER_BODY)
      void admitted(request, response, signed, deadline, whole.toString()).then((what) => answer(response, what))
    })
    request.on('error', (error) => log.debug({ err: error }, 'a request of another node was cut'))
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
