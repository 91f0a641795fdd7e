import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { DataDirInUse, lockDataDir } from '../../src/persistence/data-dir.ts'
import { startTimeOf } from '../../src/persistence/process-identity.ts'

const quick = () => ({ waitMs: 0, incarnation: uuidv7() })

/** Another process that takes the directory and keeps it. */
const owner = async (directory: string, incarnation: string): Promise<ChildProcess> => {
  const file = join(import.meta.dirname, '../../src/persistence/data-dir.ts')
  const script = `import { lockDataDir } from ${JSON.stringify(file)}
    const lock = await lockDataDir(${JSON.stringify(directory)}, { waitMs: 0, incarnation: '${incarnation}' })
    process.on('SIGTERM', () => { lock.release(); process.exit(0) })
    console.log('taken')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

const ended = async (child: ChildProcess, signal: NodeJS.Signals) => {
  const exit = once(child, 'exit')
  child.kill(signal)
  await exit
}

t.test(
  'the directory is made for its owner alone; for root so that the account of the server can pass through',
  async (t) => {
    const directory = join(t.testdir(), 'a', 'b')
    const lock = await lockDataDir(directory, quick())
    t.equal(statSync(directory).mode & 0o777, process.getuid?.() === 0 ? 0o711 : 0o700)
    for (const name of readdirSync(directory)) t.equal(statSync(join(directory, name)).mode & 0o077, 0, name)
    t.equal(lock.previous, null)
  },
)

t.test('a second node is told who has it and what to do', async (t) => {
  const directory = t.testdir()
  await lockDataDir(directory, quick())
  await t.rejects(lockDataDir(directory, quick()), DataDirInUse)
  await t.rejects(lockDataDir(directory, quick()), {
    message: new RegExp(`Another node \\(pid ${process.pid}\\).*set DATA_DIR`),
  })
})

t.test('a directory given back is free, and has no dead owner', async (t) => {
  const directory = t.testdir()
  for (let n = 0; n < 3; n += 1) {
    const lock = await lockDataDir(directory, quick())
    t.equal(lock.previous, null)
    lock.release()
    lock.release()
  }
  t.equal(readdirSync(directory).length, 1, 'old locks are cleaned up')
})

t.test('a late release does not give away what another has', async (t) => {
  const directory = t.testdir()
  const first = await lockDataDir(directory, quick())
  first.release()
  await lockDataDir(directory, quick())
  first.release()
  await t.rejects(lockDataDir(directory, quick()), DataDirInUse)
})

t.test('after kill -9 the next start takes it and learns whom it followed', async (t) => {
  const directory = t.testdir()
  const incarnation = uuidv7()
  const child = await owner(directory, incarnation)
  await t.rejects(lockDataDir(directory, quick()), { message: new RegExp(`pid ${child.pid}`) })
  await ended(child, 'SIGKILL')
  const lock = await lockDataDir(directory, quick())
  t.same(lock.previous, { pid: child.pid, incarnation })
})

t.test('an owner that is going away is waited for', async (t) => {
  const directory = t.testdir()
  const child = await owner(directory, uuidv7())
  const waiting = lockDataDir(directory, { waitMs: 10_000, incarnation: uuidv7() })
  await ended(child, 'SIGTERM')
  t.equal((await waiting).previous, null)
})

t.test(
  'another process under the same pid is not the owner',
  { skip: startTimeOf(process.pid) === null },
  async (t) => {
    const directory = t.testdir()
    const dead = { pid: process.pid, startTime: '1', incarnation: 'x', released: false }
    writeFileSync(join(directory, 'node.lock.7'), JSON.stringify(dead))
    const lock = await lockDataDir(directory, quick())
    t.same(lock.previous, { pid: process.pid, incarnation: 'x' })
  },
)

t.test('of several processes that find a dead owner at once one takes it', async (t) => {
  const directory = t.testdir()
  const dead = { pid: process.pid, startTime: '1', incarnation: 'x', released: false }
  writeFileSync(join(directory, 'node.lock.7'), JSON.stringify(dead))
  const file = join(import.meta.dirname, '../../src/persistence/data-dir.ts')
  const at = Date.now() + 1_500
  const script = `import { lockDataDir } from ${JSON.stringify(file)}
    while (Date.now() < ${at});
    const options = { waitMs: 0, incarnation: String(process.pid) }
    const taken = await lockDataDir(${JSON.stringify(directory)}, options).then(() => true, () => false)
    console.log(taken)
    process.stdin.once('data', () => process.exit(0))`
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] }),
  )
  const answers = await Promise.all(children.map(async (child) => String((await once(child.stdout, 'data'))[0]).trim()))
  t.same(answers.toSorted(), ['false', 'false', 'false', 'true'])
  for (const child of children) child.stdin.end('done')
  await Promise.all(children.map((child) => once(child, 'exit')))
})

t.test('a damaged lock is nobody’s', async (t) => {
  const directory = t.testdir()
  writeFileSync(join(directory, 'node.lock.1'), '{"pid":')
  t.equal((await lockDataDir(directory, quick())).previous, null)
})

t.test('a directory that cannot be made is named, with the setting that says where it is', async (t) => {
  // Where the kernel keeps the files nothing can be made, and it says so in its own way.
  for (const [directory, code] of [
    [join(t.testdir({ file: 'not a directory' }), 'file', 'data'), 'ENOTDIR'],
    ['/proc/wa-erp/data', 'ENOENT'],
  ])
    await t.rejects(lockDataDir(directory ?? '', { waitMs: 0, incarnation: 'x' }), {
      name: 'DataDirUnusable',
      message: `The data directory ${directory} cannot be used (${code}): set DATA_DIR to a directory this account may make and write to.`,
    })
})
