// What the simulator has been told to do wrong, as plain state; every file reads its own part of it.
// Cutting connections and resending, which need the world, are in misbehave.ts.

/** What goes wrong for one account, until it is switched off again. */
export interface AccountFaults {
  /** The connection is open and nothing is answered or sent. */
  silent: boolean
  /** Messages to the account wait at the server. */
  held: boolean
  /** Messages of the account are delivered and not acknowledged. */
  dropAcks: boolean
  /** Milliseconds the acknowledgement of a message waits. */
  ackDelayMs: number
  /** Messages of the account are refused with this code and not delivered. */
  ackError: number | undefined
  /** Questions for devices and LIDs get no answer. */
  loseUsync: boolean
  /** So many of the next messages arrive damaged. */
  corruptNext: number
  /** So many of the next messages the account sends cannot be read by those who get them. */
  garbleNext: number
  /** The phone is not enough to link a device: it needs a passkey as well. */
  passkey: boolean
  /** The next login fails with this code. */
  nextLoginFailure: number | undefined
}

/** What goes wrong for everybody. */
export interface ServerFaults {
  refuseConnections: boolean
  /** HTTP status instead of an upgrade. */
  httpStatus: number | undefined
  /** The handshake gets no answer. */
  handshakeSilence: boolean
  /** Files are answered for with this HTTP status instead. */
  mediaStatus: number | undefined
}

export const noAccountFaults = (): AccountFaults => ({
  silent: false,
  held: false,
  dropAcks: false,
  ackDelayMs: 0,
  ackError: undefined,
  loseUsync: false,
  corruptNext: 0,
  garbleNext: 0,
  passkey: false,
  nextLoginFailure: undefined,
})

export const noServerFaults = (): ServerFaults => ({
  refuseConnections: false,
  httpStatus: undefined,
  handshakeSilence: false,
  mediaStatus: undefined,
})
