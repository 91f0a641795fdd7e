import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { BadSecret, loadSecrets } from '../../src/persistence/secrets.ts'

t.test('missing secrets are made once and kept where only the owner reads', async (t) => {
  const dataDir = join(t.testdir(), 'data')
  const first = loadSecrets({ dataDir })
  t.same(first.made, ['JWT_SECRET', 'AUTH_ENCRYPTION_KEY'])
  t.equal(first.authEncryptionKey.length, 32)
  t.ok(first.jwtSecret.length >= 32)
  t.not(Buffer.from(first.authEncryptionKey).toString('hex'), first.jwtSecret)
  for (const name of readdirSync(dataDir)) t.equal(statSync(join(dataDir, name)).mode & 0o777, 0o600, name)
  t.same(loadSecrets({ dataDir }), { ...first, made: [] })
})

t.test('secrets that are given are used and not written down', async (t) => {
  const dataDir = t.testdir()
  const hex = 'ab'.repeat(32)
  const given = loadSecrets({ dataDir, jwtSecret: 'given', authEncryptionKey: hex })
  t.equal(given.jwtSecret, 'given')
  t.equal(Buffer.from(given.authEncryptionKey).toString('hex'), hex)
  t.same(given.made, [])
  t.same(readdirSync(dataDir), [])
})

t.test('a key may be base64', async (t) => {
  const key = Buffer.alloc(32, 200)
  const { authEncryptionKey } = loadSecrets({
    dataDir: t.testdir(),
    jwtSecret: 'x',
    authEncryptionKey: key.toString('base64'),
  })
  t.ok(key.equals(authEncryptionKey))
})

t.test('a key that is not 32 bytes is refused without being shown', async (t) => {
  const dataDir = t.testdir()
  for (const bad of ['hunter2', 'ab'.repeat(31), 'not base64 at all!', Buffer.alloc(31).toString('base64')]) {
    const error = t.throws(() => loadSecrets({ dataDir, jwtSecret: 'x', authEncryptionKey: bad }), BadSecret)
    t.notOk(String(error).includes(bad))
    t.match(String(error), /32 bytes/)
  }
})

t.test('a damaged file is an error, never replaced', async (t) => {
  const dataDir = t.testdir()
  loadSecrets({ dataDir })
  for (const [text, sentence] of [
    ['', /is empty/],
    ['short', /not a key of 32 bytes/],
  ] as const) {
    writeFileSync(join(dataDir, 'auth-encryption-key'), text)
    t.throws(() => loadSecrets({ dataDir }), { name: 'BadSecret', message: sentence })
    t.equal(readFileSync(join(dataDir, 'auth-encryption-key'), 'utf8'), text)
  }
})
