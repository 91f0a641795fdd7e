import { chmodSync, existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Account } from '../../../src/persistence/embedded/account.ts'
import { findBinaries } from '../../../src/persistence/embedded/binaries.ts'

/** Nobody in particular: owns nothing here. */
const stranger: Account = { name: 'stranger', uid: 54_321, gid: 54_321 }

const setUp = () => {
  const root = mkdtempSync(join(tmpdir(), 'whatsapp-erp-test-binaries-'))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  chmodSync(root, 0o755)
  const links = [{ source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so.1' }]
  const at = t.testdir({
    native: {
      bin: { postgres: 'the server', initdb: 'the maker' },
      lib: { 'libx.so.1.2': 'the library' },
      share: { 'postgres.bki': 'x' },
      'pg-symlinks.json': JSON.stringify(links),
    },
  })
  return { root, source: at, spare: join(root, 'spare') }
}

t.test('links that the package could not bring are made', async (t) => {
  const { source, spare } = setUp()
  const found = await findBinaries(null, spare, source)
  t.equal(found, join(source, 'native'))
  t.ok(lstatSync(join(found, 'lib', 'libx.so.1')).isSymbolicLink())
  t.equal(readFileSync(join(found, 'lib', 'libx.so.1'), 'utf8'), 'the library')
  t.notOk(existsSync(spare))
  t.equal(await findBinaries(null, spare, source), found, 'and a second time nothing is to be done')
})

t.test('programs the account cannot reach are copied, whole and open, once', async (t) => {
  const { source, spare } = setUp()
  chmodSync(source, 0o700)
  const found = await findBinaries(stranger, spare, source)
  t.ok(found.startsWith(spare))
  t.equal(readFileSync(join(found, 'lib', 'libx.so.1'), 'utf8'), 'the library')
  for (const part of ['.', 'bin', 'bin/postgres', 'lib']) t.equal(statSync(join(found, part)).mode & 0o555, 0o555, part)
  const made = statSync(found).ino
  t.equal(await findBinaries(stranger, spare, source), found)
  t.equal(statSync(found).ino, made)
})

t.test('several starts at once make one copy', async (t) => {
  const { source, spare } = setUp()
  chmodSync(source, 0o700)
  const found = await Promise.all([1, 2, 3].map(() => findBinaries(stranger, spare, source)))
  t.equal(new Set(found).size, 1)
  t.equal(readFileSync(join(found[0] ?? '', 'bin', 'postgres'), 'utf8'), 'the server')
})
