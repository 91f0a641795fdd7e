// A whole node for a test: real PostgreSQL, real sockets to a simulator, its API on a free port. Shortened only through the policy.

import './unref-upload-timer.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { RELAXED_BOT } from '../../scripts/proof/relaxed.ts'
import { type Simulator, startSimulator } from '../../simulator/index.ts'
import { openBaileysSocket } from '../../src/actors/whatsapp/baileys.ts'
import type { OpenSocketFn } from '../../src/actors/whatsapp/socket.ts'
import { readConfig } from '../../src/config.ts'
import { makeLog } from '../../src/log.ts'
import { type RunningNode, startNode } from '../../src/node.ts'
import { makePolicy, type PolicyOverride } from '../../src/policy.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { until } from './until.ts'

export const QUICK: PolicyOverride = {
  session: { handshakeTimeoutMs: 5_000, conflictRetryMs: 100, sendTimeoutMs: 3_000, queryTimeoutMs: 3_000 },
  pace: { gapMs: 0, jitterMs: 0, retryMs: [50], pollMs: 200 },
  bot: RELAXED_BOT,
  http: { loginPerMinute: 1_000, signupPerHour: 1_000, sendPerMinute: 1_000, requestsPerMinute: 100_000 },
}

/** One installation: the same database and data directory through all its starts. */
export interface Installation {
  readonly simulator: Simulator
  readonly database: TestDatabase
  /** Starts a node (again). It is closed with the test. */
  start(
    settings?: Readonly<Record<string, string>>,
    policy?: PolicyOverride,
    openSocket?: OpenSocketFn,
  ): Promise<TestNode>
}

export interface TestNode extends RunningNode {
  /** Calls the API as this user, or as nobody. The body of the answer is parsed. */
  call(method: string, path: string, options?: { token?: string; body?: unknown }): Promise<Answer>
  signUp(email: string, role?: string): Promise<{ token: string; userId: string }>
  /** Connects the account of a user and scans the QR with its phone; resolves when it is open. */
  pair(token: string, phoneNumber: string): Promise<void>
  state(token: string): Promise<string>
}

export interface Answer {
  readonly status: number
  // The tests say what they expect of it; a wrong guess fails there.
  // biome-ignore lint/suspicious/noExplicitAny: the parsed body of any route
  readonly body: any
}

export const PASSWORD = 'correct horse battery'

export async function installation(t: Test): Promise<Installation> {
  const simulator = await startSimulator()
  t.teardown(() => simulator.close())
  const database = await testDatabase(t)
  const dataDir = await mkdtemp(join(tmpdir(), 'wa-erp-test-'))
  t.teardown(() => rm(dataDir, { recursive: true, force: true }))
  return {
    simulator,
    database,
    async start(settings = {}, policy = {}, openSocket = openBaileysSocket) {
      const config = readConfig({
        PORT: '0',
        NODE_ENV: 'test',
        DATABASE_URL: database.url,
        DATA_DIR: dataDir,
        LOG_LEVEL: 'silent',
        RECONNECT_INTERVAL: '50',
        WHATSAPP_SOCKET_URL: simulator.url,
        WHATSAPP_TRUST_ROOT: simulator.trustRoot,
        ...settings,
      })
      const override = {
        ...QUICK,
        ...policy,
        session: { ...QUICK.session, ...policy.session },
        pace: { ...QUICK.pace, ...policy.pace },
      }
      const log = makeLog(config.logLevel)
      const node = await startNode({ config, log, version: '0.0.0-test', policy: makePolicy(override), openSocket })
      t.teardown(() => node.close())
      return withVerbs(node, simulator)
    },
  }
}

function withVerbs(node: RunningNode, simulator: Simulator): TestNode {
  const call: TestNode['call'] = async (method, path, { token, body } = {}) => {
    const answer = await fetch(node.url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? null : JSON.parse(text) }
  }
  const state: TestNode['state'] = async (token) => (await call('GET', '/api/whatsapp/status', { token })).body.state
  return {
    ...node,
    call,
    state,
    async signUp(email, role = 'admin') {
      const { status, body } = await call('POST', '/api/auth/signup', { body: { email, password: PASSWORD, role } })
      if (status !== 201) throw new Error(`sign-up answered ${status}: ${JSON.stringify(body)}`)
      return { token: body.token, userId: body.user.id }
    },
    async pair(token, phoneNumber) {
      await call('POST', '/api/whatsapp/connect', { token, body: {} })
      const qr = await until('a QR', () => nextQr(node.url, token))
      await simulator.phone(phoneNumber).scan(qr)
      await until('the account is open', async () => (await state(token)) === 'open')
    },
  }
}

/** The QR of the moment, from the snapshot that clients without streams use. */
async function nextQr(url: string, token: string): Promise<string | null> {
  const answer = await fetch(`${url}/api/whatsapp/qr`, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
  })
  const body = (await answer.json()) as { qr?: string | null }
  return body.qr ?? null
}

/** Server-sent events of a stream, as they come: `{event, data}`. Close it with `stop`. */
export async function listen(url: string, token: string) {
  const controller = new AbortController()
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` }, signal: controller.signal })
  const events: { readonly event: string; readonly data: Readonly<Record<string, unknown>> }[] = []
  let ended = false
  const reading = (async () => {
    let buffer = ''
    const decoder = new TextDecoder()
    for await (const chunk of answer.body ?? []) {
      buffer += decoder.decode(chunk as Uint8Array, { stream: true })
      for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
        const lines = buffer.slice(0, end).split('\n')
        buffer = buffer.slice(end + 2)
        const event = lines.find((line) => line.startsWith('event: '))?.slice(7)
        const data = lines.find((line) => line.startsWith('data: '))?.slice(6)
        if (event !== undefined && data !== undefined) events.push({ event, data: JSON.parse(data) })
      }
    }
  })()
    .catch(() => undefined)
    .finally(() => {
      ended = true
    })
  return {
    status: answer.status,
    events,
    ended: () => ended,
    async stop() {
      controller.abort()
      await reading
    },
  }
}
