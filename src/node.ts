// The composition root: opens what a node stands on, in order, and takes it down in the reverse order. It decides nothing else.

import { uuidv7 } from 'uuidv7'
import { clusterStore } from './actors/cluster/pg-store.ts'
import type { Planner } from './actors/cluster/planner.ts'
import type { Sessions } from './actors/cluster/sessions.ts'
import { makeGate } from './actors/gate.ts'
import { makeCatalogueIndex } from './actors/inbox/catalogue-index.ts'
import { makeMediaReader } from './actors/media.ts'
import { makeProcessing } from './actors/processing.ts'
import { type SessionSystem, startSessions } from './actors/system.ts'
import { openSocketLate } from './actors/whatsapp/late.ts'
import { newWaMessageId } from './actors/whatsapp/message-id.ts'
import type { OpenSocketFn } from './actors/whatsapp/socket.ts'
import { openCluster, openLimits } from './cluster.ts'
import type { Config } from './config.ts'
import type { MachinePolicy } from './domain/session/state.ts'
import { gaugesOf } from './gauges.ts'
import { cannotListen, type Ground, layGround } from './ground.ts'
import { buildApp } from './http/app.ts'
import { buildHealthApp } from './http/health-app.ts'
import type { Logger } from './log.ts'
import { openDoor, openRoutes } from './neighbours.ts'
import { openDatabase } from './persistence/database.ts'
import { makeInboundWriter } from './persistence/inbound-writer.ts'
import { markNodeDead } from './persistence/leases.ts'
import { makeLook } from './persistence/looks.ts'
import { expireOrders } from './persistence/order-expiry.ts'
import { checkKeyFingerprint, ensureOrganization } from './persistence/organization.ts'
import { watchOrganization } from './persistence/organization-watch.ts'
import { purge } from './persistence/purge.ts'
import { queueFigures } from './persistence/queue-figures.ts'
import { makeSealer } from './persistence/sealer.ts'
import { anyUsers } from './persistence/users.ts'
import { makePolicy, type Policy } from './policy.ts'
import { makePrometheus } from './prometheus.ts'
import { mediaCertificates, otherServer } from './whatsapp-server.ts'

const STABLE_MS = 30_000

export interface NodeOptions {
  readonly config: Config
  readonly log: Logger
  readonly version: string
  readonly policy?: Policy
  /** Already being laid (ground.ts), so that it is laid while this file is loaded; the node takes it down. */
  readonly ground?: Promise<Ground>
  /** The connection to WhatsApp; a harness may put another one in between. */
  readonly openSocket?: OpenSocketFn
  /** Where sessions should live; a test may give another. */
  readonly planner?: (incarnation: string) => Planner
  /** Gives the start up: what was opened is closed again. */
  readonly signal?: AbortSignal
  /** This node was declared dead by another and must not go on. */
  readonly toldDead?: () => void
}

export interface RunningNode {
  /** Where the API listens, without a slash at the end. */
  readonly url: string
  readonly sessions: SessionSystem
  /** Those of every node. */
  readonly reach: Sessions
  /** Nobody has signed up yet. */
  readonly fresh: boolean
  /** Paths of the secrets that this start made. */
  readonly madeSecrets: readonly string[]
  /** Ends in order: no new requests, sessions closed, database closed, the bundled server stopped. Safe to call twice. */
  close(): Promise<void>
}

function machinePolicy(config: Config, policy: Policy): MachinePolicy {
  const { longestDelayMs, slowRetryMs, qrTimeoutMs, codeTimeoutMs, conflictRetryMs, conflictWindowMs } = policy.session
  return {
    firstDelayMs: config.reconnectIntervalMs,
    longestDelayMs: Math.max(longestDelayMs, config.reconnectIntervalMs),
    quickAttempts: config.maxReconnectAttempts,
    slowRetryMs,
    qrTimeoutMs,
    codeTimeoutMs,
    stableMs: STABLE_MS,
    conflictRetryMs,
    conflictWindowMs,
  }
}

/**
 * Starts a node and listens.
 * @throws CannotStart, BadSetting, DataDirInUse, EmbeddedFailed, DatabaseUnavailable, WrongEncryptionKey: one sentence each;
 *   whatever was opened before is closed again
 */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { config, log, version } = options
  const policy = options.policy ?? makePolicy()
  const now = () => new Date()
  const monotonic = () => performance.now()
  const state = { draining: false, closing: false }
  const metrics = makePrometheus((error) => log.warn({ err: error }, 'a figure for /metrics could not be read'))

  const closers: { readonly name: string; readonly close: () => Promise<unknown> | unknown }[] = []
  const onClose = (name: string, close: () => Promise<unknown> | unknown) => {
    closers.push({ name, close })
    options.signal?.throwIfAborted()
  }
  let leave: () => Promise<void> = async () => undefined
  let closing: Promise<void> | null = null
  const close = () => {
    closing ??= (async () => {
      state.draining = true
      // While requests are still answered: whoever asks for a session that has left is told where it is.
      await leave()
      state.closing = true
      for (const closer of closers.reverse())
        try {
          await closer.close()
        } catch (error) {
          log.error({ err: error }, `${closer.name} did not close cleanly`)
        }
    })()
    return closing
  }

  try {
    const ground = await (options.ground ?? layGround(config, log, options))
    const { incarnation, lock, secrets } = ground
    onClose('the data directory and its database', () => ground.close())
    const sealer = makeSealer(secrets.authEncryptionKey)
    const db = await openDatabase({
      url: ground.databaseUrl,
      poolMax: config.databasePool,
      statementTimeoutMs: policy.database.statementTimeoutMs,
      log,
    })
    onClose('the database', () => db.close())
    const organization = await ensureOrganization(
      db,
      {
        name: config.organizationName,
        currency: config.currency,
        timezone: config.timezone,
        locale: config.locale,
        contactText: config.organizationContact,
      },
      uuidv7,
    )
    await checkKeyFingerprint(db, organization.id, sealer)
    onClose(
      'the watch over the settings',
      watchOrganization(db, organization, policy.settings.refreshMs, (error) =>
        log.debug({ err: error }, 'the settings could not be looked at'),
      ),
    )

    // The lock is proof that the node before us in this directory is dead: nobody has to wait for its lease.
    if (lock.previous !== null) await markNodeDead(db, lock.previous.incarnation)
    const shared = { config, policy, log, incarnation, now, monotonic, newId: uuidv7, onClose, meters: metrics }
    const door = await openDoor(shared)
    const { lease, planner, plannerSource, loopLagMs, join } = await openCluster({
      nodeUrl: door.url,
      meters: metrics,
      config,
      policy,
      log,
      db,
      url: ground.databaseUrl,
      incarnation,
      version,
      draining: () => state.draining,
      toldDead: options.toldDead ?? (() => undefined),
      ...(options.planner === undefined ? {} : { planner: options.planner }),
      now,
      monotonic,
      onClose,
    })

    if (lock.previous !== null)
      // Not waited for: a Redis that does not answer holds up no start.
      planner
        .gone(lock.previous.incarnation)
        .catch((error: unknown) => log.debug({ err: error }, 'the planner was not told of the node before this one'))

    const mediaCa = mediaCertificates(config)
    const server = otherServer(config, mediaCa)
    if (server !== null) log.warn('WHATSAPP_SOCKET_URL is set: this node talks to a test server, not to WhatsApp')
    const orderDeps = { organization, sealer, policy: policy.orders, newId: uuidv7, newWaMessageId }
    const catalogue = makeCatalogueIndex(db, organization.id)
    const sessions = startSessions({
      db,
      sealer,
      organization,
      log,
      meters: metrics,
      policy,
      machine: machinePolicy(config, policy),
      lease,
      store: clusterStore(db),
      planner,
      ownsSessions: config.nodeRole !== 'edge',
      staleAfterMs: config.staleTimeoutMs,
      gate: makeGate(policy.session.handshakesAtOnce),
      catalogue,
      look: makeLook(db, organization.id, policy.session.writesTogether),
      writeInbound: makeInboundWriter(db, sealer, policy.session.writesTogether),
      processing: makeProcessing(policy.session),
      openSocket: options.openSocket ?? openSocketLate,
      server,
      now,
      monotonic,
      random: Math.random,
      newId: uuidv7,
      newWaMessageId,
      cleanup: {
        intervalMs: config.cleanupIntervalMs,
        log,
        now,
        purge: async (at) => ({
          ...(await expireOrders(db, orderDeps, at)),
          ...(await purge(db, { ...orderDeps, holder: incarnation, mac: sealer.mac, policy: policy.retention }, at)),
        }),
      },
    })
    onClose('the sessions', () => sessions.stop())
    const routing = openRoutes({
      ...shared,
      db,
      sealer,
      organization,
      sessions,
      planner,
      door,
      newWaMessageId,
    })
    metrics.gauges(
      gaugesOf({
        version,
        role: config.nodeRole,
        sessions,
        leaseLeftMs: lease.leftMs,
        plannerSource,
        loopLagMs,
        draining: () => state.draining,
        queues: () => queueFigures(db),
        monotonic,
      }),
    )
    const membership = join(sessions, routing.heard)
    leave = async () => {
      await membership.announce()
      await sessions.drain()
    }

    const app = await (config.nodeRole === 'worker' ? buildHealthApp : buildApp)({
      config,
      policy,
      log,
      db,
      organization,
      sealer,
      newWaMessageId,
      sessions: routing.sessions,
      cluster: routing.admin,
      catalogue,
      media: makeMediaReader({
        db,
        sealer,
        log,
        maxBytes: config.maxFileSize,
        policy: { ca: mediaCa, timeoutMs: policy.http.mediaTimeoutMs },
      }),
      limits: openLimits({ ...shared, mac: sealer.mac }),
      mac: sealer.mac,
      jwtSecret: secrets.jwtSecret,
      version,
      incarnation,
      now,
      newId: uuidv7,
      monotonic,
      state,
      health: () => sessions.counts(),
      metrics,
    })
    onClose('the HTTP server', () => app.close())
    await sessions.resumeAll()
    options.signal?.throwIfAborted()
    await listen(app, config)
    metrics.open().catch((error: unknown) => log.error({ err: error }, 'nothing is shown at /metrics'))
    const address = app.server.address()
    const port = typeof address === 'object' && address !== null ? address.port : config.port
    const shown = config.host === '0.0.0.0' || config.host === '127.0.0.1' ? 'localhost' : config.host
    return {
      url: `http://${shown}:${port}`,
      sessions,
      reach: routing.sessions,
      fresh: !(await anyUsers(db)),
      madeSecrets: secrets.made,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function listen(
  app: { listen(at: { port: number; host: string }): Promise<string> },
  config: Config,
): Promise<void> {
  try {
    await app.listen({ port: config.port, host: config.host })
  } catch (error) {
    throw cannotListen(config, error)
  }
}
