// A cluster under test on this machine: nodes, a simulator, a Redis, and a database that watches who writes, each a process of its own. It
// decides nothing about when something breaks.

import { randomBytes } from 'node:crypto'
import { connectSimulator, type RemoteSimulator } from '../../simulator/remote.ts'
import { connect, type Database } from '../../src/persistence/database.ts'
import { type RedisServer, startRedis } from '../cluster/redis.ts'
import type { Account } from '../proof/cast.ts'
import { makeClosers } from '../proof/closers.ts'
import type { DatabasePower } from '../proof/database-server.ts'
import { type MadeDatabase, makeDatabase } from '../proof/databases.ts'
import { callApi } from '../proof/http.ts'
import { type Ledger, makeLedger } from '../proof/ledger.ts'
import { makeRunDirectory, removeRunDirectory, startSimulatorProcess } from '../proof/processes.ts'
import { furnish, type Shop } from '../proof/shop.ts'
import { pairOne } from '../proof/stage.ts'
import { layAudit } from './audit.ts'
import { type ChaosNode, makeNode } from './node-process.ts'

export interface ChaosStage {
  readonly accounts: readonly Account[]
  readonly nodes: readonly ChaosNode[]
  readonly sim: RemoteSimulator
  readonly redis: RedisServer
  readonly db: Database
  readonly ledger: Ledger
  readonly users: Shop['users']
  readonly database: MadeDatabase
  /** Of the server; null when it is not ours to take away. */
  readonly power: DatabasePower | null
  /** The first of the nodes that listens. */
  url(): string
  node(name: string): ChaosNode
  /** Which node has which account, by the lease table: the number of the account to the name of the node; dead owners left out. */
  owners(): Promise<ReadonlyMap<string, string>>
  /** Ends everything and leaves nothing. Never rejects. */
  close(): Promise<void>
}

export interface StageOptions {
  /** A server on which databases may be made. */
  readonly adminUrl: string
  /** A migrated database of that server. */
  readonly template: string
  /** The path of a Redis. */
  readonly redis: string
  readonly nodes: number
  readonly accounts: readonly Account[]
  readonly power?: DatabasePower | null
  /** A checkout of the version before: every node begins with its program, and is started again with this one's. */
  readonly former?: string | null
  /** More settings for every node. */
  readonly env?: Readonly<Record<string, string>>
}

const LINK_WITHIN_MS = 30_000
const secret = () => randomBytes(32).toString('hex')

/** Starts everything, fills the shop and links every account. @throws when something does not start; then nothing is left */
export async function openChaosStage(options: StageOptions): Promise<ChaosStage> {
  const { accounts } = options
  const closers = makeClosers()
  try {
    const simulator = startSimulatorProcess()
    simulator.catch(() => undefined)
    closers.push(() => simulator.then(({ program }) => program.kill()))
    const database = await makeDatabase(options.adminUrl, options.template)
    closers.push(database.drop)
    const db = await connect({ url: database.url, poolMax: 2 })
    closers.push(() => db.close())
    await layAudit(db)
    const redis = await startRedis(options.redis)
    closers.push(() => redis.close())
    const directory = await makeRunDirectory()
    closers.push(() => removeRunDirectory(directory))
    const secrets = { JWT_SECRET: secret(), AUTH_ENCRYPTION_KEY: secret() }
    const { url: socketUrl, trustRoot, control } = await simulator
    const sim = connectSimulator(control)
    const env = {
      ...secrets,
      CLUSTER_SECRET: secret(),
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      WHATSAPP_TRUST_ROOT: trustRoot,
      ...options.env,
    }
    const nodes = Array.from({ length: options.nodes }, (_, index) =>
      makeNode({ name: `node-${index + 1}`, directory, socketUrl, env, closers, former: options.former ?? null }),
    )
    await Promise.all(nodes.map((node) => node.start()))
    // From now on they are on WhatsApp, also before they write.
    await sim.inboxes(accounts.flatMap(({ customers }) => customers))
    const url = () => {
      for (const node of nodes) {
        const at = node.url()
        if (at !== null) return at
      }
      throw new Error('no node listens')
    }
    const users = await furnish(url(), accounts)
    const numbers = new Map([...users].map(([number, { id }]) => [id, number]))
    const stage: ChaosStage = {
      accounts,
      nodes,
      sim,
      redis,
      db,
      users,
      database,
      power: options.power ?? null,
      ledger: makeLedger(db, { users, secrets }),
      url,
      node(name) {
        const found = nodes.find((each) => each.name === name)
        if (found === undefined) throw new Error(`there is no ${name}`)
        return found
      },
      async owners() {
        const rows = await db.rows<{ session_id: string; id: string }>(
          'select l.session_id, n.id from lease l join node n on n.incarnation = l.owner where n.dead_at is null',
        )
        return new Map(rows.map((row) => [numbers.get(row.session_id) ?? row.session_id, row.id]))
      },
      close: closers.close,
    }
    await link(stage)
    return stage
  } catch (error) {
    await closers.close()
    throw error
  }
}

/** Each account at another node, which is how users come through a load balancer. */
async function link({ accounts, nodes, sim, users }: ChaosStage): Promise<void> {
  const limit = AbortSignal.timeout(LINK_WITHIN_MS)
  await Promise.all(
    accounts.map(async ({ number }, index) => {
      limit.throwIfAborted()
      await pairOne(sim, nodes[index % nodes.length]?.url() ?? '', number, users.get(number)?.token ?? '')
    }),
  )
}

/** The state of an account as a node tells it; null when it tells nothing. */
export async function stateAt(stage: ChaosStage, url: string, number: string): Promise<string | null> {
  const token = stage.users.get(number)?.token ?? ''
  const answer = await callApi(url, 'GET', '/api/whatsapp/status', { token, any: true }).catch(() => null)
  return answer?.status === 200 ? (answer.body as { state: string }).state : null
}
