// What a closed connection means: one row per code, for WhatsApp's own codes and for ours. Decides nothing about time: see backoff.ts
// and machine.ts.

/** What the session does about it. */
export type Reaction =
  /** Connect again at once: WhatsApp asked for it. */
  | 'restart'
  /** Back off and try again, counting the attempt. */
  | 'retry'
  /** Our own fault (the database is away): try again, without counting. */
  | 'retry-uncounted'
  /** Another connection took over. */
  | 'conflict'
  /** The credentials are worthless: forget them. */
  | 'forget'
  /** Going on would make it worse. A person has to act. */
  | 'halt'
  /** This node may no longer act for the session. */
  | 'yield'

export interface Disconnect {
  readonly reaction: Reaction
  /** Stable word for programs (`lastError.code`). */
  readonly code: string
  /** What happened, for the owner of the account. What to do next is added by the state, see view.ts. */
  readonly says: string
  /** For `halt`: who has to act. */
  readonly halts?: {
    readonly who: 'user' | 'operator'
    readonly desired: 'connected' | 'suspended'
    /** What the user does, when it is not something on the phone. */
    readonly next?: string
  }
}

/** Codes of our own, beside those of WhatsApp; the connection's adapter reports them. */
export const STORAGE_FAILED = 901
export const HANDSHAKE_TIMEOUT = 902
export const SIGNATURE_INVALID = 903
export const FENCED = 904
export const CREDENTIALS_UNREADABLE = 905
export const PASSKEY_REQUIRED = 906

const lost = (says: string): Disconnect => ({ reaction: 'retry', code: 'connection-lost', says })
const banned: Disconnect = {
  reaction: 'halt',
  code: 'account-restricted',
  says: 'WhatsApp has restricted or banned this account.',
  halts: { who: 'user', desired: 'suspended' },
}
const outdated: Disconnect = {
  reaction: 'halt',
  code: 'client-outdated',
  says: 'WhatsApp no longer accepts this version of the software.',
  halts: { who: 'operator', desired: 'connected' },
}

/** Every code we have seen or that the protocol names. 408 while a QR is shown is the QR's end and never gets here: see machine.ts. */
export const DISCONNECTS: Readonly<Record<number, Disconnect>> = {
  401: {
    reaction: 'forget',
    code: 'logged-out',
    says: 'The account was logged out: this device was removed on the phone.',
  },
  402: banned,
  403: banned,
  405: outdated,
  406: banned,
  408: lost('The connection to WhatsApp was lost.'),
  409: outdated,
  411: {
    reaction: 'halt',
    code: 'multi-device-mismatch',
    says: 'WhatsApp on the phone does not allow linked devices for this account.',
    halts: { who: 'user', desired: 'suspended' },
  },
  428: lost('WhatsApp closed the connection.'),
  429: { reaction: 'retry', code: 'rate-limited', says: 'WhatsApp asked us to connect less often.' },
  440: { reaction: 'conflict', code: 'conflict', says: 'This account was connected from another place.' },
  // Also the default for a stream error nobody knows: never a reason to pair again.
  500: { reaction: 'retry', code: 'server-error', says: 'WhatsApp reported an error.' },
  503: { reaction: 'retry', code: 'unavailable', says: 'WhatsApp is not available at the moment.' },
  515: { reaction: 'restart', code: 'restart-required', says: 'WhatsApp asked for a new connection.' },
  [STORAGE_FAILED]: {
    reaction: 'retry-uncounted',
    code: 'storage-failed',
    says: 'The database did not answer, so the connection was cut before anything could be lost.',
  },
  [HANDSHAKE_TIMEOUT]: { reaction: 'retry', code: 'handshake-timeout', says: 'WhatsApp did not answer in time.' },
  [SIGNATURE_INVALID]: {
    reaction: 'retry',
    code: 'signature-invalid',
    says: 'The server could not prove that it is WhatsApp, so nothing was sent to it.',
  },
  [FENCED]: { reaction: 'yield', code: 'owner-moved', says: 'Another node looks after this account now.' },
  [CREDENTIALS_UNREADABLE]: {
    reaction: 'halt',
    code: 'credentials-unreadable',
    says: 'The stored credentials cannot be decrypted: AUTH_ENCRYPTION_KEY is not the one they were written with.',
    halts: { who: 'operator', desired: 'connected' },
  },
  // Some accounts, since the middle of 2026. Only a browser on WhatsApp's own pages can answer it, so waiting for the QR to expire helps nobody.
  [PASSKEY_REQUIRED]: {
    reaction: 'halt',
    code: 'passkey-required',
    says: 'WhatsApp asks for the passkey of this account before it links a device, and this program cannot give it. Nothing was linked.',
    halts: {
      who: 'user',
      desired: 'suspended',
      next: 'WhatsApp asks it of some accounts for some time: press connect again another day, or link another number.',
    },
  },
}

const UNKNOWN: Disconnect = {
  reaction: 'retry',
  code: 'unknown',
  says: 'The connection ended for a reason we do not know.',
}

/** The row for a code; an unknown code is retried, with a limit, and never leads to a new pairing. */
export function disconnectFor(code: number): Disconnect {
  return DISCONNECTS[code] ?? UNKNOWN
}
