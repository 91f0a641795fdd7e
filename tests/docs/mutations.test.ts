import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { MUTATIONS } from '../../scripts/mutations/list.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(ROOT, 'docs/when-things-go-wrong.md'), 'utf8')

t.test(
  'every promise names a line that is there once and a test that exists, and stands in the page for bad days',
  async (t) => {
    for (const { promise, file, find, test } of MUTATIONS) {
      t.equal(readFileSync(join(ROOT, file), 'utf8').split(find).length - 1, 1, `${promise}: ${find}`)
      t.ok(existsSync(join(ROOT, test)), test)
      t.match(page, `| ${promise} | \`${file}\` | \`${test}\` |`)
    }
  },
)

t.test('each promise stands once in the list, and the page promises nothing else', async (t) => {
  const promises = MUTATIONS.map(({ promise }) => promise)
  t.same(
    promises.filter((promise, at) => promises.indexOf(promise) !== at),
    [],
  )
  const table = page.slice(page.indexOf('| promise | kept in | the test |'))
  const rows = [...table.matchAll(/^\| (.+) \| `src\/\S+` \| `tests\/\S+` \|$/gm)].map((row) => row[1])
  t.same(rows.toSorted(), promises.toSorted())
})
