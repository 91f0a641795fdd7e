import { chmod, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { freePort, freshDir, healthy, launch, processesOf, signUp } from './support/program.ts'
import { until } from './support/until.ts'

const BOOT_MS = 60_000

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

    t.test('when the npm above it is killed, the node ends by itself and the next start finds the data', async (t) => {
      const under = launch(t, { DATA_DIR: dataDir, PORT: String(port), npm_lifecycle_event: 'start' }, true)
      await healthy(under, port)
      t.equal((await signUp(port)).status, 409)
      under.child.kill('SIGKILL')
      const next = launch(t, { DATA_DIR: dataDir, PORT: String(port) })
      await until('the next node is up', () => next.output().includes('is up'), BOOT_MS)
      await healthy(next, port)

      t.test('kill -9 is recovered from by the next, and two nodes never share a data directory', async (t) => {
        next.child.kill('SIGKILL')
        await next.ended
        t.ok((await processesOf(dataDir)).length > 0, 'the database of the killed node is still there')
        const one = launch(t, { DATA_DIR: dataDir, PORT: String(port) })
        await healthy(one, port)
        t.equal((await signUp(port)).status, 409)
        const two = launch(t, { DATA_DIR: dataDir, PORT: String(await freePort()) })
        // The second one hopes for a while that the first is about to leave.
        await t.test('a data directory that only its owner may enter works too', closedDirectory)
        t.equal(await two.ended, 1)
        t.match(two.output(), /Cannot start: Another node \(pid \d+\).*DATA_DIR/)
        one.child.kill('SIGINT')
        t.equal(await one.ended, 0)
        t.same(await processesOf(dataDir), [])
      })
    })
  },
)

async function closedDirectory(t: Test) {
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
}
