import t from 'tap'
import { INTERNAL_OFFSET } from '../../scripts/cluster/settings.ts'
import { freePort } from '../support/program.ts'
import { script } from '../support/script.ts'
import { until } from '../support/until.ts'

const UP_WITHIN_MS = 90_000

t.test('a cluster comes up, starts a node again that dies, and Ctrl-C leaves nothing of it', async (t) => {
  const port = await freePort()
  // Without Redis: how that one is found and used is tested where it is.
  const args = ['scripts/cluster.ts', '--nodes', '2', '--demo', '--no-redis', '--port', String(port)]
  const run = await script(t, args)
  const said = (pattern: RegExp) =>
    until(
      String(pattern),
      async () => {
        const over = await Promise.race([run.ended, null])
        if (over !== null) throw new Error(`it ended (${over.join()}): ${run.out()}${run.errors()}`)
        return pattern.exec(run.out())
      },
      UP_WITHIN_MS,
    )

  await said(/Ctrl-C ends all of it in order/)
  const token = (await said(/TOKEN=(\S+)/))[1]
  const state = async (at: number) => {
    const answer = await fetch(`http://127.0.0.1:${at}/api/whatsapp/status`, {
      headers: { authorization: `Bearer ${token}` },
    }).catch(() => null)
    return answer?.ok === true ? ((await answer.json()) as { state: string }).state : null
  }
  for (const at of [port, port + 1]) t.equal(await state(at), 'open', 'any node answers')

  const pid = Number((await said(/kill -9 (\d+) {3}# node-1/))[1])
  process.kill(pid, 'SIGKILL')
  await said(new RegExp(`node-1 \\(pid ${pid}\\) was ended by SIGKILL; it is started again`))
  await said(/node-1 is up again after/)
  await until('the session is open again', async () => (await state(port + 1)) === 'open', UP_WITHIN_MS)

  process.kill(run.pid, 'SIGINT')
  t.same(await run.ended, [0, null])
  t.match(run.out(), /node-2 ends …\nnode-1 ends …\nEverything is ended\./)
  t.same(run.errors(), '')
  t.same(run.left(), { files: [], processes: [] })
})

t.test('a port that is taken is said before anything is started', async (t) => {
  const port = await freePort()
  const { createServer } = await import('node:net')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(port + INTERNAL_OFFSET, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const run = await script(t, ['scripts/cluster.ts', '--demo', '--port', String(port)])
  t.same(await run.ended, [1, null])
  t.match(run.errors(), new RegExp(`^Port ${port + INTERNAL_OFFSET} is taken by another program`))
  t.same(run.left(), { files: [], processes: [] })
})
