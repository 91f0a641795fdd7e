// GET /api/whatsapp/qr: the pairing of one's own account as Server-Sent Events, straight from the actor, or as one JSON snapshot.
// The newest event takes the place of older ones; connected, expired and error end the stream.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { SessionView } from '../../actors/session/protocol.ts'
import type { UserId } from '../../domain/ids.ts'
import type { Api } from '../api.ts'
import type { AppDeps } from '../deps.ts'
import { endsStream, firstEvent } from '../pairing.ts'
import { callerOf, loadCaller } from '../plugins/auth.ts'
import { qrQuery, qrSnapshot } from '../schemas/whatsapp.ts'
import { openStream, type StreamEvent } from '../sse.ts'

const IMAGE_WIDTH_PX = 360
/** The longest delay a timer can have, in ms. */
const LONGEST_TIMER_MS = 2_147_483_647

const AUTH_EXPIRED: StreamEvent = {
  event: 'auth-expired',
  data: { code: 'token-expired', message: 'The access token no longer counts. Log in again.' },
}

export function qrRoutes(api: Api, deps: AppDeps): void {
  const streams = new Map<UserId, number>()

  api.get(
    '/api/whatsapp/qr',
    {
      exposeHeadRoute: false,
      config: {
        access: 'whatsapp:connect',
        ticket: 'qr',
        refusals: [
          'ticket-invalid',
          'too-many-streams',
          'session-timeout',
          'mailbox-full',
          'overloaded',
          'owner-moved',
        ],
      },
      schema: {
        tags: ['WhatsApp'],
        summary: 'The QR to scan, live (Server-Sent Events)',
        description:
          'Events: `status`, `qr` (text and PNG, with its end), then `connected`, `expired` or `error`, which end the stream. ' +
          'Without a started session it says `disconnected` and waits; `?connect=1` starts one. `Accept: application/json` gives one snapshot.',
        querystring: qrQuery,
        response: {
          200: {
            description: 'The stream, or the snapshot.',
            content: {
              'text/event-stream': { schema: z.string() },
              'application/json': { schema: qrSnapshot },
            },
          },
        },
      },
    },
    async (request, reply) => {
      const { id } = callerOf(request)
      const { connect } = request.query
      const asJson = wantsJson(request)
      if (!asJson && (streams.get(id) ?? 0) >= deps.policy.http.qrStreamsPerUser)
        return reply.refuse({
          code: 'too-many-streams',
          message: `You have ${deps.policy.http.qrStreamsPerUser} open streams already. Close one.`,
        })
      if (connect === '1' || connect === 'true') {
        const started = await deps.sessions.ask(id, 'session.connect', {})
        if (!started.ok) return reply.refuse(started.refusal)
      }
      if (!asJson) return stream(id, request, reply)
      const status = await deps.sessions.ask(id, 'session.status', {})
      if (!status.ok) return reply.refuse(status.refusal)
      return reply.type('application/json').send(await snapshot(id, status.value))
    },
  )

  function stream(id: UserId, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    streams.set(id, (streams.get(id) ?? 0) + 1)
    let newest = 0
    let over = false
    const exp = (request.claims?.exp ?? 0) * 1000
    const expiry = setTimeout(
      () => out.end(AUTH_EXPIRED),
      Math.min(LONGEST_TIMER_MS, Math.max(0, exp - deps.now().getTime())),
    )
    // A demotion or a disabled account ends the stream within a ping.
    const check = setInterval(async () => {
      const { claims } = request
      const caller = claims === null ? null : await loadCaller(deps, claims).catch(() => null)
      if (caller !== null && !caller.ok) out.end(AUTH_EXPIRED)
    }, deps.policy.http.pingMs)

    const out = openStream(reply, {
      pingMs: deps.policy.http.pingMs,
      onClose: () => {
        unwatch()
        clearTimeout(expiry)
        clearInterval(check)
        const left = (streams.get(id) ?? 1) - 1
        if (left > 0) streams.set(id, left)
        else streams.delete(id)
      },
    })
    const unwatch = deps.sessions.watch(id, (event) => {
      if (over) return
      over = endsStream(event)
      const number = ++newest
      const { type, ...data } = event
      if (over) out.end({ event: type, data })
      else if (event.type !== 'qr') out.send({ event: type, data })
      // Drawing takes a moment: a QR that was overtaken meanwhile is not told.
      else
        draw(event.qr).then(
          (image) => {
            if (number === newest) out.send({ event: type, data: { ...data, image } })
          },
          (error: unknown) => request.log.error({ err: error, userId: id }, 'QR cannot be drawn'),
        )
    })
    return reply
  }

  /** The present QR, if the session is pairing and shows one in time. */
  async function snapshot(id: UserId, view: SessionView) {
    const { state, message } = view
    const none = { state, message, qr: null, image: null, expiresAt: null }
    if (state !== 'pairing' && state !== 'connecting') return none
    const event = await firstEvent(deps, id, 'qr')
    if (event === null) return none
    const { qr, expiresAt } = event
    return { state: 'pairing' as const, message, qr, image: await draw(qr), expiresAt }
  }
}

async function draw(text: string): Promise<string> {
  // With its pictures, and not needed before somebody pairs an account.
  const { default: qrcode } = await import('qrcode')
  return qrcode.toDataURL(text, { width: IMAGE_WIDTH_PX, margin: 2, errorCorrectionLevel: 'L' })
}

/** JSON only when it is asked for by name and streams are not: fetch and curl send `*\/*` and get the stream. */
function wantsJson(request: FastifyRequest): boolean {
  const accept = request.headers.accept ?? ''
  return accept.includes('application/json') && !accept.includes('text/event-stream')
}
