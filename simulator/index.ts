// A WhatsApp on one machine: the server, the user's phone and the customers, in this process. This file only puts the
// parts together; read stanzas.ts for what a client may say and misbehave.ts for what can go wrong.
import { adjust, type Customer, type CustomerOptions, createCustomer } from './customer.ts'
import { type LogEntry, type WaitOptions, waitUntil } from './log.ts'
import { startMediaServer } from './media-server.ts'
import { createFaults, type Faults } from './misbehave.ts'
import { createPhone, type Phone } from './phone.ts'
import { type Linked, linkDevices } from './provision.ts'
import { startServer } from './server.ts'
import { createWorld, type WorldOptions } from './world.ts'

export type { Customer, CustomerOptions, ReplyTest } from './customer.ts'
export type { Addressing } from './jid.ts'
export type { LogEntry, LogKind, WaitOptions } from './log.ts'
export type { Faults } from './misbehave.ts'
export type { InboxMessage, ReceiptState } from './people.ts'
export type { Phone } from './phone.ts'
export type { SendOptions } from './sending.ts'

export interface SimulatorOptions extends WorldOptions {
  /** Port on 127.0.0.1; a free one if 0 or not given. */
  readonly port?: number
}

export interface Simulator {
  /** What `waWebSocketUrl` is set to. */
  readonly url: string
  /** Hex of the 32 bytes that sign the server's certificate. */
  readonly trustRoot: string
  /** PEM of the certificate of the https server that keeps files. */
  readonly mediaCa: string
  readonly faults: Faults
  readonly log: readonly LogEntry[]
  /** The phone of an account, made on first use. Throws if this is no phone number. */
  readonly phone: (number: string) => Phone
  /** A customer, made on first use; the options change an existing one. */
  readonly customer: (number: string, options?: CustomerOptions) => Customer
  /** Links a device to each of these people without a QR; so many one-time keys, the same ones for all. */
  readonly provision: (numbers: readonly string[], preKeys: number) => Linked
  /** Calls the listener with each later log entry; the answer stops that. */
  readonly onLog: (listener: (entry: LogEntry) => void) => () => void
  /** The first value of the probe that is neither undefined nor false. Rejects after the deadline with the last log entries. */
  readonly waitFor: <T>(probe: () => T | undefined | false, options: WaitOptions) => Promise<T>
  /** The first log entry after `after` (a seq; all if not given) that fits, past or still to come. */
  readonly waitForLog: (
    test: (entry: LogEntry) => boolean,
    options: WaitOptions & { readonly after?: number },
  ) => Promise<LogEntry>
  /** Cuts all connections and leaves no handle behind. */
  readonly close: () => Promise<void>
}

/** Starts a simulator. Rejects if the port is taken. */
export const startSimulator = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  const world = createWorld(options)
  const server = await startServer(world, options.port ?? 0)
  const media = await startMediaServer(world)
  world.mediaHost = media.host
  const phones = new Map<string, Phone>()
  const customers = new Map<string, Customer>()
  return {
    url: `ws://127.0.0.1:${server.port}/ws/chat`,
    trustRoot: world.identity.trustRoot.toString('hex'),
    mediaCa: media.certificate,
    faults: createFaults(world),
    log: world.log.entries,
    phone: (number) => {
      const person = world.people.get(number)
      const phone = phones.get(person.number) ?? createPhone(world, person)
      phones.set(person.number, phone)
      return phone
    },
    customer: (number, customerOptions = {}) => {
      const person = world.people.get(number)
      adjust(person, customerOptions)
      const customer = customers.get(person.number) ?? createCustomer(world, person)
      customers.set(person.number, customer)
      return customer
    },
    provision: (numbers, preKeys) => linkDevices(world, numbers, preKeys),
    onLog: world.log.listen,
    waitFor: (probe, waitOptions) => waitUntil(world.log, probe, waitOptions),
    waitForLog: (test, { after = 0, ...waitOptions }) => {
      let next = after
      const probe = (): LogEntry | undefined => {
        for (; next < world.log.entries.length; next += 1) {
          const entry = world.log.entries[next]
          if (entry !== undefined && test(entry)) return entry
        }
        return undefined
      }
      return waitUntil(world.log, probe, waitOptions)
    },
    close: async () => {
      await Promise.all([server.close(), media.close()])
    },
  }
}
