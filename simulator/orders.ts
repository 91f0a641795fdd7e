// The control interface's words: each route with what it needs and what it does with the simulator. Bad input is refused
// with a sentence (Refusal); HTTP itself is control.ts.
import type { Simulator } from './index.ts'
import type { Addressing } from './jid.ts'
import type { InboxMessage } from './people.ts'
import type { SendOptions } from './sending.ts'

/** What the caller did wrong, in a sentence. */
export class Refusal extends Error {
  readonly status: 400 | 404
  constructor(status: 400 | 404, message: string) {
    super(message)
    this.status = status
  }
}

export type Body = Readonly<Record<string, unknown>>

export interface Order {
  readonly method: 'GET' | 'POST'
  /** Segments; those that begin with a colon are filled from the address. */
  readonly path: string
  readonly run: (sim: Simulator, part: (name: string) => string, body: Body) => unknown
}

const text = (body: Body, field: string): string => {
  const value = body[field]
  if (typeof value !== 'string' || value === '') throw new Refusal(400, `"${field}" must be a text that is not empty.`)
  return value
}

const optional = <T extends string | number | boolean>(
  body: Body,
  field: string,
  type: 'string' | 'number' | 'boolean',
): T | undefined => {
  const value = body[field]
  if (value === undefined || value === null) return undefined
  if (typeof value !== type) throw new Refusal(400, `"${field}" must be a ${type}.`)
  return value as T
}

const required = <T extends string | number | boolean>(body: Body, field: string, type: 'number' | 'boolean'): T => {
  const value = optional<T>(body, field, type)
  if (value === undefined) throw new Refusal(400, `"${field}" is missing: a ${type} is needed.`)
  return value
}

const addressingOf = (body: Body): Addressing | undefined => {
  const value = optional<string>(body, 'addressing', 'string')
  if (value === undefined || value === 'lid' || value === 'pn') return value
  throw new Refusal(400, '"addressing" must be "lid" or "pn".')
}

/** Only the options that were given, as their types want it. */
const given = <T extends object>(options: { readonly [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T

const sendOptions = (body: Body): SendOptions =>
  given<SendOptions>({
    id: optional<string>(body, 'id', 'string'),
    addressing: addressingOf(body),
    withAlternative: optional<boolean>(body, 'withAlternative', 'boolean'),
    timestamp: optional<number>(body, 'timestamp', 'number'),
  })

const shown = ({ message: _message, ...rest }: InboxMessage) => rest

const fault = (sim: Simulator, name: string, body: Body): unknown => {
  const { faults } = sim
  const number = (): string => text(body, 'number')
  const on = (): boolean => required<boolean>(body, 'on', 'boolean')
  const code = (): number | undefined => optional<number>(body, 'code', 'number')
  switch (name) {
    case 'drop':
      return faults.drop(number())
    case 'silence':
      return faults.silence(number(), on())
    case 'streamError':
      return faults.streamError(number(), required<number>(body, 'code', 'number'))
    case 'nextLogin':
      return faults.nextLogin(number(), { failure: required<number>(body, 'failure', 'number') })
    case 'refuseConnections':
      return faults.refuseConnections(on())
    case 'httpStatus':
      return faults.httpStatus(optional<number>(body, 'status', 'number'))
    case 'handshakeSilence':
      return faults.handshakeSilence(on())
    case 'mediaStatus':
      return faults.mediaStatus(optional<number>(body, 'status', 'number'))
    case 'holdDeliveries':
      return faults.holdDeliveries(number())
    case 'releaseDeliveries':
      return faults.releaseDeliveries(number(), body['order'] === 'reverse' ? 'reverse' : 'as-sent')
    case 'dropAcks':
      return faults.dropAcks(number(), optional<boolean>(body, 'on', 'boolean') ?? true)
    case 'delayAcks':
      return faults.delayAcks(number(), required<number>(body, 'delayMs', 'number'))
    case 'ackError':
      return faults.ackError(number(), code())
    case 'loseUsync':
      return faults.loseUsync(number(), optional<boolean>(body, 'on', 'boolean') ?? true)
    case 'redeliver':
      return faults.redeliver(number(), text(body, 'id'))
    case 'corruptNext':
      return faults.corruptNext(number(), optional<number>(body, 'count', 'number') ?? 1)
    case 'garbleNext':
      return faults.garbleNext(number(), optional<number>(body, 'count', 'number') ?? 1)
    default:
      throw new Refusal(404, `There is no fault called "${name}".`)
  }
}

export const ORDERS: readonly Order[] = [
  { method: 'GET', path: '/health', run: ({ url, trustRoot }) => ({ ok: true, url, trustRoot }) },
  {
    method: 'GET',
    path: '/log',
    run: (sim, part) => {
      const after = Number(part('after'))
      if (!Number.isInteger(after) || after < 0) throw new Refusal(400, '"after" must be the seq of an entry, or 0.')
      return { entries: sim.log.slice(after) }
    },
  },
  {
    method: 'GET',
    path: '/phones/:number',
    run: (sim, part) => {
      const { number, lid, linkedDevices, inbox, ownCopies } = sim.phone(part('number'))
      return { number, lid, linkedDevices, inbox: inbox.map(shown), ownCopies }
    },
  },
  {
    method: 'POST',
    path: '/phones/:number/scan',
    run: async (sim, part, body) => {
      await sim.phone(part('number')).scan(text(body, 'qr'))
      return { linkedDevices: sim.phone(part('number')).linkedDevices }
    },
  },
  {
    method: 'POST',
    path: '/phones/:number/code',
    run: async (sim, part, body) => {
      await sim.phone(part('number')).enterCode(text(body, 'code'))
      return { linkedDevices: sim.phone(part('number')).linkedDevices }
    },
  },
  {
    method: 'POST',
    path: '/phones/:number/type',
    run: (sim, part, body) => sim.phone(part('number')).type(text(body, 'to'), text(body, 'text'), sendOptions(body)),
  },
  {
    method: 'POST',
    path: '/phones/:number/logout',
    run: async (sim, part, body) => {
      await sim.phone(part('number')).logout(optional<number>(body, 'device', 'number'))
      return { linkedDevices: sim.phone(part('number')).linkedDevices }
    },
  },
  { method: 'POST', path: '/phones/:number/ban', run: (sim, part) => sim.phone(part('number')).ban() },
  {
    method: 'POST',
    path: '/customers/:number/send',
    run: (sim, part, body) => {
      const pushName = optional<string>(body, 'pushName', 'string')
      const customer = sim.customer(part('number'), given<{ pushName?: string }>({ pushName }))
      return customer.send(text(body, 'to'), text(body, 'text'), sendOptions(body))
    },
  },
  {
    method: 'POST',
    path: '/customers/:number/read',
    run: (sim, part, body) => sim.customer(part('number')).readReceipt(text(body, 'id')),
  },
  {
    method: 'GET',
    path: '/customers/:number/inbox',
    run: (sim, part) => ({ messages: sim.customer(part('number')).inbox.map(shown) }),
  },
  {
    method: 'GET',
    path: '/customers/:number/receipts/:id',
    run: (sim, part) => ({ state: sim.customer(part('number')).receiptsFor(part('id')) }),
  },
  { method: 'POST', path: '/faults/:name', run: (sim, part, body) => fault(sim, part('name'), body) },
]
