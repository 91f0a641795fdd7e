// Nodes without HTTP in one process: each with its own lease, database connections and session system, all over one database, one planner
// and one simulator. A node can be cut off from the database, kept from renewing, and have its clock set ahead.

import './unref-upload-timer.ts'
import type { Test } from 'tap'
import { uuidv7 } from 'uuidv7'
import { RELAXED_BOT } from '../../scripts/proof/relaxed.ts'
import { type Simulator, startSimulator } from '../../simulator/index.ts'
import { holdLease, type NodeLease } from '../../src/actors/cluster/lease.ts'
import { joinCluster, type Membership } from '../../src/actors/cluster/membership.ts'
import { clusterStore } from '../../src/actors/cluster/pg-store.ts'
import type { ClusterStore } from '../../src/actors/cluster/store.ts'
import { makeGate } from '../../src/actors/gate.ts'
import { makeCatalogueIndex } from '../../src/actors/inbox/catalogue-index.ts'
import { makeProcessing } from '../../src/actors/processing.ts'
import { type SessionSystem, startSessions } from '../../src/actors/system.ts'
import { openBaileysSocket } from '../../src/actors/whatsapp/baileys.ts'
import { newWaMessageId } from '../../src/actors/whatsapp/message-id.ts'
import type { OpenSocketFn } from '../../src/actors/whatsapp/socket.ts'
import type { UserId } from '../../src/domain/ids.ts'
import type { E164 } from '../../src/domain/phone.ts'
import type { SessionStateName } from '../../src/domain/session/state.ts'
import { makeLog } from '../../src/log.ts'
import { type Meters, NO_METERS } from '../../src/meters.ts'
import { addContact } from '../../src/persistence/contacts.ts'
import { connect, type Database } from '../../src/persistence/database.ts'
import { makeInboundWriter } from '../../src/persistence/inbound-writer.ts'
import { makeLook } from '../../src/persistence/looks.ts'
import { ensureOrganization, type Organization } from '../../src/persistence/organization.ts'
import { makePolicy, type PolicyOverride } from '../../src/policy.ts'
import { testDatabase } from './database.ts'
import { type PlannerHub, plannerHub } from './planner-hub.ts'
import { relay } from './relay.ts'
import { aUser, testSealer } from './rows.ts'
import { until } from './until.ts'

export const LEASE = {
  ttlMs: 2_000,
  renewMs: 300,
  marginMs: 500,
  jumpMs: 200,
  buryMs: 100,
  guardMs: 20,
  controlTimeoutMs: 500,
}
const QUICK: PolicyOverride = {
  session: { handshakeTimeoutMs: 5_000, conflictRetryMs: 100, sendTimeoutMs: 3_000, queryTimeoutMs: 3_000 },
  pace: { gapMs: 0, jitterMs: 0, retryMs: [50], pollMs: 200 },
  bot: RELAXED_BOT,
  lease: LEASE,
  cluster: { reconcileMs: 150 },
}

export interface Owner {
  readonly incarnation: string
  readonly sessions: SessionSystem
  readonly lease: NodeLease
  readonly membership: Membership
  /** Statements of the store, by name, since it started. */
  readonly calls: Map<string, number>
  /** How long each session that was handed to it took to be open, in seconds, as counted. */
  readonly handedIn: number[]
  /** Renewals never reach the database while this is true. */
  withheld: boolean
  /** Waited for before it gives a session to another. */
  beforeTransfer: () => Promise<void>
  /** Added to both clocks of the node, in ms. */
  ahead: number
  /** Cuts it off from the database, and back. */
  readonly database: { cut(): void; mend(): void }
  readonly toldDead: () => boolean
  state(user: UserId): Promise<SessionStateName>
  close(): Promise<void>
}

export interface Owners {
  readonly simulator: Simulator
  readonly db: Database
  readonly organization: Organization
  readonly planner: PlannerHub
  readonly store: ClusterStore
  start(policy?: PolicyOverride, openSocket?: OpenSocketFn): Promise<Owner>
  /** Makes the phone a contact of the user: the bot talks to nobody else. */
  contact(user: UserId, phoneNumber: string): Promise<void>
  /** A new user whose account is paired and open on this node. One after the other: keys are heavy work, and the lease is short. */
  paired(owner: Owner, phoneNumber: string): Promise<UserId>
  open(owner: Owner, users: readonly UserId[], deadlineMs?: number): Promise<void>
}

export async function owners(t: Test): Promise<Owners> {
  const simulator = await startSimulator()
  t.teardown(() => simulator.close())
  const { db, url } = await testDatabase(t)
  const organization = await ensureOrganization(
    db,
    { name: 'Shop', currency: 'USD', timezone: 'UTC', locale: 'en-US', contactText: '' },
    uuidv7,
  )
  const sealer = testSealer()
  const planner = plannerHub(LEASE.ttlMs)
  const log = makeLog('silent')

  const start: Owners['start'] = async (override = {}, openSocket = openBaileysSocket) => {
    const policy = makePolicy({
      ...QUICK,
      ...override,
      session: { ...QUICK.session, ...override.session },
      pace: { ...QUICK.pace, ...override.pace },
      lease: { ...QUICK.lease, ...override.lease },
      cluster: { ...QUICK.cluster, ...override.cluster },
    })
    const incarnation = uuidv7()
    const through = await relay(t, url)
    const work = await connect({ url: through.url, statementTimeoutMs: policy.database.statementTimeoutMs })
    const control = await connect({ url: through.url, poolMax: 2, statementTimeoutMs: 500 })
    const calls = new Map<string, number>()
    const handedIn: number[] = []
    const observe: Meters['observe'] = (name, _labels, value) => {
      if (name === 'handOffGap') handedIn.push(value)
    }
    let dead = false
    const now = () => new Date(Date.now() + owner.ahead)
    const monotonic = () => performance.now() + owner.ahead
    const node = { incarnation, id: incarnation, url: null, version: '0', role: 'all' as const, capacity: 100 }
    const working = counting(clusterStore(work), calls)
    const counted: ClusterStore = {
      ...working,
      async transfer(...args) {
        await owner.beforeTransfer()
        return working.transfer(...args)
      },
    }
    const controlled = counting(clusterStore(control), calls)
    const held: ClusterStore = {
      ...controlled,
      renew: (...args) => (owner.withheld ? Promise.reject(new Error('withheld')) : controlled.renew(...args)),
      declareDead: (notAfter) =>
        owner.withheld ? Promise.reject(new Error('withheld')) : controlled.declareDead(notAfter),
    }
    const mine = planner.for(incarnation)
    const status = () => ({ draining: owner.draining, sessions: 0, loopLagMs: 0, rssMb: 0 })
    const owner = { withheld: false, ahead: 0, draining: false, beforeTransfer: async (): Promise<void> => undefined }
    const toldDead = () => {
      dead = true
    }
    const lease = await holdLease({ store: held, node, status, policy: policy.lease, log, now, monotonic, toldDead })
    const sessions = startSessions({
      db: work,
      sealer,
      organization,
      log,
      meters: { ...NO_METERS, observe },
      policy,
      machine: {
        firstDelayMs: 50,
        longestDelayMs: 60_000,
        quickAttempts: 5,
        stableMs: 30_000,
        slowRetryMs: policy.session.slowRetryMs,
        qrTimeoutMs: policy.session.qrTimeoutMs,
        codeTimeoutMs: policy.session.codeTimeoutMs,
        conflictRetryMs: policy.session.conflictRetryMs,
        conflictWindowMs: policy.session.conflictWindowMs,
      },
      lease,
      store: counted,
      planner: mine,
      ownsSessions: true,
      staleAfterMs: 1_800_000,
      gate: makeGate(policy.session.handshakesAtOnce),
      processing: makeProcessing(policy.session),
      catalogue: makeCatalogueIndex(work, organization.id),
      look: makeLook(work, organization.id, policy.session.writesTogether),
      writeInbound: makeInboundWriter(work, sealer, policy.session.writesTogether),
      openSocket,
      server: { socketUrl: simulator.url, trustRoot: Buffer.from(simulator.trustRoot, 'hex') },
      now,
      monotonic,
      random: Math.random,
      newId: uuidv7,
      newWaMessageId,
      cleanup: { intervalMs: 300_000, log, now, purge: async () => ({}) },
    })
    const membership = joinCluster({
      store: held,
      planner: mine,
      lease,
      node,
      startedAt: now(),
      status,
      homes: sessions.homes,
      log,
    })
    await until(
      'the planner knows the node',
      async () => (await mine.beat(membership.self(), sessions.homes)).length > 0,
    )
    let closing: Promise<void> | null = null
    const close = () => {
      closing ??= (async () => {
        owner.draining = true
        await membership.announce()
        await sessions.drain()
        await membership.stop()
        await sessions.stop()
        await mine.close()
        await lease.end()
        await control.close()
        await work.close()
      })()
      return closing
    }
    t.teardown(async () => {
      through.mend()
      owner.draining = true
      await membership.stop()
      if (closing === null) {
        await sessions.stop()
        await lease.end()
        await control.close()
        await work.close()
      } else await closing
    })
    return Object.assign(owner, {
      incarnation,
      sessions,
      lease,
      membership,
      calls,
      handedIn,
      database: through,
      toldDead: () => dead,
      async state(user: UserId) {
        const answer = await sessions.ask(user, 'session.status', {})
        return answer.ok ? answer.value.state : 'disconnected'
      },
      close,
    })
  }

  const open: Owners['open'] = (owner, users, deadlineMs) =>
    until(
      'the accounts are open there',
      async () => {
        for (const user of users) if ((await stateOf(owner, user)) !== 'open') return false
        return true
      },
      deadlineMs,
    ).then(() => undefined)

  return {
    simulator,
    db,
    organization,
    planner,
    store: clusterStore(db),
    start,
    async paired(owner, phoneNumber) {
      const user = await aUser(db, organization.id)
      let qr: string | null = null
      const stop = owner.sessions.watch(user, (event) => {
        if (event.type === 'qr') qr = event.qr
      })
      await owner.sessions.ask(user, 'session.connect', {})
      await simulator.phone(phoneNumber).scan(await until('a QR', () => qr))
      await open(owner, [user])
      stop()
      return user
    },
    async contact(user, phoneNumber) {
      const contact = { orgId: organization.id, userId: user, phone: phoneNumber as E164, name: phoneNumber }
      await addContact(db, contact, uuidv7)
    },
    open,
  }
}

/** Asks only where it is: a question to a node that does not have it would make it try to claim. */
async function stateOf(owner: Owner, user: UserId): Promise<SessionStateName | null> {
  const row = (await owner.sessions.active()).find((active) => active.userId === user)
  return row?.state ?? null
}

function counting(store: ClusterStore, calls: Map<string, number>): ClusterStore {
  const count = (name: string) => calls.set(name, (calls.get(name) ?? 0) + 1)
  return new Proxy(store, {
    get(target, name: keyof ClusterStore) {
      const method = target[name] as (...args: unknown[]) => unknown
      return (...args: unknown[]) => {
        count(name)
        return method(...args)
      }
    },
  })
}
