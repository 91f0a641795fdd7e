// Everything the parts of one simulator share. It holds, the others decide.
import { randomBytes } from 'node:crypto'
import { createServerIdentity, type ForgedCertificate, type ServerIdentity } from './certificate.ts'
import type { Companion } from './companion.ts'
import type { Connection } from './connection.ts'
import { type AccountFaults, noAccountFaults, noServerFaults, type ServerFaults } from './faults.ts'
import type { CodeRequest } from './link-code.ts'
import { createLog, type Log, type LogFacts } from './log.ts'
import type { Offer } from './pairing.ts'
import { createPeople, type People } from './people.ts'

export interface WorldOptions {
  /** How long one QR reference may be scanned, in milliseconds; as long as its connection is open if not given. */
  readonly qrRefMs?: number
  /** Decides LIDs, so that runs can differ or agree. */
  readonly seed?: string
  /** Sign this certificate with a stranger's key. */
  readonly forgeCertificate?: ForgedCertificate
  /** Sign the account's signature of a new device with a stranger's key. */
  readonly forgeAccountSignature?: boolean
  /** Leave out the first synchronisation after pairing: a client then holds its events back for 20 seconds. */
  readonly withoutHistory?: boolean
}

export interface World {
  readonly options: WorldOptions
  readonly identity: ServerIdentity
  readonly log: Log
  readonly people: People
  readonly connections: Set<Connection>
  /** Pairings that wait for a scan, by QR reference. */
  readonly offers: Map<string, Offer>
  /** Clients that show a code to be typed, by the number of the phone. */
  readonly codeRequests: Map<string, CodeRequest>
  readonly serverFaults: ServerFaults
  readonly faultsOf: (number: string) => AccountFaults
  /** Encrypted files by their path, as the media server keeps them. */
  readonly files: Map<string, Buffer>
  /** Where the media server listens, as clients are told it. */
  mediaHost: string
  /** Timers that must not outlive the simulator. */
  readonly timers: Set<NodeJS.Timeout>
  readonly after: (delayMs: number, action: () => void) => void
  readonly messageId: () => string
  readonly stanzaId: () => string
  /** Notes what concerns a linked device. */
  readonly note: (companion: Companion, facts: Omit<LogFacts, 'number' | 'device'>) => void
}

const MESSAGE_ID_BYTES = 9

export const createWorld = (options: WorldOptions): World => {
  const log = createLog()
  const faults = new Map<string, AccountFaults>()
  const timers = new Set<NodeJS.Timeout>()
  let stanzas = 0
  return {
    options,
    identity: createServerIdentity(options.forgeCertificate),
    log,
    people: createPeople(options.seed ?? 'simulator'),
    connections: new Set(),
    offers: new Map(),
    codeRequests: new Map(),
    serverFaults: noServerFaults(),
    faultsOf: (number) => {
      const known = faults.get(number) ?? noAccountFaults()
      faults.set(number, known)
      return known
    },
    files: new Map(),
    mediaHost: '',
    timers,
    after: (delayMs, action) => {
      const timer = setTimeout(() => {
        timers.delete(timer)
        action()
      }, delayMs)
      timers.add(timer)
    },
    messageId: () => `3A${randomBytes(MESSAGE_ID_BYTES).toString('hex').toUpperCase()}`,
    stanzaId: () => `s${++stanzas}`,
    note: ({ number, device }, facts) => log.add({ number, device, ...facts }),
  }
}
