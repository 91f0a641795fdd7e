import { randomBytes } from 'node:crypto'
import t from 'tap'
import { makeSealer, SealBroken } from '../../src/persistence/sealer.ts'

const key = randomBytes(32)
const sealer = makeSealer(key)

t.test('what is sealed opens again, empty and large', async (t) => {
  for (const plain of [Buffer.alloc(0), Buffer.from('hello'), randomBytes(100_000)]) {
    t.ok(sealer.open(sealer.seal(plain, 'here'), 'here').equals(plain))
  }
  const bytes = new Uint8Array([1, 2, 3])
  t.same([...makeSealer(key).open(new Uint8Array(sealer.seal(bytes, 'here')), 'here')], [1, 2, 3], 'after a restart')
})

t.test('the same text is never sealed to the same bytes, and is not in them', async (t) => {
  const [a, b] = [sealer.seal(Buffer.from('hello'), 'here'), sealer.seal(Buffer.from('hello'), 'here')]
  t.notOk(a.equals(b))
  t.notOk(a.includes('hello'))
})

t.test('no two are sealed under one nonce', async (t) => {
  const NONCE = { from: 1, to: 13 }
  const others = makeSealer(key)
  const seals = Array.from({ length: 3_000 }, (_, n) => (n % 2 ? sealer : others).seal(Buffer.alloc(1), 'here'))
  const nonces = new Set(seals.map((sealed) => sealed.subarray(NONCE.from, NONCE.to).toString('hex')))
  t.equal(nonces.size, seals.length)
})

t.test('another key, another place, a changed byte, a cut: each is refused', async (t) => {
  const sealed = sealer.seal(Buffer.from('hello'), 'here')
  t.throws(() => makeSealer(randomBytes(32)).open(sealed, 'here'), SealBroken)
  t.throws(() => sealer.open(sealed, 'there'), SealBroken)
  for (let n = 0; n < sealed.length; n += 1) {
    const changed = Buffer.from(sealed)
    changed[n] = (changed[n] ?? 0) ^ 1
    t.throws(() => sealer.open(changed, 'here'), SealBroken, `byte ${n}`)
  }
  for (const length of [0, 1, 28, sealed.length - 1]) {
    t.throws(() => sealer.open(sealed.subarray(0, length), 'here'), SealBroken, `${length} bytes`)
  }
})

t.test('a hash is the same for the same text and key only', async (t) => {
  t.ok(sealer.mac('a').equals(makeSealer(key).mac('a')))
  t.equal(sealer.mac('a').length, 32)
  t.notOk(sealer.mac('a').equals(sealer.mac('b')))
  t.notOk(sealer.mac('a').equals(makeSealer(randomBytes(32)).mac('a')))
})

t.test('the fingerprint tells keys apart and is not the key', async (t) => {
  t.equal(makeSealer(key).fingerprint, sealer.fingerprint)
  t.not(makeSealer(randomBytes(32)).fingerprint, sealer.fingerprint)
  t.notOk(key.toString('hex').includes(sealer.fingerprint))
})

t.test('a key of another length is a bug', async (t) => {
  t.throws(() => makeSealer(randomBytes(16)), { message: /16 bytes/ })
})
