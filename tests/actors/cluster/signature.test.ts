import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { hashOf, hmac, type Signed, sign, verify } from '../../../src/actors/cluster/signature.ts'

const SECRET = 's'.repeat(32)
const SKEW = 30_000
const request: Signed = {
  method: 'POST',
  path: '/internal/ask?x=1',
  to: '01900000-0000-7000-8000-00000000000a',
  time: 1_700_000_000_000,
  nonce: 'abcdefghijklmnop',
  bodyHash: hashOf('{}'),
  headers: { 'x-proto': '1', 'x-deadline': '1000', 'x-epoch': '7' },
}
const arrived = (signed: Signed, more: Record<string, string> = {}) => ({
  method: signed.method,
  path: signed.path,
  headers: { ...signed.headers, ...sign(SECRET, signed), ...more },
})
const fault = (given: ReturnType<typeof arrived>, now = request.time, secret = SECRET) => {
  const found = verify(secret, given, now, SKEW)
  return found.ok ? null : found.fault
}

t.test('what is signed is believed, within the skew of clocks', async (t) => {
  const found = verify(SECRET, arrived(request), request.time, SKEW)
  t.match(found, { ok: true, signed: { to: request.to, nonce: request.nonce, bodyHash: request.bodyHash } })
  t.equal(fault(arrived(request), request.time + SKEW), null)
  t.equal(fault(arrived(request), request.time - SKEW), null)
  t.equal(fault(arrived(request), request.time + SKEW + 1), 'clock')
  t.equal(fault(arrived(request), request.time - SKEW - 1), 'clock')
})

t.test('whatever is changed afterwards is noticed', async (t) => {
  const good = arrived(request)
  const other = 'zzzzzzzzzzzzzzzz'
  t.equal(fault(good, request.time, 'another secret, as long as the first'), 'forged')
  t.equal(fault({ ...good, method: 'GET' }), 'forged')
  t.equal(fault({ ...good, path: '/internal/ask' }), 'forged')
  t.equal(fault(arrived(request, { 'x-node-to': other })), 'forged')
  t.equal(fault(arrived(request, { 'x-node-nonce': other })), 'forged')
  t.equal(fault(arrived(request, { 'x-node-time': String(request.time + 1) })), 'forged')
  t.equal(fault(arrived(request, { 'x-node-body': hashOf('{"a":1}') })), 'forged')
  for (const name of ['x-proto', 'x-deadline', 'x-epoch', 'x-planned'])
    t.equal(fault(arrived(request, { [name]: '9' })), 'forged', name)
  for (const name of Object.keys(sign(SECRET, request)))
    t.match(fault(arrived(request, { [name]: '' })), /^(missing|forged)$/, name)
})

t.test('no two requests share their bytes: fields cannot be shifted into each other', async (t) => {
  const part = fc.string({ maxLength: 6 })
  const two = fc.record({ method: part, path: part, to: part })
  fc.assert(
    fc.property(two, two, (one, other) => {
      const same = one.method === other.method && one.path === other.path && one.to === other.to
      const a = sign(SECRET, { ...request, ...one })['x-node-signature']
      const b = sign(SECRET, { ...request, ...other })['x-node-signature']
      return (a === b) === same
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
