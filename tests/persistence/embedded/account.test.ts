import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { type Account, canEnter, canUse, serverAccount } from '../../../src/persistence/embedded/account.ts'

const root = process.getuid?.() === 0
const stranger: Account = { name: 'stranger', uid: 54_321, gid: 54_321 }
const passwd = (text: string) => join(t.testdir({ passwd: text }), 'passwd')

t.test('not being root, the server runs as we do', { skip: root }, async (t) => {
  t.equal(serverAccount(), null)
})

t.test('as root it runs as postgres, else as nobody, never as root', { skip: !root }, async (t) => {
  const nobody = 'nobody:x:65534:65534:nobody:/:/sbin/nologin\n'
  t.match(serverAccount(passwd(`root:x:0:0::/:/bin/sh\n${nobody}postgres:x:101:104::/:/bin/sh\n`)), {
    name: 'postgres',
    uid: 101,
    gid: 104,
  })
  t.match(serverAccount(passwd(nobody)), { name: 'nobody', uid: 65_534 })
  t.match(serverAccount(passwd(`postgres:x:0:0::/:/bin/sh\n${nobody}`)), { name: 'nobody' })
  t.throws(() => serverAccount(passwd('root:x:0:0::/:/bin/sh\n')), { message: /set DATABASE_URL/ })
})

t.test('one closed directory on the way is enough to keep an account out', async (t) => {
  const top = mkdtempSync(join(tmpdir(), 'whatsapp-erp-test-account-'))
  t.teardown(() => rmSync(top, { recursive: true, force: true }))
  chmodSync(top, 0o755)
  const deep = join(top, 'a', 'b')
  mkdirSync(deep, { recursive: true, mode: 0o755 })
  t.ok(canEnter(deep, stranger))
  t.ok(canEnter(join(deep, 'not', 'yet'), stranger))
  t.ok(canUse(deep, stranger))
  t.notOk(canUse(join(deep, 'not'), stranger))
  chmodSync(join(top, 'a'), 0o700)
  t.notOk(canEnter(deep, stranger))
  t.notOk(canUse(deep, stranger))
  t.ok(canEnter(deep, null), 'we ourselves are asked by the system')
  chmodSync(join(top, 'a'), 0o710)
  const { gid, uid } = { gid: process.getgid?.() ?? 0, uid: 54_321 }
  t.ok(canEnter(deep, { name: 'member', uid, gid }))
  chmodSync(join(top, 'a'), 0o701)
  t.notOk(canEnter(deep, { name: 'member', uid, gid }), "a group's own bits count, not everybody's")
})
