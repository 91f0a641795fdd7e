import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'

const ROOT = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(ROOT, 'docs/baileys.md'), 'utf8')
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(1)
  .map((line) => line.split(' | '))

t.test('every workaround names files that exist, a test that exists, and when to delete it', async (t) => {
  t.ok(rows.length > 15)
  for (const [what = '', where = '', test = '', until = ''] of rows) {
    for (const [, file = ''] of where.matchAll(/`([a-z-]+\.ts)`/g))
      t.ok(existsSync(join(ROOT, 'src/actors/whatsapp', file)), `${what}: ${file}`)
    t.ok(until.replace('|', '').trim(), `${what}: when`)
    if (test === 'none') continue
    const [, file = '', title = ''] = /^`([a-z-]+\.test\.ts)`: (.+)$/.exec(test) ?? []
    t.match(readFileSync(join(ROOT, 'tests/actors/whatsapp', file), 'utf8'), `'${title}'`, `${what}: ${title}`)
  }
})
