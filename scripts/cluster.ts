// `npm run cluster`: a cluster on this machine. It owns the database, the Redis and the simulator, keeps the nodes running, and takes all of
// it down in order.

import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { lockDataDir } from '../src/persistence/data-dir.ts'
import { startEmbedded } from '../src/persistence/embedded.ts'
import { type KeptNode, keepNode } from './cluster/keeper.ts'
import { assertPortsFree } from './cluster/ports.ts'
import { findRedis, installRedis, startRedis } from './cluster/redis.ts'
import { sharedSecrets } from './cluster/secrets.ts'
import { type ClusterSettings, INTERNAL_OFFSET, readSettings, USAGE } from './cluster/settings.ts'
import { openShop, openTheatre, type Theatre } from './cluster/theatre.ts'
import { whatToTry } from './cluster/try.ts'
import { makeDataDirectory, removeDataDirectory } from './demo/data-directory.ts'
import { interruption } from './proof/interruption.ts'

const SILENT = { info: () => {}, warn: () => {} }
const say = (line: string) => void process.stdout.write(`${line}\n`)

type OnClose = (name: string, close: () => Promise<unknown> | unknown) => void

/** @returns REDIS_URL of the nodes, or null */
async function openRedis({ redis, installRedis: mayInstall }: ClusterSettings, onClose: OnClose) {
  if (redis === 'none') return null
  const given = process.env['REDIS_URL']
  if (given !== undefined && given !== '') {
    say('Redis: the one of REDIS_URL')
    return given
  }
  const program = findRedis() ?? (mayInstall ? installRedis(say) : null)
  if (program === null) {
    if (redis === 'must')
      throw new Error('There is no Redis: give REDIS_URL, or install redis-server or valkey-server.')
    say(
      'Redis: none found (REDIS_URL, redis-server, valkey-server); PostgreSQL plans alone, which works, a little slower',
    )
    return null
  }
  const server = await startRedis(program)
  onClose('Redis', () => server.close())
  say(`Redis: ${server.url}, nothing of it is kept`)
  return server.url
}

async function openDatabase(dataDir: string, { demo }: ClusterSettings, onClose: OnClose): Promise<string> {
  const given = process.env['DATABASE_URL']
  if (!demo && given !== undefined && given !== '') {
    say('PostgreSQL: the one of DATABASE_URL')
    return given
  }
  const embedded = await startEmbedded({ dataDir, log: SILENT })
  onClose('PostgreSQL', () => embedded.stop())
  say(`PostgreSQL: the bundled one, data in ${dataDir}`)
  return embedded.url
}

async function open(settings: ClusterSettings, onClose: OnClose): Promise<readonly KeptNode[]> {
  await assertPortsFree(settings.port, settings.nodes)
  const dataDir = settings.demo ? await makeDataDirectory() : resolve(settings.dataDir)
  if (settings.demo) onClose('the data', () => removeDataDirectory(dataDir))
  const lock = await lockDataDir(dataDir, { waitMs: 0, incarnation: randomUUID() })
  onClose('the data directory', () => lock.release())
  const databaseUrl = await openDatabase(dataDir, settings, onClose)
  const redisUrl = await openRedis(settings, onClose)
  let theatre: Theatre | null = null
  if (settings.demo) {
    const opened = await openTheatre()
    theatre = opened
    onClose('the simulator', () => opened.program.end())
    say(`simulated WhatsApp: ${opened.control}`)
  }
  const shared = {
    ...process.env,
    ...theatre?.env,
    ...sharedSecrets(dataDir),
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl ?? '# none',
    // A node ends when this process is gone, as it does under `npm start`.
    npm_lifecycle_event: 'cluster',
  }
  const nodes: KeptNode[] = []
  onClose('the nodes', async () => {
    // One after the other: each gives its sessions to those that are left.
    for (const node of nodes.toReversed()) {
      say(`${node.name} ends …`)
      await node.end()
    }
  })
  for (let index = 0; index < settings.nodes; index += 1) {
    const name = `node-${index + 1}`
    const port = settings.port + index
    const directory = join(dataDir, name)
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const env = {
      ...shared,
      PORT: String(port),
      INTERNAL_PORT: String(port + INTERNAL_OFFSET),
      NODE_ID: name,
      DATA_DIR: directory,
    }
    const node = await keepNode({ name, port, log: join(dataDir, `${name}.log`), env, say })
    nodes.push(node)
    say(`${name} is up: ${node.url} (pid ${node.pid()}), its log: ${node.log}`)
  }
  const shop = theatre === null ? null : await openShop(theatre, nodes[0]?.url ?? '')
  for (const line of [...(shop?.lines ?? []), ...whatToTry(nodes, shop ?? undefined)]) say(line)
  return nodes
}

async function main(): Promise<number> {
  const settings = readSettings(process.argv.slice(2), process.env['CI'] === 'true')
  if (settings === null) {
    say(USAGE)
    return 0
  }
  const closers: { readonly name: string; readonly close: () => Promise<unknown> | unknown }[] = []
  let closing = false
  const onClose: OnClose = (name, close) => {
    closers.push({ name, close })
    if (closing) throw new Error('interrupted')
  }
  const interrupted = interruption()
  const running = open(settings, onClose).then(() => new Promise<never>(() => undefined))
  try {
    say(`${await Promise.race([running, interrupted])}: all of it ends in order; once more ends it at once`)
    process.once('SIGINT', () => process.exit(130))
    return 0
  } finally {
    closing = true
    // What is being opened at this moment is opened first, and then closed.
    running.catch(() => undefined)
    for (let last = closers.pop(); last !== undefined; last = closers.pop()) {
      const { name, close } = last
      await Promise.resolve()
        .then(close)
        .catch((error: unknown) => say(`${name} did not end cleanly: ${String(error)}`))
    }
    say('Everything is ended.')
  }
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  },
)
