import t from 'tap'
import { hasSocket, socketDirectory } from '../../../src/persistence/embedded/socket.ts'

t.test('the socket file stands beside the data, if its path is short enough and can be written down', async (t) => {
  t.equal(socketDirectory({ data: '/srv/erp/postgres-18' }, 'linux'), '/srv/erp/postgres-18')
  t.equal(socketDirectory({ data: `/${'x'.repeat(87)}` }, 'linux'), `/${'x'.repeat(87)}`)
  t.equal(socketDirectory({ data: `/${'x'.repeat(88)}` }, 'linux'), null)
  t.equal(socketDirectory({ data: `/${'ü'.repeat(44)}` }, 'linux'), null)
  t.equal(socketDirectory({ data: '/a "quoted" place' }, 'linux'), null)
  t.equal(socketDirectory({ data: '/srv/erp/postgres-18' }, 'win32'), null)
})

t.test('a server without a socket file is asked over its port', async (t) => {
  t.notOk(hasSocket(t.testdir(), 20_000))
  t.ok(hasSocket(t.testdir({ '.s.PGSQL.20000': '' }), 20_000))
})
