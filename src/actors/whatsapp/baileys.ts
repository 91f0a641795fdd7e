// The one adapter of the port in socket.ts: opens a Baileys socket with our repository, store and guard around it, and turns what happens to
// it into events. Whether to open another one is the session machine's business.

import { type AuthenticationCreds, type ConnectionState, makeWASocket, type WASocket } from '@whiskeysockets/baileys'
import { HANDSHAKE_TIMEOUT, PASSKEY_REQUIRED } from '../../domain/session/disconnect.ts'
import { parseJid, plainJid } from './address.ts'
import { decodeCreds } from './auth-state.ts'
import { type Connection, makeConnection } from './connection.ts'
import { endingOf, endingOfHttp } from './disconnected.ts'
import { makeStanzaIndex } from './journal.ts'
import { makeKeyStore } from './key-store.ts'
import type { Uploading } from './media-upload.ts'
import { socketOptions } from './options.ts'
import { messageOf } from './outbound.ts'
import { silenceLibsignal } from './quiet.ts'
import { type JournaledRepository, makeRepository } from './repository.ts'
import { ownAddress, send } from './send.ts'
import { repairLibsignal } from './session-cipher.ts'
import { useKeyObjects } from './signal-crypto.ts'
import { enforceSignatures, trust } from './signature.ts'
import type { OpenSocket, OpenSocketFn, WhatsAppSocket } from './socket.ts'
import { tellStatuses } from './statuses.ts'
import type { SocketClient } from './wire.ts'

/** See socket.ts. Repairs the libraries on first use. */
export const openBaileysSocket: OpenSocketFn = async (options) => {
  if ((options.socketUrl === undefined) !== (options.trustRoot === undefined)) {
    throw new Error('another server needs both its address and its trust root')
  }
  useKeyObjects()
  enforceSignatures()
  repairLibsignal()
  silenceLibsignal()
  const creds = decodeCreds(await options.store.loadCreds())
  trust(options.trustRoot)
  return open(options, creds)
}

function open(options: OpenSocket, creds: AuthenticationCreds): WhatsAppSocket {
  const { policy, log } = options
  const connection = makeConnection(options, creds)
  const { store } = connection
  const keys = makeKeyStore(store)
  const stanzas = makeStanzaIndex()
  let repository: JournaledRepository | undefined

  const uploading: Uploading = {
    mediaConn: (fresh) => sock.refreshMediaConn(fresh),
    policy: { ca: options.mediaCa ?? null, timeoutMs: policy.sendTimeoutMs },
  }
  const sock: WASocket = makeWASocket({
    ...socketOptions(policy, log, options.socketUrl),
    auth: { creds, keys: { get: keys.get, set: keys.set } },
    makeSignalRepository: (_auth, logger, lookUpLids) => {
      const journaled = () => connection.emit({ type: 'journaled' })
      repository = makeRepository({ creds, keys, store, stanzas, logger, lookUpLids, journaled })
      return repository
    },
    getMessage: async ({ id, remoteJid }) => {
      // A message nobody sent is never made up.
      const sent = id ? await store.findSent(id) : null
      if (sent === null) return undefined
      const recipient = plainJid(remoteJid ?? '')
      return messageOf(sent, { recipient, own: ownAddress(sock.user, recipient) ?? '' }, uploading)
    },
  })
  if (repository === undefined) throw new Error('Baileys did not ask for a signal repository')
  const client = sock.ws as unknown as SocketClient
  connection.attach(sock, client, stanzas.note)
  listen(options, sock, connection, creds)

  const sending = { sock, repository, uploading, timeoutMs: policy.sendTimeoutMs }
  return {
    send: async (message) =>
      connection.isOpen() ? send(sending, message) : { kind: 'failed', reason: 'the connection is not open' },
    lastFrameAt: () => connection.lastFrameAt(),
    async logout() {
      if (connection.isOpen()) await sock.logout().catch(() => undefined)
      await connection.end()
    },
    end: () => connection.end(),
    destroy: () => connection.cut({ code: CUT, detail: 'cut on this side' }),
  }
}

const CUT = 428

const PASSKEY_DEMANDS = ['passkey_prologue_request', 'crsc_continuation'] as const

/** Binds what Baileys says to the events of the port. */
function listen(options: OpenSocket, sock: WASocket, connection: Connection, creds: AuthenticationCreds): void {
  const { policy } = options
  const watchdog = setTimeout(() => {
    connection.cut({ code: HANDSHAKE_TIMEOUT, detail: `no answer within ${policy.handshakeTimeoutMs} ms` })
  }, policy.handshakeTimeoutMs)
  connection.whenClosing(() => clearTimeout(watchdog))

  const qr = pairingBy(options, sock, connection)
  const update = ({ connection: state, lastDisconnect, qr: code, isNewLogin }: Partial<ConnectionState>) => {
    if (code !== undefined || state === 'open') clearTimeout(watchdog)
    if (code !== undefined) qr(code)
    if (isNewLogin) connection.announceStored({ type: 'paired' })
    if (state === 'open') opened(sock, connection, creds)
    if (state === 'close') connection.ended(endingOf(lastDisconnect?.error))
  }
  sock.ev.on('creds.update', () => connection.credsChanged())
  sock.ev.on('connection.update', update)
  sendDeliveredReceipts(sock)
  // Calls are acknowledged and otherwise none of our business; Baileys would make messages of them.
  sock.ev.removeAllListeners('call')

  const own = () => ({ phone: parseJid(creds.me?.id)?.user ?? null, lid: parseJid(creds.me?.lid)?.user ?? null })
  const emit = connection.emit
  tellStatuses(sock.ws, own, emit)
  // Baileys acknowledges it and waits for a linking that cannot come (issue 2672).
  for (const type of PASSKEY_DEMANDS)
    sock.ws.on(`CB:notification,type:${type}`, () => {
      connection.cut({ code: PASSKEY_REQUIRED, detail: `WhatsApp asked for a passkey: ${type}` })
    })
  // Baileys waits for ever when the upgrade is answered with an HTTP error.
  sock.ws.on('unexpected-response', (_request: unknown, response: { statusCode?: number }) => {
    connection.cut(endingOfHttp(response.statusCode ?? 0))
  })
}

/** Each QR as it comes, or one code to be typed in when a phone number was given. */
function pairingBy({ pairingPhone }: OpenSocket, sock: WASocket, { emit }: Connection) {
  let asked = false
  return (qr: string) => {
    if (pairingPhone === undefined) return emit({ type: 'qr', qr })
    if (asked) return
    asked = true
    sock.requestPairingCode(pairingPhone.replace(/\D/g, '')).then(
      (code) => emit({ type: 'pairing-code', code }),
      (error: unknown) => void sock.end(error instanceof Error ? error : new Error(String(error))),
    )
  }
}

function opened(sock: WASocket, { emit }: Connection, creds: AuthenticationCreds): void {
  sendDeliveredReceipts(sock)
  const lid = parseJid(creds.me?.lid)?.user ?? null
  emit({ type: 'opened', phone: `+${parseJid(creds.me?.id)?.user ?? ''}`, lid, pushName: creds.me?.name ?? null })
}

/** A receipt that says `inactive` is not shown as delivered. What is committed is delivered, though nobody is shown as online. */
function sendDeliveredReceipts(sock: WASocket): void {
  sock.ev.emit('connection.update', { isOnline: true })
}
