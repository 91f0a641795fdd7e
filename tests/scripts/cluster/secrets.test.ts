import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { sharedSecrets } from '../../../scripts/cluster/secrets.ts'

t.test('secrets are made once, for their owner alone', async (t) => {
  const directory = t.testdir({})
  const made = sharedSecrets(directory)
  const path = join(directory, 'cluster-secrets.json')
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.equal(new Set(Object.values(made)).size, 3)
  t.same(sharedSecrets(directory), made)
})

t.test('a file that holds something else is never replaced', async (t) => {
  const directory = t.testdir({})
  const path = join(directory, 'cluster-secrets.json')
  writeFileSync(path, '{}')
  t.throws(() => sharedSecrets(directory), /bring it back/)
  t.equal(readFileSync(path, 'utf8'), '{}')
})
