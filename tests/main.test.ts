import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { until } from './support/until.ts'

const ROOT = resolve(import.meta.dirname, '..')
const BOOT_MS = 60_000

interface Started {
  readonly child: ChildProcess
  readonly pid: number
  readonly output: () => string
  readonly ended: Promise<number | null>
}

/** The program as `npm start` runs it, or below a shell below another process as npm has it. Never reads a `.env` of the checkout. */
function launch(t: Test, environment: Record<string, string>, throughParent = false): Started {
  const start = [process.execPath, join(ROOT, 'scripts/start.mjs')]
  const [command, args] = throughParent
    ? [
        process.execPath,
        [
          '-e',
          `require('child_process').spawn('sh', ['-c', ${JSON.stringify(`${start.join(' ')}; true`)}], { stdio: 'inherit' })`,
        ],
      ]
    : [start[0] ?? '', start.slice(1)]
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', HOST: '127.0.0.1', LOG_LEVEL: 'warn', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)))
  t.teardown(async () => {
    child.kill('SIGTERM')
    await ended
  })
  return { child, pid: child.pid ?? 0, output: () => output, ended }
}
async function freshDir(t: Test): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'wa-erp-main-'))
  await chmod(dir, 0o755)
  t.teardown(() => rm(dir, { recursive: true, force: true }))
  return dir
}

async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000)
    const free = await new Promise<boolean>((done) => {
      const server = createServer().once('error', () => done(false))
      server.listen(port, '127.0.0.1', () => server.close(() => done(true)))
    })
    if (free) return port
  }
}

/** Waits for the node to answer; one that ended instead says what it printed. */
async function healthy(node: Started, port: number): Promise<void> {
  let left: number | null | undefined
  void node.ended.then((code) => {
    left = code
  })
  await until(
    `health on port ${port}`,
    async () => {
      if (left !== undefined) throw new Error(`the node left with ${left}: ${node.output()}`)
      return (await fetch(`http://127.0.0.1:${port}/health`).catch(() => null))?.status === 200
    },
    BOOT_MS,
  )
}

/** Every process whose command line names this directory, or the place its database was put. */
async function processesOf(dataDir: string): Promise<string[]> {
  const pointer = await readFile(join(dataDir, 'postgres-location'), 'utf8').catch(() => dataDir)
  const found: string[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (line.includes(pointer.trim()) || line.includes(dataDir)) found.push(`${pid} ${line.replaceAll('\0', ' ')}`)
  }
  return found
}

const signUp = (port: number) =>
  fetch(`http://127.0.0.1:${port}/api/auth/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'nour@company.com', password: 'correct horse battery', role: 'admin' }),
  })

t.test(
  'with nothing but a data directory the system comes up, says what to do next, and SIGTERM leaves no process',
  async (t) => {
    const dataDir = join(await freshDir(t), 'data')
    const port = await freePort()
    const first = launch(t, { DATA_DIR: dataDir, PORT: String(port) })
    await healthy(first, port)
    await until('the welcome', () => first.output().includes('Nobody has signed up yet'))
    t.match(first.output(), `http://localhost:${port}`)
    t.equal((await signUp(port)).status, 201)
    first.child.kill('SIGTERM')
    t.equal(await first.ended, 0)
    t.same(await processesOf(dataDir), [])

    t.test('a second start finds the data, and kill -9 is recovered from by the next', async (t) => {
      const second = launch(t, { DATA_DIR: dataDir, PORT: String(port) })
      await healthy(second, port)
      t.equal((await signUp(port)).status, 409)
      second.child.kill('SIGKILL')
      await second.ended
      t.ok((await processesOf(dataDir)).length > 0, 'the database of the killed node is still there')
      const third = launch(t, { DATA_DIR: dataDir, PORT: String(port) })
      await healthy(third, port)
      t.equal((await signUp(port)).status, 409)
      third.child.kill('SIGINT')
      t.equal(await third.ended, 0)
      t.same(await processesOf(dataDir), [])
    })

    t.test('when the npm above it is killed, the node ends by itself and the next start works', async (t) => {
      const under = launch(t, { DATA_DIR: dataDir, PORT: String(port), npm_lifecycle_event: 'start' }, true)
      await healthy(under, port)
      under.child.kill('SIGKILL')
      const next = launch(t, { DATA_DIR: dataDir, PORT: String(port) })
      await until('the next node is up', () => next.output().includes('is up'), BOOT_MS)
      await healthy(next, port)
      next.child.kill('SIGTERM')
      t.equal(await next.ended, 0)
      t.same(await processesOf(dataDir), [])
    })

    t.test('two nodes never share a data directory', async (t) => {
      const one = launch(t, { DATA_DIR: dataDir, PORT: String(port) })
      await healthy(one, port)
      const two = launch(t, { DATA_DIR: dataDir, PORT: String(await freePort()) })
      t.equal(await two.ended, 1)
      t.match(two.output(), /Cannot start: Another node \(pid \d+\).*DATA_DIR/)
      one.child.kill('SIGTERM')
      t.equal(await one.ended, 0)
    })
  },
)

t.test('a data directory that only its owner may enter works too', async (t) => {
  const closed = await freshDir(t)
  await chmod(closed, 0o700)
  const dataDir = join(closed, 'data')
  await mkdir(dataDir, { mode: 0o700 })
  const port = await freePort()
  const node = launch(t, { DATA_DIR: dataDir, PORT: String(port) })
  await healthy(node, port)
  const pointer = await readFile(join(dataDir, 'postgres-location'), 'utf8').catch(() => null)
  if (pointer !== null) t.teardown(() => rm(pointer.trim(), { recursive: true, force: true }))
  node.child.kill('SIGTERM')
  t.equal(await node.ended, 0)
  t.same(await processesOf(dataDir), [])
})

t.test('what cannot start says why in one sentence and leaves with status 1', async (t) => {
  const dataDir = join(await freshDir(t), 'data')
  const taken = createServer()
  await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done))
  t.teardown(() => taken.close())
  const address = taken.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const nowhere = 'postgresql://me:hunter2@127.0.0.1:1/none'
  const cases: readonly (readonly [string, Record<string, string>, RegExp])[] = [
    ['a taken port', { PORT: String(port) }, new RegExp(`Port ${port} is taken`)],
    ['a bad variable', { PORT: 'five' }, /PORT is "five"/],
    ['a database that is not there', { DATABASE_URL: nowhere, PORT: '0' }, /DATABASE_URL/],
    ['a bad encryption key', { AUTH_ENCRYPTION_KEY: 'short', PORT: '0' }, /AUTH_ENCRYPTION_KEY/],
  ]
  for (const [what, environment, sentence] of cases) {
    const node = launch(t, { DATA_DIR: dataDir, ...environment })
    t.equal(await node.ended, 1, what)
    const lines = node.output().trim().split('\n')
    t.match(lines.at(-1), /^Cannot start: /, what)
    t.match(lines.at(-1), sentence, what)
    t.notMatch(node.output(), /hunter2/)
    t.same(await processesOf(dataDir), [], what)
  }
})
