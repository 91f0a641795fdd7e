// How a node and the others reach each other's sessions: the listener for the others, where there is a secret between them, and the routes of
// this node's edge. It puts parts together and decides nothing.

import { networkInterfaces } from 'node:os'
import { advertisedUrl } from './actors/cluster/advertised.ts'
import { clusterStore } from './actors/cluster/pg-store.ts'
import type { Planner } from './actors/cluster/planner.ts'
import { openRouting, type Routing } from './actors/cluster/routing.ts'
import { sendWhileDown } from './actors/cluster/send-while-down.ts'
import type { EnqueueDeps } from './actors/outbox/enqueue.ts'
import type { SessionSystem } from './actors/system.ts'
import type { Config } from './config.ts'
import { cannotListen } from './ground.ts'
import type { Serving } from './http/internal/deps.ts'
import { buildInternal } from './http/internal/listener.ts'
import type { Logger } from './log.ts'
import type { Meters } from './meters.ts'
import { leaseTable } from './persistence/lease-table.ts'
import type { Policy } from './policy.ts'

type OnClose = (name: string, close: () => Promise<unknown> | unknown) => void

export interface DoorOptions {
  readonly config: Pick<Config, 'clusterSecret' | 'nodeRole' | 'internalPort' | 'host' | 'advertiseUrl' | 'maxFileSize'>
  readonly policy: Policy
  readonly log: Logger
  readonly meters: Meters
  readonly incarnation: string
  readonly now: () => Date
  readonly monotonic: () => number
  readonly newId: () => string
  readonly onClose: OnClose
}

/** The way in for other nodes. */
export interface Door {
  /** Where they reach it; null when there is no secret between them, and so no listener. */
  readonly url: string | null
  /** From now on there are sessions; until then they are told to come again. */
  serve(serving: Serving): void
}

/** What a picture of MAX_FILE_SIZE takes as base64 in a command. */
const commandBytes = (maxFileSize: number) => Math.ceil((maxFileSize * 4) / 3) + 65_536

/** Listens for other nodes. @throws CannotStart when the internal port is taken */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const { config, policy, log, incarnation, now, monotonic, newId, onClose } = options
  const { clusterSecret, internalPort, host } = config
  let serving: Serving | null = null
  const serve = (parts: Serving) => {
    serving = parts
  }
  // An edge owns nothing that another node could ask for.
  if (clusterSecret === null || config.nodeRole === 'edge') return { url: null, serve }
  const internal = await buildInternal({
    self: incarnation,
    secret: clusterSecret,
    serving: () => serving,
    policy,
    log,
    meters: options.meters,
    maxBodyBytes: commandBytes(config.maxFileSize),
    wall: () => now().getTime(),
    monotonic,
    newId,
  })
  onClose('the listener for other nodes', () => internal.close())
  await internal.listen({ port: internalPort, host }).catch((error: unknown) => {
    throw cannotListen({ port: internalPort, host }, error)
  })
  const address = internal.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : internalPort
  const url = advertisedUrl(config, port, networkInterfaces())
  log.info({ url }, 'other nodes reach this one')
  return { url, serve }
}

export interface RoutesOptions extends EnqueueDeps {
  readonly config: Pick<Config, 'clusterSecret' | 'nodeRole'>
  readonly policy: Policy
  readonly log: Logger
  readonly meters: Meters
  readonly incarnation: string
  readonly sessions: SessionSystem
  readonly planner: Planner
  readonly door: Door
  readonly monotonic: () => number
  readonly onClose: OnClose
}

/** The routes to every session of the cluster; other nodes find this one's from now on. */
export function openRoutes(options: RoutesOptions): Routing {
  const { config, policy, log, incarnation, sessions, planner, db, now, newId, monotonic, onClose } = options
  const store = clusterStore(db)
  const routing = openRouting({
    self: incarnation,
    secret: config.clusterSecret,
    local: config.nodeRole === 'edge' ? null : sessions,
    store,
    planner,
    sendWhileDown: sendWhileDown(options),
    leaseTable: () => leaseTable(db),
    policy,
    now,
    monotonic,
    random: Math.random,
    newId,
    log,
    meters: options.meters,
  })
  onClose('the routes to other nodes', () => routing.close())
  const moved = planner.listen({
    bell: () => undefined,
    moved: (session, home) => routing.directory.moved(session, home),
  })
  onClose('the news of moves', moved)
  options.door.serve({ local: sessions, store, directory: routing.directory })
  return routing
}
