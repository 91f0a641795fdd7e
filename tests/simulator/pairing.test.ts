import { proto, WA_CERT_DETAILS } from '@whiskeysockets/baileys'
import * as curve from 'libsignal/src/curve.js'
import t from 'tap'
import { createServerIdentity } from '../../simulator/certificate.ts'
import type { Simulator } from '../../simulator/index.ts'
import { build, buildPaired, type Client, createClient, heard, pair } from './client.ts'

const SHOP = '15550001000'
const ANNA = '15550002001'

const firstQr = async (sim: Simulator, client: Client): Promise<string> => {
  client.connect()
  return sim.waitFor(() => client.qrs.at(-1), { what: 'a QR' })
}

const signal = (key: Uint8Array): Buffer => Buffer.concat([Buffer.from([5]), key])

/** What a client that really verifies finds: libsignal answers, Baileys does not look. */
const accountSigned = ({ state }: Client): boolean => {
  const { account, signedIdentityKey } = state.creds
  if (!account?.details || !account.accountSignature || !account.accountSignatureKey) return false
  const message = Buffer.concat([Buffer.from([6, 0]), account.details, signedIdentityKey.public])
  return curve.verifySignature(signal(account.accountSignatureKey), message, Buffer.from(account.accountSignature))
}

t.test('the account signature of a linked device is valid, and the device signs back', async (t) => {
  const { sim, client } = await buildPaired(t, SHOP)
  t.ok(accountSigned(client))
  t.equal(client.state.creds.me?.id, `${SHOP}:1@s.whatsapp.net`)
  t.equal(client.state.creds.me?.lid, sim.phone(SHOP).lid.replace('@', ':1@'))
})

t.test('a forged account signature does not verify', async (t) => {
  const { sim, client } = await build(t, { forgeAccountSignature: true })
  await pair(sim, client, SHOP)
  t.notOk(accountSigned(client))
})

t.test('the certificate chain verifies from the trust root, and a forged link of it does not', (t) => {
  const check = (identity: ReturnType<typeof createServerIdentity>) => {
    const { intermediate, leaf } = proto.CertChain.decode(identity.chain)
    const details = proto.CertChain.NoiseCertificate.Details.decode(intermediate?.details ?? Buffer.alloc(0))
    const leafDetails = proto.CertChain.NoiseCertificate.Details.decode(leaf?.details ?? Buffer.alloc(0))
    const verify = (key: Uint8Array, part: proto.CertChain.INoiseCertificate | null | undefined) =>
      curve.verifySignature(signal(key), part?.details ?? Buffer.alloc(0), Buffer.from(part?.signature ?? []))
    return {
      intermediate: verify(identity.trustRoot, intermediate),
      leaf: verify(details.key ?? Buffer.alloc(0), leaf),
      issuer: details.issuerSerial,
      bound: Buffer.from(leafDetails.key ?? []).equals(Buffer.from(identity.staticKey.public)),
    }
  }
  const { SERIAL } = WA_CERT_DETAILS
  t.same(check(createServerIdentity()), { intermediate: true, leaf: true, issuer: SERIAL, bound: true })
  t.same(check(createServerIdentity('leaf')), { intermediate: true, leaf: false, issuer: SERIAL, bound: true })
  t.same(check(createServerIdentity('intermediate')), { intermediate: false, leaf: true, issuer: SERIAL, bound: true })
  t.end()
})

t.test('a QR that is scanned too late is refused in words', async (t) => {
  const { sim, client } = await build(t, { qrRefMs: 1 })
  const qr = await firstQr(sim, client)
  await sim.waitFor(() => Date.now() > (sim.log.at(-1)?.at ?? 0) + 5, { what: 'the time to pass' })
  await t.rejects(sim.phone(SHOP).scan(qr), /expired/)
})

t.test('a QR of a closed connection, a used one and no QR at all are refused in words', async (t) => {
  const { sim, client } = await build(t)
  const qr = await firstQr(sim, client)
  await t.rejects(sim.phone(SHOP).scan('hello'), /not a linking QR/)
  const [ref] = qr.split(',')
  await t.rejects(sim.phone(SHOP).scan([ref, 'AAAA', 'AAAA', 'AAAA'].join(',')), /keys in this QR/)
  await client.stop()
  await sim.waitForLog(({ kind }) => kind === 'disconnected', { what: 'the disconnection' })
  await t.rejects(sim.phone(SHOP).scan(qr), /unknown to the server/)
})

t.test('a QR with another secret is refused by the client, and the scan says so', async (t) => {
  const { sim, client } = await build(t)
  const parts = (await firstQr(sim, client)).split(',')
  parts[3] = Buffer.alloc(32).toString('base64')
  await t.rejects(sim.phone(SHOP).scan(parts.join(',')), /refused the signatures/)
  t.same(sim.phone(SHOP).linkedDevices, [])
})

t.test('two devices of one account both hear a customer, and each other', async (t) => {
  const first = await buildPaired(t, SHOP)
  const { sim } = first
  const second = { sim, client: createClient(sim) }
  t.teardown(() => second.client.stop())
  await pair(sim, second.client, SHOP)
  t.equal(sim.phone(SHOP).linkedDevices.length, 2)
  const anna = sim.customer(ANNA)
  await anna.send(SHOP, 'hi both')
  await heard(first, 'hi both')
  await heard(second, 'hi both')
  await first.client.socket?.sendMessage(anna.lid, { text: 'from the first' })
  const copy = await heard(second, 'from the first')
  t.match(copy.message.key, { fromMe: true, remoteJid: anna.lid })
})
