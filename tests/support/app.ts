// An application for a test: the real server on a real database, with a twin of the sessions. Torn down with the test.

import { createHmac } from 'node:crypto'
import type { FastifyInstance, InjectOptions } from 'fastify'
import type { Test } from 'tap'
import { uuidv7 } from 'uuidv7'
import { type Limits, memoryLimits } from '../../src/actors/cluster/limits.ts'
import type { Sessions } from '../../src/actors/cluster/sessions.ts'
import { makeCatalogueIndex } from '../../src/actors/inbox/catalogue-index.ts'
import { type Config, readConfig } from '../../src/config.ts'
import type { Role } from '../../src/domain/access.ts'
import { asId, type UserId } from '../../src/domain/ids.ts'
import { refuse } from '../../src/domain/result.ts'
import { buildApp } from '../../src/http/app.ts'
import { type Logger, makeLog } from '../../src/log.ts'
import type { Exposition, Meters } from '../../src/meters.ts'
import type { Database } from '../../src/persistence/database.ts'
import { ensureOrganization, type Organization } from '../../src/persistence/organization.ts'
import { makePolicy, type PolicyOverride } from '../../src/policy.ts'
import { type ClusterTwin, clusterTwin } from './cluster-admin.ts'
import { testDatabase } from './database.ts'
import { testSealer } from './rows.ts'
import { type SessionsTwin, sessionsTwin } from './sessions.ts'

export interface TestApp {
  readonly app: FastifyInstance
  readonly db: Database
  readonly organization: Organization
  readonly sessions: SessionsTwin
  readonly cluster: ClusterTwin
  readonly clock: { now: Date }
  readonly state: { draining: boolean; closing: boolean }
  /** Sends a request; `as` adds the token. */
  call(options: InjectOptions & { readonly as?: string | undefined }): Promise<Answer>
  /** Opens an account with this role (through the database) and logs it in. */
  person(role: Role, options?: { readonly managerId?: UserId }): Promise<Person>
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire is looked into by the test
  readonly body: any
  readonly text: string
}

export interface Person {
  readonly id: UserId
  readonly email: string
  readonly password: string
  readonly token: string
}

export const PASSWORD = 'correct horse battery'

/** Limits that would stop a test; the tests of the limits set their own. */
const RELAXED = { loginPerMinute: 1000, signupPerHour: 1000, sendPerMinute: 1000, requestsPerMinute: 10_000 }

export interface TestOptions {
  readonly environment?: Readonly<Record<string, string>>
  readonly http?: PolicyOverride['http']
  readonly log?: Logger
  /** Reaches sessions in place of the twin. */
  readonly reach?: Sessions
  /** Counted with other nodes. */
  readonly limits?: Limits
  /** Counts and shows at /metrics. */
  readonly metrics?: Meters & Exposition
}

export async function testApp(t: Pick<Test, 'teardown'>, options: TestOptions = {}): Promise<TestApp> {
  const { db } = await testDatabase(t)
  return appOn(t, db, options)
}

/** Another application on the same database: a second node, or one with other settings. */
export async function appOn(t: Pick<Test, 'teardown'>, db: Database, options: TestOptions = {}): Promise<TestApp> {
  const config: Config = readConfig({ NODE_ENV: 'test', ...options.environment })
  const organization = await ensureOrganization(
    db,
    { name: 'Test shop', currency: 'USD', timezone: 'UTC', locale: 'en-US', contactText: '' },
    uuidv7,
  )
  const clock = { now: new Date() }
  const state = { draining: false, closing: false }
  const sessions = sessionsTwin(uuidv7)
  const cluster = clusterTwin(sessions.active)
  const app = await buildApp({
    config,
    policy: makePolicy({ http: { ...RELAXED, ...options.http }, session: { askTimeoutMs: 500 } }),
    log: options.log ?? makeLog('silent'),
    db,
    organization,
    sealer: testSealer(),
    newWaMessageId: () => uuidv7(),
    sessions: options.reach ?? sessions,
    catalogue: makeCatalogueIndex(db, organization.id),
    cluster,
    media: { read: async () => refuse('not-found', 'This message has no file.') },
    limits: options.limits ?? memoryLimits(() => clock.now.getTime()),
    mac: (text) => createHmac('sha256', 'a key for tests').update(text).digest(),
    jwtSecret: 'a secret for tests, long enough to be one',
    version: '0.0.0-test',
    incarnation: '01900000-0000-7000-8000-000000000001',
    now: () => clock.now,
    newId: uuidv7,
    monotonic: () => performance.now(),
    state,
    health: () => ({ open: 0, total: 0 }),
    ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
  })
  t.teardown(() => app.close())

  const call: TestApp['call'] = async ({ as, ...request }) => {
    const headers = { ...request.headers, ...(as === undefined ? {} : { authorization: `Bearer ${as}` }) }
    const response = await app.inject({ ...request, headers })
    const json = String(response.headers['content-type'] ?? '').includes('json')
    return {
      status: response.statusCode,
      headers: response.headers,
      body: json && response.body !== '' ? response.json() : null,
      text: response.body,
    }
  }

  const person: TestApp['person'] = async (role, { managerId } = {}) => {
    const email = `${role}-${uuidv7()}@shop.test`
    const made = await call({
      method: 'POST',
      url: '/api/auth/signup',
      payload: { email, password: PASSWORD, role: 'employee' },
    })
    const id = asId<UserId>(made.body.user.id)
    await db.run('update users set role = ?, manager_id = ? where id = ?', [role, managerId ?? null, id])
    return { id, email, password: PASSWORD, token: made.body.token }
  }

  return { app, db, organization, sessions, cluster, clock, state, call, person }
}
