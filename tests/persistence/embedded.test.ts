import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { connect } from '../../src/persistence/database.ts'
import { serverAccount } from '../../src/persistence/embedded/account.ts'
import { type Embedded, EmbeddedFailed, type EmbeddedOptions, startEmbedded } from '../../src/persistence/embedded.ts'
import { isAlive } from '../../src/persistence/process-identity.ts'
import { until } from '../support/until.ts'

const root = process.getuid?.() === 0
const log = { info: () => {}, warn: () => {} }

/** Everything one installation has on the disk, in a directory any account can reach. */
const installation = (mode: number): EmbeddedOptions & { readonly stateRoot: string } => {
  const place = mkdtempSync(join(tmpdir(), 'whatsapp-erp-test-embedded-'))
  chmodSync(place, 0o755)
  t.teardown(() => rmSync(place, { recursive: true, force: true }))
  const dataDir = mkdtempSync(join(place, 'data-'))
  chmodSync(dataDir, mode)
  return { dataDir, stateRoot: join(place, 'state'), log, noSync: true }
}

const started: Promise<Embedded>[] = []

const start = (options: EmbeddedOptions): Promise<Embedded> => {
  const server = startEmbedded(options)
  started.push(server)
  return server
}

// A test that fails or is stopped leaves no server behind.
const stopAll = async () => {
  for (const server of await Promise.allSettled(started)) if (server.status === 'fulfilled') await server.value.stop()
}
t.teardown(stopAll)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopAll().then(() => process.exit(1)))

const ask = async <R extends object>(url: string, sql: string): Promise<R[]> => {
  const db = await connect({ url, poolMax: 1 })
  try {
    return await db.rows<R>(sql)
  } finally {
    await db.close()
  }
}

/** A node that started the server; it can be killed without the server being told. */
const nodeWith = async (
  options: EmbeddedOptions,
  uid?: number,
): Promise<{ child: ChildProcess; pid: number; url: string }> => {
  const file = join(import.meta.dirname, '../../src/persistence/embedded.ts')
  const { dataDir, stateRoot } = options
  const script = `import { startEmbedded } from ${JSON.stringify(file)}
    const log = { info: () => {}, warn: () => {} }
    const server = await startEmbedded({ dataDir: ${JSON.stringify(dataDir)}, stateRoot: ${JSON.stringify(stateRoot)}, log, noSync: true })
    process.stdin.once('data', () => server.stop().then(() => process.exit(0)))
    console.log(JSON.stringify({ pid: server.pid, url: server.url }))`
  // An empty environment: tap has every child of ours load its own parts, which write where another account may not.
  const child = spawn('env', ['-i', process.execPath, '--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid, gid: uid, cwd: '/' }),
  })
  const [said] = await once(child.stdout, 'data')
  return { child, ...JSON.parse(String(said)) }
}

const home = installation(0o755)

t.test('it starts in an empty directory, keeps its data and its password, and leaves no process', async (t) => {
  const first = await start(home)
  await ask(first.url, 'create table kept (id int)')
  t.match(first.tcpUrl, /^postgres:\/\/whatsapp_erp:[0-9a-f]{48}@127\.0\.0\.1:\d+\/whatsapp_erp$/)
  t.ok(existsSync(join(home.dataDir, 'postgres-18', 'PG_VERSION')))
  await first.stop()
  await first.stop()
  t.notOk(isAlive(first.pid))

  const second = await start(home)
  t.equal(second.url, first.url, 'the same port and password')
  t.same(await ask(second.url, 'select * from kept'), [])
  await second.stop()
  t.notOk(isAlive(second.pid))
  t.notOk(existsSync(join(home.dataDir, 'postgres-18', 'postmaster.pid')))
})

t.test('it listens on this machine only, wants its password, and keeps it from other accounts', async (t) => {
  const server = await start(home)
  const [row] = await ask<{ addresses: string; sockets: string; version: string }>(
    server.url,
    `select current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as sockets,
     current_setting('server_version') as version`,
  )
  t.match(row, { addresses: '127.0.0.1', sockets: String, version: /^18\./ })
  t.same(await ask(server.tcpUrl, 'select 1 as one'), [{ one: 1 }])
  t.equal(decodeURIComponent(new URL(server.url).hostname), JSON.parse(row?.sockets ?? '""'), 'over the socket file')
  const wrong = new URL(server.url)
  wrong.password = 'wrong'
  await t.rejects(ask(wrong.href, 'select 1'), { message: /refused the login/ })
  t.equal(statSync(join(home.dataDir, 'postgres-18.password')).mode & 0o777, 0o600)
  t.ok(Number(new URL(server.url).port) < 32_768)
  await server.stop()
})

t.test(
  'a Ctrl-C in the terminal does not reach it: it is in a group of its own',
  { skip: !existsSync('/proc/self/stat') },
  async (t) => {
    const server = await start(home)
    const stat = readFileSync(`/proc/${server.pid}/stat`, 'utf8')
    t.equal(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2], String(server.pid))
    await server.stop()
  },
)

t.test('when its port is taken it uses another and remembers that', async (t) => {
  const first = await start(home)
  await first.stop()
  const taker = createServer().listen(Number(new URL(first.url).port), '127.0.0.1')
  await once(taker, 'listening')
  const second = await start(home)
  t.not(new URL(second.url).port, new URL(first.url).port)
  await second.stop()
  taker.close()
  const third = await start(home)
  t.equal(third.url, second.url)
  await third.stop()
})

t.test('a server that a killed node left is stopped, and its data are there', async (t) => {
  const node = await nodeWith(home)
  await ask(node.url, 'create table orphan as select 7 as id')
  node.child.kill('SIGKILL')
  await once(node.child, 'exit')
  t.ok(isAlive(node.pid), 'the server does not die with its node')
  const server = await start(home)
  t.not(server.pid, node.pid)
  t.notOk(isAlive(node.pid))
  t.same(await ask(server.url, 'select id from orphan'), [{ id: 7 }])
  await server.stop()
})

t.test('where it may be shared, a server that was left is used as it is, and stopped for certain', async (t) => {
  const node = await nodeWith(home)
  node.child.kill('SIGKILL')
  await once(node.child, 'exit')
  const server = await start({ ...home, reuse: true })
  t.equal(server.pid, node.pid)
  t.equal(server.url, node.url)
  await server.stop()
  t.notOk(isAlive(node.pid))
})

t.test('a killed server recovers, whatever now has the pid it wrote down', async (t) => {
  const server = await start({ ...home, noSync: false })
  await ask(server.url, 'create table crashed as select 1 as id')
  const pidFile = join(home.dataDir, 'postgres-18', 'postmaster.pid')
  process.kill(server.pid, 'SIGKILL')
  await until('the server is gone', () => !isAlive(server.pid))
  const lines = readFileSync(pidFile, 'utf8').split('\n')
  const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  t.teardown(async () => {
    const exit = once(bystander, 'exit')
    bystander.kill()
    await exit
  })
  rmSync(pidFile)
  appendFileSync(pidFile, [String(bystander.pid), ...lines.slice(1)].join('\n'))
  const again = await start(home)
  t.ok(bystander.pid !== undefined && isAlive(bystander.pid), 'a stranger is left alone')
  t.same(await ask(again.url, 'select id from crashed'), [{ id: 1 }])
  await again.stop()
})

t.test('a server that cannot start says why, and nothing of it is left', async (t) => {
  const settings = join(home.dataDir, 'postgres-18', 'postgresql.conf')
  const before = readFileSync(settings)
  appendFileSync(settings, '\nnonsense_setting = 1\n')
  const error = await start(home).catch((e: unknown) => e)
  t.ok(error instanceof EmbeddedFailed)
  t.match(error, { message: /did not start[\s\S]*nonsense_setting/ })
  t.notMatch(String(error), new RegExp(readFileSync(join(home.dataDir, 'postgres-18.password'), 'utf8').trim()))
  rmSync(settings)
  appendFileSync(settings, before)
  const account = serverAccount()
  if (account) chownSync(settings, account.uid, account.gid)
  await (await start(home)).stop()
})

t.test(
  'as root, with a DATA_DIR that only root enters, data are kept outside and found again',
  { skip: !root },
  async (t) => {
    const closed = installation(0o700)
    const first = await start(closed)
    await ask(first.url, 'create table kept (id int)')
    await first.stop()
    t.notOk(existsSync(join(closed.dataDir, 'postgres-18')))
    const pointed = readFileSync(join(closed.dataDir, 'postgres-location'), 'utf8').trim()
    t.ok(pointed.startsWith(closed.stateRoot))
    t.equal(statSync(join(pointed, 'postgres-18')).mode & 0o077, 0, 'open to its account alone')
    t.not(statSync(join(pointed, 'postgres-18')).uid, 0)
    const second = await start(closed)
    t.same(await ask(second.url, 'select * from kept'), [])
    await second.stop()

    rmSync(join(closed.dataDir, 'postgres-location'))
    const third = await start(closed)
    await t.rejects(ask(third.url, 'select * from kept'), 'a new DATA_DIR under the same path is empty')
    await third.stop()
    t.ok(existsSync(join(pointed, 'postgres-18', 'PG_VERSION')), 'and the data of the old one are still there')
  },
)

t.test('without root everything is in DATA_DIR', { skip: !root }, async (t) => {
  const own = installation(0o700)
  const account = serverAccount()
  const uid = account?.uid ?? 65_534
  chownSync(own.dataDir, uid, uid)
  const node = await nodeWith(own, uid)
  t.same(await ask(node.url, 'select 1 as one'), [{ one: 1 }])
  t.ok(existsSync(join(own.dataDir, 'postgres-18', 'PG_VERSION')))
  const exit = once(node.child, 'exit')
  node.child.stdin?.end('stop')
  await exit
  t.notOk(isAlive(node.pid))
})
