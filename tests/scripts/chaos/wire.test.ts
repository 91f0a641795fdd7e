import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import t from 'tap'
import { watchWire } from '../../../scripts/chaos/wire.ts'
import { until } from '../../support/until.ts'

t.test(
  'what a process says is counted, also on a connection that the other side has closed; what it hears is not',
  async (t) => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.write('welcome')
      socket.once('data', () => socket.end('bye'))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => server.close())
    const wire = await watchWire(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/path?query`)
    t.teardown(() => wire.close())
    const { port, pathname, search } = new URL(wire.url)
    t.same([pathname, search], ['/path', '?query'])

    const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true })
    t.teardown(() => socket.destroy())
    await once(socket, 'data')
    t.equal(wire.saidSince(0), 0)
    socket.write('hello')
    await once(socket, 'end')
    t.equal(wire.saidSince(0), 1)
    const later = performance.now()
    socket.write('after the end')
    await until('it is counted', () => wire.saidSince(later) === 1)
  },
)
