import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { SEND_PROBLEMS } from '../../src/actors/outbox/outbox.actor.ts'
import { SESSION_REFUSALS } from '../../src/actors/session/protocol.ts'
import { DISCONNECTS, disconnectFor } from '../../src/domain/session/disconnect.ts'
import { PROBLEMS, type ProblemCode } from '../../src/http/problems.ts'
import { OPTED_OUT } from '../../src/persistence/customers.ts'
import { REACH_OUT_LIMIT } from '../../src/persistence/holds.ts'
import { TOO_LATE } from '../../src/persistence/too-late.ts'

const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(PROBLEMS, code)
const ROOT = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8')
const [answers = '', rest = ''] = page.split('## What can happen to a connection')
const [connections = '', messages = ''] = rest.split('## What can happen to a message')

const rowsOf = (part: string) =>
  [...part.matchAll(/^\| `([a-z-]+)` \|(.*)\|$/gm)].map(([, code = '', rest = '']) => ({
    code,
    cells: rest.split('|').map((cell) => cell.trim()),
  }))

const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(join(ROOT, 'src', name), 'utf8') }))

t.test('every code of the table has one row with its status, and every row a code', async (t) => {
  const rows = rowsOf(answers)
  t.same(rows.map(({ code }) => code).sort(), Object.keys(PROBLEMS).sort())
  for (const { code, cells } of rows) {
    if (!isProblemCode(code)) continue
    t.equal(cells[0], String(PROBLEMS[code].status), `status of ${code}`)
    t.ok(cells.length === 3 && cells.every((cell) => cell !== ''), `${code} says what happened and what to do`)
  }
})

t.test('every refusal in the source has a status', async (t) => {
  const found = sources.flatMap(({ name, text }) =>
    [...text.matchAll(/\brefuse\(\s*'([a-z-]+)'/g)].map(([, code = '']) => ({ name, code })),
  )
  t.ok(found.length > 30, 'the search finds them')
  t.same(
    found.filter(({ code }) => !isProblemCode(code)),
    [],
  )
  for (const code of SESSION_REFUSALS) t.ok(isProblemCode(code), code)
})

t.test('no code is left over', async (t) => {
  const elsewhere = sources.filter(({ name }) => name !== join('http', 'problems.ts')).map(({ text }) => text)
  const unused = Object.keys(PROBLEMS).filter((code) => !elsewhere.some((text) => text.includes(`'${code}'`)))
  t.same(unused, [])
})

t.test('every way in which a connection ends has a row, and every row a way', async (t) => {
  const codes = new Set([...Object.values(DISCONNECTS), disconnectFor(0)].map(({ code }) => code))
  t.same(
    rowsOf(connections)
      .map(({ code }) => code)
      .sort(),
    [...codes].sort(),
  )
})

t.test('every reason why a message was not sent has a row, and every row a reason', async (t) => {
  const codes = [...SEND_PROBLEMS, REACH_OUT_LIMIT, OPTED_OUT, TOO_LATE]
  t.same(
    rowsOf(messages)
      .map(({ code }) => code)
      .sort(),
    [...codes].sort(),
  )
})
