// One node of a cluster under measurement, in a process of its own: the whole node as `npm start` runs it, without a connection to WhatsApp.
// With IDLE_SOCKETS its sessions are open at once: the machine, the actors and the database see what they see of a quiet connection; there is
// no TCP connection and no handshake behind it.

import type { OpenSocketFn } from '../src/actors/whatsapp/socket.ts'
import { readConfig } from '../src/config.ts'
import { asId, type UserId } from '../src/domain/ids.ts'
import { makeLog } from '../src/log.ts'
import { startNode } from '../src/node.ts'
import { makePolicy } from '../src/policy.ts'
import { serve } from './channel.ts'
import { type Repeat, type Timed, timed } from './timed.ts'

const quiet: OpenSocketFn = async ({ emit }) => {
  let closed = false
  const close = () => {
    if (!closed) emit({ type: 'closed', code: 428, detail: 'ended' })
    closed = true
  }
  const end = async () => close()
  queueMicrotask(() => emit({ type: 'opened', phone: '+15550000000', lid: null, pushName: 'Idle' }))
  return {
    send: async () => ({ kind: 'failed', reason: 'send-failed' }),
    markRead: async () => undefined,
    logout: end,
    end,
    destroy: close,
    lastFrameAt: () => performance.now(),
  }
}

const config = readConfig({ PORT: '0', ...process.env })
const node = await startNode({
  config,
  log: makeLog(config.logLevel),
  version: 'bench',
  policy: makePolicy({}),
  ...(process.env['IDLE_SOCKETS'] === undefined ? {} : { openSocket: quiet }),
})

const ask = async (user: UserId) => {
  const reply = await node.reach.ask(user, 'session.status', {})
  if (!reply.ok) throw new Error(reply.refusal.message)
}

const functions = {
  /** Asks for the state of a session, wherever it lives. */
  ask: (user: string) => ask(asId<UserId>(user)),
  time: ({ user, repeat }: { user: string; repeat: Repeat }): Promise<Timed> =>
    timed(repeat, () => ask(asId<UserId>(user))),
  resume: () => node.sessions.resumeAll(),
  counts: () => node.sessions.counts(),
  /** CPU time of this process so far, in µs. */
  used: () => process.cpuUsage().user + process.cpuUsage().system,
}

export type BenchMember = typeof functions

serve(functions, () => node.close())
