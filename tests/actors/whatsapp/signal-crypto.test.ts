import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { Curve as BaileysCurve } from '@whiskeysockets/baileys'
import t from 'tap'
import {
  calculateAgreement,
  calculateMAC,
  decrypt,
  deriveSecrets,
  encrypt,
  generateKeyPair,
  useKeyObjects,
  verifyMAC,
} from '../../../src/actors/whatsapp/signal-crypto.ts'

const ours = { encrypt, decrypt, calculateMAC, verifyMAC, deriveSecrets, generateKeyPair, calculateAgreement }

type Primitives = Pick<typeof ours, 'encrypt' | 'decrypt' | 'calculateMAC' | 'verifyMAC' | 'deriveSecrets'>
type Curve = Pick<typeof ours, 'generateKeyPair' | 'calculateAgreement'>

const require = createRequire(import.meta.url)
const crypto = require('libsignal/src/crypto.js') as Primitives
const curve = require('libsignal/src/curve.js') as Curve
/** libsignal's own, before anything is replaced. */
const theirs = { ...crypto, ...curve }

const ROUNDS = 40

t.test('every primitive agrees with that of libsignal, to the byte', async (t) => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const [key, salt, iv, data] = [randomBytes(32), randomBytes(32), randomBytes(16), randomBytes(round * 7)]
    t.same(ours.calculateMAC(key, data), theirs.calculateMAC(key, data), 'MAC')
    const sealed = theirs.encrypt(key, data, iv)
    t.same(ours.encrypt(key, data, iv), sealed, 'encrypted')
    t.same(ours.decrypt(key, sealed, iv), data, 'decrypted')
    const input = randomBytes(32 * (1 + (round % 5)))
    for (const chunks of [undefined, 1, 2, 3]) {
      const info = Buffer.from(['WhisperText', 'WhisperRatchet', 'WhisperMessageKeys', ''][round % 4] ?? '')
      t.same(ours.deriveSecrets(input, salt, info, chunks), theirs.deriveSecrets(input, salt, info, chunks), 'derived')
    }
    const [mine, other] = [ours.generateKeyPair(), theirs.generateKeyPair()]
    t.match(mine, { pubKey: { length: 33, 0: 5 }, privKey: { length: 32 } })
    const agreed = theirs.calculateAgreement(other.pubKey, mine.privKey)
    t.same(ours.calculateAgreement(other.pubKey, mine.privKey), agreed, 'with the pair as it was made')
    t.same(ours.calculateAgreement(Buffer.from(other.pubKey), Buffer.from(mine.privKey)), agreed, 'as bytes')
    t.same(theirs.calculateAgreement(mine.pubKey, other.privKey), agreed, 'from the other side')
  }
})

t.test('what libsignal refuses is refused', async (t) => {
  const [key, data] = [randomBytes(32), randomBytes(50)]
  const mac = ours.calculateMAC(key, data).subarray(0, 8)
  ours.verifyMAC(data, key, mac, 8)
  for (const { verifyMAC } of [ours, theirs]) {
    const broken = Buffer.from(mac)
    broken[7] = (broken[7] ?? 0) ^ 1
    t.throws(() => verifyMAC(data, key, broken, 8), /^Bad MAC$/)
    t.throws(() => verifyMAC(data, key, mac.subarray(1), 8), /Bad MAC length/)
    t.throws(() => verifyMAC(data, randomBytes(32), mac, 8), /Bad MAC/)
  }
  const iv = randomBytes(16)
  const sealed = ours.encrypt(key, data, iv)
  for (const { decrypt } of [ours, theirs]) t.throws(() => decrypt(key, sealed.subarray(0, 40), iv))
  for (const { deriveSecrets } of [ours, theirs]) {
    t.throws(() => deriveSecrets(data, Buffer.alloc(31), data), /salt of incorrect length/)
    t.throws(() => deriveSecrets(data, Buffer.alloc(32), data, 4))
  }
  const pair = ours.generateKeyPair()
  for (const { calculateAgreement } of [ours, theirs]) {
    t.throws(() => calculateAgreement(pair.pubKey, Buffer.alloc(31)), /private key length/)
    t.throws(() => calculateAgreement(Buffer.alloc(34, 5), pair.privKey), /Invalid public key/)
    t.throws(() => calculateAgreement(Buffer.alloc(33, 6), pair.privKey), /Invalid public key/)
  }
})

t.test('callers in libsignal and in Baileys get ours, once asked for', async (t) => {
  t.not(crypto.calculateMAC, ours.calculateMAC)
  const [mine, other] = [BaileysCurve.generateKeyPair(), BaileysCurve.generateKeyPair()]
  const agreed = BaileysCurve.sharedKey(mine.private, other.public)
  useKeyObjects()
  const made = BaileysCurve.generateKeyPair()
  t.match(made, { public: { length: 32 }, private: { length: 32 } })
  t.same(BaileysCurve.sharedKey(mine.private, other.public), agreed)
  t.same(BaileysCurve.sharedKey(made.private, other.public), BaileysCurve.sharedKey(other.private, made.public))
  const typed = Buffer.concat([Buffer.from([5]), made.public])
  t.same(
    BaileysCurve.sharedKey(other.private, made.public),
    theirs.calculateAgreement(typed, Buffer.from(other.private)),
  )
  useKeyObjects()
  for (const name of ['encrypt', 'decrypt', 'calculateMAC', 'verifyMAC', 'deriveSecrets'] as const)
    t.equal(crypto[name], ours[name], name)
  for (const name of ['generateKeyPair', 'calculateAgreement'] as const) t.equal(curve[name], ours[name], name)
})
