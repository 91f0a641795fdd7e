import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { readConfig } from '../src/config.ts'
import { CannotStart, layGround } from '../src/ground.ts'
import { makeLog } from '../src/log.ts'
import { freePort, freshDir, processesOf } from './support/program.ts'
import { testServer } from './support/server.ts'

const log = makeLog('silent')

t.test('a directory that was refused its port is free for the next', async (t) => {
  const { adminUrl } = await testServer()
  const dataDir = join(await freshDir(t), 'data')
  const port = await freePort()
  const other = createServer()
  await new Promise<void>((done) => other.listen(port, '127.0.0.1', done))
  const config = readConfig({ DATA_DIR: dataDir, PORT: String(port), HOST: '127.0.0.1', DATABASE_URL: adminUrl })
  await t.rejects(
    layGround(config, log),
    new CannotStart(`Port ${port} is taken by another program: stop it, or set PORT to another port.`),
  )
  await new Promise((done) => other.close(done))
  const ground = await layGround(config, log)
  t.equal(ground.databaseUrl, adminUrl)
  t.equal(ground.lock.previous, null, 'the one before gave it back')
  await ground.close()
})

t.test('it tells when only the database is waited for, and closing stops the database', async (t) => {
  const dataDir = join(await freshDir(t), 'data')
  const config = readConfig({ DATA_DIR: dataDir, PORT: '0', HOST: '127.0.0.1' })
  const order: string[] = []
  const laying = layGround(config, log, { begun: () => order.push('begun') })
  const ground = await laying.finally(() => order.push('laid'))
  t.same(order, ['begun', 'laid'])
  t.ok((await processesOf(dataDir)).length > 0)
  await ground.close()
  t.same(await processesOf(dataDir), [])
})

t.test('given up before the database is started, it leaves nothing', async (t) => {
  const dataDir = join(await freshDir(t), 'data')
  const config = readConfig({ DATA_DIR: dataDir, PORT: '0', HOST: '127.0.0.1' })
  await t.rejects(layGround(config, log, { signal: AbortSignal.abort() }), { name: 'AbortError' })
  t.same(await processesOf(dataDir), [])
})
