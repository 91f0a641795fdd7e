import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import t from 'tap'
import { NoAnswer, within } from '../../../src/actors/cluster/within.ts'

const never = new Promise<never>(() => {})

t.test('an answer in time is the answer, a failure the failure', async (t) => {
  t.equal(await within(1_000, 'it', Promise.resolve(7)), 7)
  await t.rejects(within(1_000, 'it', Promise.reject(new Error('broken'))), { message: 'broken' })
})

t.test('none in time is said with who and how long', async (t) => {
  await t.rejects(within(5, 'Redis', never), { name: 'NoAnswer', message: 'Redis did not answer within 5 ms' })
  await t.rejects(within(5, 'Redis', never), NoAnswer)
})

t.test('an answer that came while this process was busy counts', async (t) => {
  const server = createServer((socket) => {
    socket.on('data', () => {
      socket.write('pong')
      server.emit('answered')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  t.teardown(() => {
    socket.destroy()
    server.close()
  })
  socket.write('ping')
  const answer = within(20, 'it', once(socket, 'data'))
  // The peer answers in this turn of the loop, and then everything stands still until the time is long over.
  const till = () => performance.now() + 60
  server.once('answered', () => {
    for (const end = till(); performance.now() < end; );
  })
  t.ok(await answer)
})
