// The faults a test can order, as verbs. Those that last are switched in faults.ts; those that act at once act here.
import type { Companion } from './companion.ts'
import { flush, redeliver, release } from './delivery.ts'
import type { AccountFaults } from './faults.ts'
import { toNumber } from './jid.ts'
import { node } from './stanza.ts'
import type { World } from './world.ts'

export interface Faults {
  /** Cuts the account's connections without a word. */
  readonly drop: (number: string) => void
  /** The account's connections stay open and nothing is answered or sent. */
  readonly silence: (number: string, on: boolean) => void
  /** Ends the account's streams with this code (500, 503, 515). */
  readonly streamError: (number: string, code: number) => void
  /** The next login of the account fails once with this reason (401, 403, 405, 503). */
  readonly nextLogin: (number: string, outcome: { readonly failure: number }) => void
  /** Linking a device to the account takes a passkey, which is asked of the device after the scan. */
  readonly passkey: (number: string, on?: boolean) => void
  /** TCP connections are accepted and destroyed at once. */
  readonly refuseConnections: (on: boolean) => void
  /** Upgrades are answered with this HTTP status instead; none if not given. */
  readonly httpStatus: (status?: number) => void
  /** The handshake gets no answer. */
  readonly handshakeSilence: (on: boolean) => void
  /** Files are answered for with this HTTP status instead; none if not given. */
  readonly mediaStatus: (status?: number) => void
  /** Messages to the account wait at the server until released. */
  readonly holdDeliveries: (number: string) => void
  readonly releaseDeliveries: (number: string, order?: 'as-sent' | 'reverse') => void
  /** Messages of the account are delivered and not acknowledged. */
  readonly dropAcks: (number: string, on?: boolean) => void
  /** Acknowledgements to the account wait so long. */
  readonly delayAcks: (number: string, delayMs: number) => void
  /** Messages of the account are refused with this code and not delivered; accepted again if not given. */
  readonly ackError: (number: string, code?: number) => void
  /** Questions of the account for devices and LIDs get no answer. */
  readonly loseUsync: (number: string, on?: boolean) => void
  /** Sends a message to the account once more, the same ciphertext. Throws if it never got it. */
  readonly redeliver: (number: string, messageId: string) => void
  /** So many of the next messages to the account arrive damaged. */
  readonly corruptNext: (number: string, count?: number) => void
  /** So many of the next messages of the account cannot be read by those who get them; they ask for them again. */
  readonly garbleNext: (number: string, count?: number) => void
}

export const createFaults = (world: World): Faults => {
  const companionsOf = (number: string): readonly Companion[] => [...world.people.get(number).companions.values()]
  const change = (written: string, type: string, apply: (faults: AccountFaults) => void): void => {
    const number = toNumber(written)
    apply(world.faultsOf(number))
    world.log.add({ kind: 'fault', number, type })
  }
  const everywhere = (type: string, apply: () => void): void => {
    apply()
    world.log.add({ kind: 'fault', type })
  }
  const flushAll = (number: string): void => {
    for (const companion of companionsOf(number)) flush(world, companion)
  }
  return {
    drop: (number) => {
      change(number, 'drop', () => undefined)
      for (const { connection } of companionsOf(number)) connection?.cut()
    },
    silence: (number, on) => {
      change(number, `silence ${on}`, (faults) => {
        faults.silent = on
      })
      flushAll(number)
    },
    streamError: (number, code) => {
      for (const companion of companionsOf(number)) {
        if (companion.connection === undefined) continue
        world.note(companion, { kind: 'stream-error', code })
        companion.connection.finish(node('stream:error', { code: String(code) }))
      }
    },
    nextLogin: (number, { failure }) =>
      change(number, `nextLogin ${failure}`, (faults) => {
        faults.nextLoginFailure = failure
      }),
    passkey: (number, on = true) =>
      change(number, `passkey ${on}`, (faults) => {
        faults.passkey = on
      }),
    refuseConnections: (on) =>
      everywhere(`refuseConnections ${on}`, () => {
        world.serverFaults.refuseConnections = on
      }),
    httpStatus: (status) =>
      everywhere(`httpStatus ${status ?? 'off'}`, () => {
        world.serverFaults.httpStatus = status
      }),
    handshakeSilence: (on) =>
      everywhere(`handshakeSilence ${on}`, () => {
        world.serverFaults.handshakeSilence = on
      }),
    mediaStatus: (status) =>
      everywhere(`mediaStatus ${status ?? 'off'}`, () => {
        world.serverFaults.mediaStatus = status
      }),
    holdDeliveries: (number) =>
      change(number, 'holdDeliveries', (faults) => {
        faults.held = true
      }),
    releaseDeliveries: (number, order = 'as-sent') => {
      change(number, `releaseDeliveries ${order}`, (faults) => {
        faults.held = false
      })
      for (const companion of companionsOf(number)) release(world, companion, order)
    },
    dropAcks: (number, on = true) =>
      change(number, `dropAcks ${on}`, (faults) => {
        faults.dropAcks = on
      }),
    delayAcks: (number, delayMs) =>
      change(number, `delayAcks ${delayMs}`, (faults) => {
        faults.ackDelayMs = delayMs
      }),
    ackError: (number, code) =>
      change(number, `ackError ${code ?? 'off'}`, (faults) => {
        faults.ackError = code
      }),
    loseUsync: (number, on = true) =>
      change(number, `loseUsync ${on}`, (faults) => {
        faults.loseUsync = on
      }),
    redeliver: (number, messageId) => {
      change(number, 'redeliver', () => undefined)
      for (const companion of companionsOf(number)) redeliver(world, companion, messageId)
    },
    corruptNext: (number, count = 1) =>
      change(number, `corruptNext ${count}`, (faults) => {
        faults.corruptNext = count
      }),
    garbleNext: (number, count = 1) =>
      change(number, `garbleNext ${count}`, (faults) => {
        faults.garbleNext = count
      }),
  }
}
