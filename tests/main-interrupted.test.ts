import { join } from 'node:path'
import t from 'tap'
import { freePort, freshDir, launch, processesOf } from './support/program.ts'

t.test('a start that is interrupted leaves no process behind, at whatever moment', async (t) => {
  const home = await freshDir(t)
  for (const [n, afterMs] of [250, 700, 1_200, 1_900, 2_600].entries()) {
    const dataDir = join(home, `data-${n}`)
    const node = launch(t, { DATA_DIR: dataDir, PORT: String(await freePort()) })
    await new Promise((done) => setTimeout(done, afterMs))
    node.child.kill('SIGTERM')
    await node.ended
    t.same(await processesOf(dataDir), [], `after ${afterMs} ms`)
  }
})
