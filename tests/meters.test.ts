import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { metricsPage } from '../scripts/metrics-page.ts'
import { codeLabel, fenceCause, METERS } from '../src/meters.ts'

const ROOT = resolve(import.meta.dirname, '..')
const rows = Object.entries(METERS)

t.test('names follow the conventions: words, base units, _total for what only grows', async (t) => {
  for (const [, { kind, name, help }] of rows) {
    t.match(name, /^[a-z]+(_[a-z]+)*$/, name)
    t.equal(name.endsWith('_total'), kind === 'counter', `${name} is a ${kind}`)
    if (kind === 'histogram') t.match(name, /_seconds$/, name)
    t.notMatch(name, /_(ms|milliseconds|minutes|kb|mb)(_|$)/, name)
    t.match(help, /^[A-Z0-9].*\.$/s, `${name} says what it means`)
  }
  t.equal(new Set(rows.map(([, { name }]) => name)).size, rows.length)
})

t.test('docs/metrics.md lists every metric with its meaning', async (t) => {
  const page = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8')
  t.equal(page, metricsPage(), 'run: node scripts/metrics-page.ts')
  for (const [, { name }] of rows) t.ok(page.includes(`\`whatsapp_erp_${name}\``), name)
})

t.test('every metric is counted somewhere', async (t) => {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && name !== 'meters.ts')
    .map((name) => readFileSync(join(ROOT, 'src', name), 'utf8'))
  for (const [key] of rows)
    t.ok(
      sources.some((text) => text.includes(`'${key}'`)),
      key,
    )
})

t.test('a code nobody knows and a refused access have a label of the list', async (t) => {
  t.equal(codeLabel(428), '428')
  t.equal(codeLabel(515), '515')
  t.equal(codeLabel(12_345), 'other')
  t.equal(fenceCause('guard-in'), 'guard-in')
  t.equal(fenceCause('told-dead'), 'told-dead')
  t.equal(fenceCause('a read was refused'), 'write')
})
