// What we are measured against: Baileys as it comes, default options, credentials in memory, every event ignored but counted. With BENCH_NATIVE
// set, signatures are checked natively (and really) instead of in JavaScript.

import {
  type AuthenticationCreds,
  BufferJSON,
  initAuthCreds,
  type KeyPair,
  makeWASocket,
  type SignalDataSet,
  type SignalDataTypeMap,
  type SignalKeyStore,
  WA_CERT_DETAILS,
  type WASocket,
} from '@whiskeysockets/baileys'
import { enforceSignatures } from '../src/actors/whatsapp/signature.ts'
import { serve } from './channel.ts'
import { makeOpenings } from './openings.ts'
import { cpuMs, settledRss } from './process-figures.ts'
import type { Linked } from './world.ts'

interface Account {
  readonly number: string
  readonly creds: AuthenticationCreds
  readonly keys: SignalKeyStore
  socket: WASocket | null
  onQr: (qr: string) => void
}

const LOGGED_OUT = 401

const accounts = new Map<string, Account>()
const openings = makeOpenings()
let url = ''
let received = 0
let greeting: string | null = null
let stopping = false
/** The one-time keys of every linked account. */
let pairs: readonly KeyPair[] = []

function memoryKeys(): SignalKeyStore {
  const kept = new Map<string, unknown>()
  return {
    get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
      const found: { [id: string]: SignalDataTypeMap[T] } = {}
      for (const id of ids) {
        const value = kept.get(`${type}/${id}`)
        if (value !== undefined) found[id] = value as SignalDataTypeMap[T]
      }
      return found
    },
    set(data: SignalDataSet) {
      for (const [type, records] of Object.entries(data)) {
        for (const [id, value] of Object.entries(records ?? {})) {
          if (value === null || value === undefined) kept.delete(`${type}/${id}`)
          else kept.set(`${type}/${id}`, value)
        }
      }
    },
  }
}

const revived = (json: string) => JSON.parse(json, BufferJSON.reviver)

function connect(account: Account): void {
  const socket = makeWASocket({ waWebSocketUrl: url, auth: { creds: account.creds, keys: account.keys } })
  account.socket = socket
  socket.ev.on('creds.update', (update) => void Object.assign(account.creds, update))
  socket.ev.on('connection.update', ({ connection, lastDisconnect, qr }) => {
    if (qr !== undefined) account.onQr(qr)
    if (connection === 'open') openings.opened(account.number)
    const code = (lastDisconnect?.error as { output?: { statusCode?: number } } | undefined)?.output?.statusCode
    if (connection === 'close' && !stopping && code !== LOGGED_OUT) connect(account)
  })
  socket.ev.on('messages.upsert', ({ messages }) => {
    received += messages.length
    if (greeting === null) return
    for (const { key } of messages) if (key.remoteJid) void socket.sendMessage(key.remoteJid, { text: greeting })
  })
}

function account(number: string, creds: AuthenticationCreds): Account {
  const made: Account = { number, creds, keys: memoryKeys(), socket: null, onQr: () => undefined }
  accounts.set(number, made)
  return made
}

const functions = {
  use(address: { url: string; trustRoot: string }): void {
    url = address.url
    WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(address.trustRoot, 'hex')
  },
  /** Opens accounts that are linked already. */
  async open({ accounts: linked, preKeys }: Linked): Promise<void> {
    if (pairs.length === 0) pairs = preKeys.map(revived)
    for (const { number, creds } of linked) {
      const made = account(number, revived(creds))
      // Copies, as if each account had made its own: keys in memory is what "credentials in memory" costs.
      const own = pairs.map((pair) => ({ public: Buffer.from(pair.public), private: Buffer.from(pair.private) }))
      await made.keys.set({ 'pre-key': Object.fromEntries(own.map((pair, index) => [index + 1, pair])) })
      connect(made)
    }
  },
  /** Begins a pairing. @returns the QR */
  pair: (number: string): Promise<string> =>
    new Promise((resolve) => {
      const made = account(number, initAuthCreds())
      made.onQr = resolve
      connect(made)
    }),
  opened: openings.wait,
  /** What every message is answered with from now on; null: with nothing. */
  answer(text: string | null): void {
    greeting = text
  },
  received: () => received,
  rss: settledRss,
  cpu: cpuMs,
}

export type Bare = typeof functions

if (process.env['BENCH_NATIVE'] !== undefined) enforceSignatures()
serve(functions, async () => {
  stopping = true
  for (const { socket } of accounts.values()) socket?.ws.removeAllListeners('close')
})
