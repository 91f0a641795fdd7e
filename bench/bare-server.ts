// The other side of a bare round trip: Fastify as it comes, with the body schema of an ask and an answer of the same size. No proof of who
// asks, no deadline, no cancellation, no actor.

import Fastify from 'fastify'
import { serve } from './channel.ts'

const app = Fastify({ logger: false })
const body = {
  type: 'object',
  required: ['v', 'name', 'user', 'body'],
  properties: {
    v: { type: 'integer' },
    name: { type: 'string', maxLength: 100 },
    user: { type: 'string', format: 'uuid' },
    body: { type: 'object' },
  },
}
const VIEW = {
  state: 'disconnected',
  nextStep: 'connect',
  message: 'This account is not connected. Press connect.',
  phoneNumber: null,
  pushName: null,
  connectedAt: null,
  lastSeenAt: null,
  reconnectAttempts: 0,
  maxReconnectAttempts: 5,
  nextRetryAt: null,
  lastError: null,
}
app.post('/ask', { schema: { body } }, async () => ({ v: 1, type: 'value', value: VIEW }))
const url = await app.listen({ host: '127.0.0.1', port: 0 })

const functions = {
  url: () => url,
  /** CPU time of this process so far, in µs. */
  used: () => process.cpuUsage().user + process.cpuUsage().system,
}
export type BareServer = typeof functions

serve(functions, () => app.close())
