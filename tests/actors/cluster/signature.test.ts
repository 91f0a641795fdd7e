import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { type Arrived, hashOf, hmac, type Signed, sign, verify } from '../../../src/actors/cluster/signature.ts'

const SECRET = 's'.repeat(32)
const SKEW = 30_000
const request: Signed = {
  method: 'POST',
  path: '/internal/ask?x=1',
  to: '01900000-0000-7000-8000-00000000000a',
  time: 1_700_000_000_000,
  sender: 'abcdefghijklmnop',
  count: 4,
  bodyHash: hashOf('{}'),
  leftMs: 1_000,
  epoch: 7n,
  planned: false,
}
const arrived = (signed: Signed) => ({ method: signed.method, path: signed.path, header: sign(SECRET, signed) })
const fault = (given: Arrived, now = request.time, secret = SECRET) => {
  const found = verify(secret, given, now, SKEW)
  return found.ok ? null : found.fault
}
/** The request with one field of its line changed after signing. */
const withField = (index: number, text: string): Arrived => {
  const fields = sign(SECRET, request).split(' ')
  fields[index] = text
  return { ...arrived(request), header: fields.join(' ') }
}

t.test('what is signed is believed as it was said, within the skew of clocks', async (t) => {
  const bare: Signed = { ...request, bodyHash: null, leftMs: null, epoch: 0n, planned: true }
  for (const signed of [request, bare, { ...bare, planned: false }])
    t.same(verify(SECRET, arrived(signed), request.time, SKEW), { ok: true, signed })
  t.equal(fault(arrived(request), request.time + SKEW), null)
  t.equal(fault(arrived(request), request.time - SKEW), null)
  t.equal(fault(arrived(request), request.time + SKEW + 1), 'clock')
  t.equal(fault(arrived(request), request.time - SKEW - 1), 'clock')
})

t.test('whatever is changed afterwards is noticed', async (t) => {
  const good = arrived(request)
  t.equal(fault(good, request.time, 'another secret, as long as the first'), 'forged')
  t.equal(fault({ ...good, method: 'GET' }), 'forged')
  t.equal(fault({ ...good, path: '/internal/ask' }), 'forged')
  const others = [
    '1',
    'another-node',
    String(request.time + 1),
    'zzzzzzzzzzzzzzzz',
    '5',
    hashOf('{"a":1}'),
    '9999',
    '8',
  ]
  for (const [index, other] of others.entries())
    if (index > 0) t.equal(fault(withField(index, other)), 'forged', `field ${index}`)
  t.equal(fault(withField(7, 'p7')), 'forged', '"planned for you" added')
  t.equal(fault(withField(6, '-')), 'forged', 'the deadline taken away')
  t.equal(fault(withField(8, 'A'.repeat(43))), 'forged')
})

t.test('what is not a whole line of the version that is known counts as nothing', async (t) => {
  t.equal(fault(withField(0, '2')), 'missing')
  t.equal(fault(withField(3, 'short')), 'missing')
  t.equal(fault(withField(4, '0')), 'missing', 'requests are counted from 1')
  for (const index of Array.from({ length: 9 }).keys())
    t.equal(fault(withField(index, '')), 'missing', `field ${index}`)
  for (const header of [undefined, '', ['a', 'b'], `${sign(SECRET, request)} more`])
    t.equal(fault({ ...arrived(request), header }), 'missing')
})

t.test('no two requests share their signature: fields cannot be shifted into each other', async (t) => {
  const word = fc.stringMatching(/^[\w-]{1,4}$/)
  const two = fc.record({
    method: word,
    path: fc.string({ maxLength: 6 }),
    to: word,
    count: fc.integer({ min: 1, max: 99 }),
    leftMs: fc.option(fc.integer({ min: 0, max: 99 })),
    epoch: fc.bigInt({ min: 0n, max: 99n }),
    planned: fc.boolean(),
  })
  const same = (a: object, b: object) => Object.entries(a).every(([name, value]) => b[name as never] === value)
  fc.assert(
    fc.property(two, two, (one, other) => {
      const mac = (more: typeof one) =>
        sign(SECRET, { ...request, ...more })
          .split(' ')
          .at(-1)
      return (mac(one) === mac(other)) === same(one, other)
    }),
  )
  t.pass()
})

t.test('it is HMAC-SHA-256 as everybody computes it, for short and long secrets and texts', async (t) => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 200 }),
      fc.string({ maxLength: 3_000, unit: 'grapheme' }),
      (secret, text) => {
        return hmac(secret, text) === createHmac('sha256', secret).update(text).digest('base64url')
      },
    ),
  )
  // RFC 4231, test case 2.
  const known = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'
  t.equal(Buffer.from(hmac('Jefe', 'what do ya want for nothing?'), 'base64url').toString('hex'), known)
})
