// Starts the processes of a measurement and takes them down again: the simulator, the server, bare Baileys, and a database for the server that
// waits for the disk like any other.

import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbedded } from '../src/persistence/embedded.ts'
import { loadSecrets } from '../src/persistence/secrets.ts'
import type { Bare } from './bare.ts'
import { type Part, startPart } from './channel.ts'
import type { BenchMember } from './member.ts'
import type { Ours } from './ours.ts'
import { openShop, type Shop } from './shop.ts'
import type { ShopFront } from './shop-front.ts'
import type { World } from './world.ts'

export interface Bench {
  readonly world: Part<World>
  readonly shop: Shop
  readonly databaseUrl: string
  /** Pid of the database's first process. */
  readonly databasePid: number
  startOurs(): Promise<Part<Ours>>
  startBare(native?: boolean): Promise<Part<Bare>>
  /** One node of a cluster, with a directory of its own. */
  startMember(settings: Readonly<Record<string, string>>): Promise<Part<BenchMember>>
  /** The whole node, asked over HTTP. */
  startShopFront(settings: Readonly<Record<string, string>>): Promise<Part<ShopFront>>
  /** Numbers nobody has yet. */
  numbers(count: number): readonly string[]
  /** Safe to call twice. */
  close(): Promise<void>
}

const SILENT = { info: () => {}, warn: () => {} }
const FIRST_NUMBER = 15_550_000_000

export interface BenchOptions {
  /** Further flags for the server's process, such as `--cpu-prof`. */
  readonly flags: readonly string[]
}

/** Everything but the two that are measured. */
export async function openBench({ flags }: BenchOptions): Promise<Bench> {
  const root = await mkdtemp(join(tmpdir(), 'wa-erp-bench-'))
  // The database may run under an account of its own, which must get there.
  await chmod(root, 0o755)
  const dataDir = join(root, 'server')
  const closers: (() => Promise<unknown>)[] = [() => rm(root, { recursive: true, force: true })]
  let closing: Promise<void> | null = null
  const closeAll = async () => {
    for (const closer of closers.reverse()) await closer()
  }
  const close = () => {
    closing ??= closeAll()
    return closing
  }
  try {
    const database = await startEmbedded({
      dataDir: join(root, 'database'),
      stateRoot: join(root, 'state'),
      log: SILENT,
    })
    closers.push(() => database.stop())
    const world = startPart<World>('./world.ts')
    closers.push(() => world.stop())
    const address = await world.call('address', undefined)
    const shop = await openShop(database.url, dataDir)
    closers.push(() => shop.close())
    const environment = {
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
      WHATSAPP_SOCKET_URL: address.url,
      WHATSAPP_TRUST_ROOT: address.trustRoot,
    }
    const parts = new Set<Part<Ours> | Part<Bare> | Part<BenchMember> | Part<ShopFront>>()
    closers.push(() => Promise.all([...parts].map((part) => part.stop())))
    const keys = loadSecrets({ dataDir, jwtSecret: null, authEncryptionKey: null })
    let numbered = 0
    let members = 0
    return {
      world,
      shop,
      databaseUrl: database.url,
      databasePid: database.pid,
      async startOurs() {
        const part = startPart<Ours>('./ours.ts', { flags: ['--expose-gc', ...flags], environment })
        parts.add(part)
        await part.call('openNow', undefined)
        return part
      },
      async startBare(native = false) {
        const part = startPart<Bare>('./bare.ts', {
          flags: ['--expose-gc'],
          environment: native ? { BENCH_NATIVE: 'yes' } : {},
        })
        parts.add(part)
        await part.call('use', address)
        return part
      },
      async startMember(settings) {
        members += 1
        const part = startPart<BenchMember>('./member.ts', {
          flags: ['--expose-gc', ...flags],
          environment: {
            DATABASE_URL: database.url,
            DATA_DIR: join(root, `member-${members}`),
            CLUSTER_SECRET: 'the secret of the nodes that are measured',
            AUTH_ENCRYPTION_KEY: Buffer.from(keys.authEncryptionKey).toString('hex'),
            JWT_SECRET: 'a secret of the nodes that are measured',
            CONNECTS_PER_SECOND: '0',
            CLUSTER_CONNECTS_PER_SECOND: '0',
            LOG_LEVEL: 'warn',
            ...settings,
          },
        })
        parts.add(part)
        await part.call('counts', undefined)
        return part
      },
      async startShopFront(settings) {
        const part = startPart<ShopFront>('./shop-front.ts', {
          flags: [...flags],
          environment: { ...environment, LOG_LEVEL: 'warn', ...settings },
        })
        parts.add(part)
        await part.call('url', undefined)
        return part
      },
      numbers(count) {
        const first = numbered
        numbered += count
        return Array.from({ length: count }, (_, index) => String(FIRST_NUMBER + first + index))
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
