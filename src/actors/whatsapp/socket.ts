// The port to WhatsApp: everything the product knows of a live connection. Types only; baileys.ts is the only adapter.
// It decides nothing: whether and when to open again is the session machine's business.

import type { Logger } from 'pino'
import type { OutboundContent } from '../../domain/conversation/message.ts'
import type { Fence, SessionId } from '../../domain/ids.ts'

/** Opens one connection. Resolves as soon as the attempt is under way (credentials read); what becomes of it are events.
 *  Rejects only when the credentials could not be read: then there was no connection and no event will come. */
export type OpenSocketFn = (options: OpenSocket) => Promise<WhatsAppSocket>

export interface OpenSocket {
  readonly session: SessionId
  readonly fence: Fence
  readonly guard: Guard
  readonly store: AuthStore
  /** Called synchronously, in order; `closed` comes exactly once and last. */
  readonly emit: (event: SocketEvent) => void
  /** `+E.164` of the phone that will type a code instead of scanning. Ignored when the account is paired already. */
  readonly pairingPhone?: string
  readonly policy: SocketPolicy
  /** Both or neither: another server than WhatsApp's own, and the 32-byte key its certificates hang on. */
  readonly socketUrl?: string
  readonly trustRoot?: Uint8Array
  /** PEM: trusted for files, and then nothing else is. */
  readonly mediaCa?: string
  readonly log: Logger
}

/** Limits of one connection, all in milliseconds. */
export interface SocketPolicy {
  /** How long each QR lives. WhatsApp hands out six per attempt. */
  readonly qrTimeoutMs: number
  /** Ping interval. A silent connection is given up after this and five seconds more. */
  readonly keepAliveMs: number
  /** From opening to the first QR or to `opened`; without either the attempt ends as 902. */
  readonly handshakeTimeoutMs: number
  /** How long `send` may take before it answers `failed`. */
  readonly sendTimeoutMs: number
  /** How long one query to WhatsApp may take. */
  readonly queryTimeoutMs: number
}

/** Proof that this process still owns the session. Asked synchronously at every frame in and out. */
export interface Guard {
  /** @param at who asks, so that a cut is counted under its cause */
  valid(at?: 'guard-in' | 'guard-out'): boolean
  /** Ends the ownership for good, whatever the clock says. */
  fence(cause: string): void
}

/** One key record of the account, as bytes. `null` deletes. */
export interface KeyChange {
  readonly type: string
  readonly id: string
  readonly value: Uint8Array | null
}

/** One decrypted stanza on its way to the inbox. */
export interface JournalEntry {
  /** SHA-256 of the ciphertext. */
  readonly hash: Uint8Array
  /** `${chat}|${sender}|${id}`. */
  readonly messageKey: string
  /** See journal.ts. */
  readonly payload: Uint8Array
}

export interface AuthChange {
  readonly creds?: Uint8Array
  readonly keys?: readonly KeyChange[]
  readonly journal?: JournalEntry
}

/** What the account's secrets are kept in, bound to one session and one fence. Bytes only; knows nothing of Baileys.
 *  Every method rejects when the storage cannot answer: an absent row and an absent database are never the same thing. */
export interface AuthStore {
  loadCreds(): Promise<Uint8Array | null>
  loadKeys(type: string, ids: readonly string[]): Promise<Map<string, Uint8Array>>
  /** All or nothing, and only while the fence holds. */
  commit(change: AuthChange): Promise<void>
  journaled(hash: Uint8Array): Promise<{ readonly state: 'new' | 'done'; readonly payload: Uint8Array | null } | null>
  findSent(waMessageId: string): Promise<OutboundContent | null>
}

export type { OutboundContent } from '../../domain/conversation/message.ts'

export interface Outbound {
  /** A JID: `15550100@s.whatsapp.net` or `1234@lid`. */
  readonly recipient: string
  readonly waMessageId: string
  readonly content: OutboundContent
}

export interface WhatsAppSocket {
  /** Puts a message on the wire under its stored id. `on-the-wire` is not an acknowledgement: that is the `ack` event. */
  send(message: Outbound): Promise<SendOutcome>
  /** Monotonic milliseconds (`performance.now`) of the last frame received, keep-alive answers included. */
  lastFrameAt(): number
  /** Removes this device from the account, then ends. Never rejects. */
  logout(): Promise<void>
  /** Ends in order: what is decrypted is committed, then the connection closes. Resolves when `closed` was emitted, also after `destroy`:
   *  only then may the next connection of the session be opened. Never rejects. */
  end(): Promise<void>
  /** Cuts the TCP connection now; nothing more is sent. `closed` follows when it was not emitted yet. */
  destroy(): void
}

export type SendOutcome =
  | { readonly kind: 'on-the-wire' }
  /** WhatsApp named no device to send to: nothing left this machine. */
  | { readonly kind: 'no-recipient' }
  /** It may or may not have left: send again under the same id. */
  | { readonly kind: 'failed'; readonly reason: string }

export type SocketEvent =
  /** Show it until the next one or `paired`. */
  | { readonly type: 'qr'; readonly qr: string }
  | { readonly type: 'pairing-code'; readonly code: string }
  /** The phone scanned and the account is stored; WhatsApp asks for a restart next (`closed` 515). */
  | { readonly type: 'paired' }
  | { readonly type: 'opened'; readonly phone: string; readonly lid: string | null; readonly pushName: string | null }
  /** Exactly once, and last; also after `end`, `destroy` and `logout`. By then nothing of this connection is still being written.
   *  `code` is a row of domain/session/disconnect.ts; `detail` is for logs and holds no secrets and no numbers of people. */
  | { readonly type: 'closed'; readonly code: number; readonly detail: string }
  /** A doorbell: an inbox row was committed. */
  | { readonly type: 'journaled' }
  | { readonly type: 'ack'; readonly waMessageId: string; readonly ok: true }
  | { readonly type: 'ack'; readonly waMessageId: string; readonly ok: false; readonly error: string }
  | { readonly type: 'receipt'; readonly waMessageIds: readonly string[]; readonly status: 'delivered' | 'read' }
