// The server's chain of trust: a root made for this simulator signs an intermediate, which signs the leaf that holds the
// server's static key. It can forge either signature, so that a test sees a client fail closed.
import { Curve, type KeyPair, proto } from '@whiskeysockets/baileys'

export type ForgedCertificate = 'leaf' | 'intermediate'

export interface ServerIdentity {
  /** The 32 bytes a client must trust. */
  readonly trustRoot: Buffer
  readonly staticKey: KeyPair
  /** The encoded chain, sent within the handshake. */
  readonly chain: Buffer
}

const YEAR_S = 365 * 24 * 60 * 60
const ROOT_SERIAL = 0
const INTERMEDIATE_SERIAL = 1
const LEAF_SERIAL = 2

interface Certificate {
  readonly serial: number
  readonly issuerSerial: number
  readonly key: Uint8Array
  readonly signer: KeyPair
}

const certify = ({ serial, issuerSerial, key, signer }: Certificate, nowS: number) => {
  const validity = { notBefore: nowS - YEAR_S, notAfter: nowS + YEAR_S }
  const details = proto.CertChain.NoiseCertificate.Details.encode({ serial, issuerSerial, key, ...validity }).finish()
  return { details, signature: Curve.sign(signer.private, details) }
}

export const createServerIdentity = (
  forged?: ForgedCertificate,
  nowS = Math.floor(Date.now() / 1000),
): ServerIdentity => {
  const root = Curve.generateKeyPair()
  const middle = Curve.generateKeyPair()
  const staticKey = Curve.generateKeyPair()
  const stranger = Curve.generateKeyPair()
  const intermediate = certify(
    {
      serial: INTERMEDIATE_SERIAL,
      issuerSerial: ROOT_SERIAL,
      key: middle.public,
      signer: forged === 'intermediate' ? stranger : root,
    },
    nowS,
  )
  const leaf = certify(
    {
      serial: LEAF_SERIAL,
      issuerSerial: INTERMEDIATE_SERIAL,
      key: staticKey.public,
      signer: forged === 'leaf' ? stranger : middle,
    },
    nowS,
  )
  const chain = Buffer.from(proto.CertChain.encode({ intermediate, leaf }).finish())
  return { trustRoot: Buffer.from(root.public), staticKey, chain }
}
