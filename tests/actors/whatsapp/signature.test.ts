import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { Curve, proto, WA_CERT_DETAILS } from '@whiskeysockets/baileys'
import t from 'tap'
import { enforceSignatures, SignatureInvalid, trust, validSignature } from '../../../src/actors/whatsapp/signature.ts'
import { introduce, signalPeer } from '../../support/signal-peers.ts'

interface CurveJs {
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
}

// What libsignal verifies with, underneath.
const reference = createRequire(import.meta.url)('curve25519-js') as CurveJs

enforceSignatures()

t.test('agrees with libsignal on valid and on altered signatures', async (t) => {
  for (let round = 0; round < 60; round++) {
    const { public: key, private: secret } = Curve.generateKeyPair()
    const message = randomBytes(1 + round * 3)
    const signature = Buffer.from(Curve.sign(secret, message))
    const parts = { key: Buffer.from(key), message: Buffer.from(message), signature: Buffer.from(signature) }
    t.ok(validSignature(key, message, signature), 'valid')
    t.ok(validSignature(Buffer.concat([Buffer.from([5]), key]), message, signature), 'with the type byte')
    for (const part of ['key', 'message', 'signature'] as const) {
      const altered = { ...parts, [part]: Buffer.from(parts[part]) }
      const at = round % altered[part].length
      altered[part][at] = (altered[part][at] ?? 0) ^ (1 << (round % 7))
      const native = validSignature(altered.key, altered.message, altered.signature)
      const theirs = reference.verify(altered.key, altered.message, altered.signature)
      t.equal(native, theirs, `${part} altered`)
      t.equal(native, false)
    }
  }
})

t.test('what is no signature at all is not valid', async (t) => {
  const { public: key, private: secret } = Curve.generateKeyPair()
  const message = Buffer.from('message')
  const signature = Curve.sign(secret, message)
  t.notOk(validSignature(key, message, signature.subarray(0, 63)))
  t.notOk(validSignature(key.subarray(1), message, signature))
  t.notOk(validSignature(key, message, Buffer.alloc(64)))
  t.notOk(validSignature(Buffer.alloc(32, 0xff), message, signature))
  t.notOk(validSignature(Buffer.from([0xec, ...Buffer.alloc(30, 0xff), 0x7f]), message, signature), 'u = -1')
})

t.test('where Baileys ignores a broken signature, it is thrown', async (t) => {
  const { public: key, private: secret } = Curve.generateKeyPair()
  const account = Buffer.from([6, 0, 1, 2, 3])
  const signature = Curve.sign(secret, account)
  t.equal(Curve.verify(key, account, signature), true)
  t.throws(() => Curve.verify(key, Buffer.from([6, 0, 1, 2, 4]), signature), SignatureInvalid)
})

t.test('a certificate must be for the key of this handshake', async (t) => {
  const issuer = Curve.generateKeyPair()
  const server = Curve.generateKeyPair()
  const other = Curve.generateKeyPair()
  const certificate = (key?: Uint8Array) =>
    proto.CertChain.NoiseCertificate.Details.encode({ serial: 2, issuerSerial: 1, ...(key ? { key } : {}) }).finish()
  const verify = (details: Uint8Array) => Curve.verify(issuer.public, details, Curve.sign(issuer.private, details))
  Curve.sharedKey(Curve.generateKeyPair().private, server.public)
  t.equal(verify(certificate(server.public)), true)
  t.throws(() => verify(certificate(other.public)), SignatureInvalid, 'a chain copied from another server')
  t.throws(() => verify(certificate()), SignatureInvalid)
})

t.test('a certificate that was proven is proven as it was, to the byte, and by its own key', async (t) => {
  const [issuer, other] = [Curve.generateKeyPair(), Curve.generateKeyPair()]
  const server = Curve.generateKeyPair()
  const details = Buffer.from(
    proto.CertChain.NoiseCertificate.Details.encode({ serial: 2, issuerSerial: 1, key: server.public }).finish(),
  )
  const signature = Buffer.from(Curve.sign(issuer.private, details))
  Curve.sharedKey(Curve.generateKeyPair().private, server.public)
  for (const time of ['first', 'again']) t.equal(Curve.verify(issuer.public, details, signature), true, time)
  for (const bytes of [details, signature]) {
    bytes[3] = (bytes[3] ?? 0) ^ 1
    t.throws(() => Curve.verify(issuer.public, details, signature), SignatureInvalid)
    bytes[3] = (bytes[3] ?? 0) ^ 1
  }
  t.throws(() => Curve.verify(other.public, details, signature), SignatureInvalid)
  Curve.sharedKey(Curve.generateKeyPair().private, other.public)
  t.throws(() => Curve.verify(issuer.public, details, signature), SignatureInvalid, 'proven, and of another handshake')
})

t.test('an intermediate is checked against the trust root, which is WhatsApp unless told otherwise', async (t) => {
  const whatsapp = WA_CERT_DETAILS.PUBLIC_KEY
  const root = Curve.generateKeyPair()
  const details = proto.CertChain.NoiseCertificate.Details.encode({ serial: 1, issuerSerial: 0 }).finish()
  const signature = Curve.sign(root.private, details)
  t.throws(() => Curve.verify(WA_CERT_DETAILS.PUBLIC_KEY, details, signature), SignatureInvalid)
  trust(root.public)
  t.equal(Curve.verify(WA_CERT_DETAILS.PUBLIC_KEY, details, signature), true)
  trust(undefined)
  t.equal(WA_CERT_DETAILS.PUBLIC_KEY, whatsapp)
  t.throws(() => trust(Buffer.alloc(31)), /32 bytes/)
})

t.test('a key bundle whose signed pre-key is not signed by its identity makes no session', async (t) => {
  const shop = signalPeer('15550001000@s.whatsapp.net')
  const ann = signalPeer('15550002000@s.whatsapp.net')
  const forger = signalPeer('15550003000@s.whatsapp.net')
  const forged = { ...ann, creds: { ...ann.creds, signedPreKey: forger.creds.signedPreKey } }
  await t.rejects(introduce(shop, forged), SignatureInvalid)
  t.same(shop.cuts, [], 'one bad bundle does not end the connection')
  t.notOk([...shop.store.keys.keys()].some((key) => key.startsWith('session/')))
  await introduce(shop, ann)
  t.ok([...shop.store.keys.keys()].some((key) => key.startsWith('session/')))
})
