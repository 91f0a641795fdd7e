// How a node and the others reach each other's sessions: the routes of this node's edge, and, where there is a secret between them, the
// listener for the others. It puts parts together and decides nothing.

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
import { buildInternal } from './http/internal/listener.ts'
import type { Logger } from './log.ts'
import { leaseTable } from './persistence/lease-table.ts'
import { advertise } from './persistence/leases.ts'
import type { Policy } from './policy.ts'

export interface NeighboursOptions extends EnqueueDeps {
  readonly config: Pick<Config, 'clusterSecret' | 'nodeRole' | 'internalPort' | 'host' | 'advertiseUrl' | 'maxFileSize'>
  readonly policy: Policy
  readonly log: Logger
  readonly incarnation: string
  readonly sessions: SessionSystem
  readonly planner: Planner
  readonly monotonic: () => number
  readonly onClose: (name: string, close: () => Promise<unknown> | unknown) => void
}

export interface Neighbours {
  readonly routing: Routing
  /** Where other nodes reach this one; null when there is no secret between them. */
  readonly url: string | null
}

/** What a picture of MAX_FILE_SIZE takes as base64 in a command. */
const COMMAND_BYTES = (maxFileSize: number) => Math.ceil((maxFileSize * 4) / 3) + 65_536

/** @throws CannotStart when the internal port is taken */
export async function meetNeighbours(options: NeighboursOptions): Promise<Neighbours> {
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
  })
  onClose('the routes to other nodes', () => routing.close())
  onClose(
    'the news of moves',
    planner.listen({ bell: () => undefined, moved: (session, home) => routing.directory.moved(session, home) }),
  )
  if (config.clusterSecret === null) return { routing, url: null }

  const internal = await buildInternal({
    self: incarnation,
    secret: routing.secret,
    local: sessions,
    store,
    directory: routing.directory,
    policy,
    log,
    maxBodyBytes: COMMAND_BYTES(config.maxFileSize),
    wall: () => now().getTime(),
    monotonic,
    newId,
  })
  onClose('the listener for other nodes', () => internal.close())
  const at = { port: config.internalPort, host: config.host }
  await internal.listen(at).catch((error: unknown) => {
    throw cannotListen(at, error)
  })
  const address = internal.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : config.internalPort
  const url = advertisedUrl(config, port, networkInterfaces())
  await advertise(db, incarnation, url)
  log.info({ url }, 'other nodes reach this one')
  return { routing, url }
}
