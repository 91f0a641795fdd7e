// An unmodified Baileys socket with its state in memory, as the tests of the simulator use it.
import {
  type AuthenticationCreds,
  type AuthenticationState,
  initAuthCreds,
  makeWASocket,
  type SignalDataTypeMap,
  type SignalKeyStore,
  type SocketConfig,
  UPLOAD_TIMEOUT,
  WA_CERT_DETAILS,
  type WAMessage,
  type WASocket,
} from '@whiskeysockets/baileys'
import type { Test } from 'tap'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator/index.ts'

// Baileys leaves timers behind when a socket ends (the upload of keys, unanswered questions). They must not keep a test
// file alive for another minute.
const startTimer = globalThis.setTimeout
globalThis.setTimeout = Object.assign(
  (action: () => void, delayMs = 0) => {
    const timer = startTimer(action, delayMs)
    return delayMs >= UPLOAD_TIMEOUT ? timer.unref() : timer
  },
  { __promisify__: startTimer.__promisify__ },
)

// libsignal prints whole sessions, private keys and all, from within the client. Nobody must read them in a test's output.
const PRINTED_BY_LIBSIGNAL = /^(Closing|Opening|Removing old|Decrypted message with closed|Failed to decrypt|Session )/
for (const level of ['info', 'warn', 'error'] as const) {
  const print = console[level]
  console[level] = (...parts: unknown[]) => {
    if (!PRINTED_BY_LIBSIGNAL.test(String(parts[0]))) print(...parts)
  }
}

type Logger = Parameters<typeof makeWASocket>[0]['logger'] & object

const silent: Logger = {
  level: 'silent',
  child: () => silent,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

export interface Upsert {
  readonly type: 'notify' | 'append'
  readonly message: WAMessage
  readonly text: string
}

export interface Client {
  readonly state: AuthenticationState
  readonly upserts: Upsert[]
  /** Status codes of the connections that closed, in order. */
  readonly closes: number[]
  readonly qrs: string[]
  socket: WASocket | undefined
  opens: number
  connect: (overrides?: Partial<SocketConfig>) => WASocket
  /** Ends the socket, as a restart of the program would. */
  stop: () => Promise<void>
}

const memoryStore = (): SignalKeyStore => {
  const data = new Map<string, unknown>()
  return {
    get: async <T extends keyof SignalDataTypeMap>(type: T, ids: string[]) => {
      const found: { [id: string]: SignalDataTypeMap[T] } = {}
      for (const id of ids) {
        const value = data.get(`${type}/${id}`)
        if (value !== undefined && value !== null) found[id] = structuredClone(value) as SignalDataTypeMap[T]
      }
      return found
    },
    set: async (changes) => {
      for (const [type, values] of Object.entries(changes)) {
        for (const [id, value] of Object.entries(values ?? {})) {
          if (value === null) data.delete(`${type}/${id}`)
          else data.set(`${type}/${id}`, value)
        }
      }
    },
  }
}

const codeOf = (error: Error | undefined): number =>
  (error as { output?: { statusCode?: number } } | undefined)?.output?.statusCode ?? 0

export const createClient = (simulator: Pick<Simulator, 'url' | 'trustRoot'>): Client => {
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(simulator.trustRoot, 'hex')
  const creds: AuthenticationCreds = initAuthCreds()
  const sentMessages = new Map<string, WAMessage['message']>()
  const client: Client = {
    state: { creds, keys: memoryStore() },
    upserts: [],
    closes: [],
    qrs: [],
    socket: undefined,
    opens: 0,
    connect: (overrides = {}) => {
      const socket = makeWASocket({
        auth: client.state,
        logger: silent,
        waWebSocketUrl: simulator.url,
        getMessage: async ({ id }) => sentMessages.get(id ?? '') ?? undefined,
        retryRequestDelayMs: 10,
        ...overrides,
      })
      client.socket = socket
      socket.ev.on('creds.update', (update) => Object.assign(creds, update))
      socket.ev.on('connection.update', ({ connection, lastDisconnect, qr }) => {
        if (qr !== undefined) client.qrs.push(qr)
        if (connection === 'open') client.opens += 1
        if (connection === 'close') {
          const code = codeOf(lastDisconnect?.error)
          client.closes.push(code)
          if (code === 515) client.connect()
        }
      })
      socket.ev.on('messages.upsert', ({ messages, type }) => {
        for (const message of messages) {
          if (message.key.fromMe && message.key.id) sentMessages.set(message.key.id, message.message)
          const text = message.message?.conversation ?? message.message?.extendedTextMessage?.text ?? ''
          client.upserts.push({ type, message, text })
        }
      })
      return socket
    },
    stop: async () => {
      await client.socket?.end(undefined)
    },
  }
  return client
}

export interface Session {
  readonly sim: Simulator
  readonly client: Client
}

/** A simulator and a client that end with the test. */
export const build = async (t: Test, options: SimulatorOptions = {}): Promise<Session> => {
  const sim = await startSimulator(options)
  const client = createClient(sim)
  t.teardown(async () => {
    await client.stop()
    await sim.close()
  })
  return { sim, client }
}

/** The same with the client paired as this number's first device. */
export const buildPaired = async (t: Test, number: string, options: SimulatorOptions = {}): Promise<Session> => {
  const session = await build(t, options)
  await pair(session.sim, session.client, number)
  return session
}

/** Ends the client's socket and waits until the server has noticed. */
export const goOffline = async ({ sim, client }: Session): Promise<void> => {
  const after = sim.log.length
  await client.stop()
  await sim.waitForLog(({ kind }) => kind === 'disconnected', { after, what: 'the disconnection' })
}

/** Logs in again and waits until the connection is open. */
export const comeBack = async ({ sim, client }: Session, overrides: Partial<SocketConfig> = {}): Promise<void> => {
  const opens = client.opens
  client.connect(overrides)
  await sim.waitFor(() => client.opens > opens, { what: 'an open connection' })
}

/** The message with this text, once the client has it. */
export const heard = ({ sim, client }: Session, text: string): Promise<Upsert> =>
  sim.waitFor(() => client.upserts.find((upsert) => upsert.text === text), { what: `"${text}" at the client` })

/** The code the client's connection closes with next. */
export const nextClose = ({ sim, client }: Session, already = client.closes.length): Promise<number> =>
  sim.waitFor(() => client.closes[already], { what: 'the end of the connection' })

/** Pairs a client by QR and waits until it is online and through its first synchronisation. */
export const pair = async (simulator: Simulator, client: Client, number: string): Promise<void> => {
  client.connect()
  const qr = await simulator.waitFor(() => client.qrs.at(-1), { what: 'a QR' })
  await simulator.phone(number).scan(qr)
  await simulator.waitFor(() => client.opens > 0, { what: 'an open connection' })
  const synced = (): boolean => (client.state.creds.accountSyncCounter ?? 0) > 0
  await simulator.waitFor(synced, { what: 'the first synchronisation' })
}
