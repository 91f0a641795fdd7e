import { type AddressInfo, createServer } from 'node:net'
import t from 'tap'
import { assertPortsFree } from '../../../scripts/cluster/ports.ts'
import { INTERNAL_OFFSET } from '../../../scripts/cluster/settings.ts'

t.test('a port that is taken is named, whichever of a node it is', async (t) => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  await t.rejects(assertPortsFree(port, 1), new RegExp(`Port ${port} is taken`))
  await t.rejects(assertPortsFree(port - INTERNAL_OFFSET, 1), new RegExp(`Port ${port} is taken`))
})
