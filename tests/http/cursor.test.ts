import t from 'tap'
import { makeCursors } from '../../src/http/cursor.ts'

const cursors = makeCursors('a secret')
const position = { key: 'Ünï code, "quoted"', id: '01890000-0000-7000-8000-000000000001' }

t.test('what was encoded is decoded, for the same list', async (t) => {
  const text = cursors.encode('products:name', position)
  t.match(text, /^[\w-]+\.[\w-]+$/)
  t.same(cursors.decode('products:name', text), { ok: true, value: position })
})

t.test('anything else is refused', async (t) => {
  const text = cursors.encode('products:name', position)
  const [payload = '', mac = ''] = text.split('.')
  const forged = Buffer.from(JSON.stringify(["' or 1=1 --", position.id])).toString('base64url')
  const cases = [
    '',
    '.',
    'x',
    payload,
    `${payload}.`,
    `${forged}.${mac}`,
    `${payload}.${mac.slice(1)}`,
    `${payload}.${'A'.repeat(22)}`,
  ]
  for (const bad of cases)
    t.match(cursors.decode('products:name', bad), { ok: false, refusal: { code: 'invalid-cursor' } }, bad)
  t.equal(cursors.decode('products:price', text).ok, false, 'of another order')
  t.equal(makeCursors('another secret').decode('products:name', text).ok, false)
})
