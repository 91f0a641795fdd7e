// A certificate for the media server, made at the start: a P-256 key that signs itself, for 127.0.0.1 and localhost. Written in DER by
// hand, as Node reads certificates and makes none. A client trusts it and nothing else by getting its PEM.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

export interface TlsIdentity {
  /** PEM, what a client must trust. */
  readonly certificate: string
  /** PEM. */
  readonly privateKey: string
}

const YEAR_MS = 365 * 24 * 60 * 60 * 1000
const SERIAL_BYTES = 8

const BOOLEAN = 0x01
const INTEGER = 0x02
const BIT_STRING = 0x03
const OCTET_STRING = 0x04
const OBJECT_ID = 0x06
const UTF8 = 0x0c
const UTC_TIME = 0x17
const SEQUENCE = 0x30
const SET = 0x31
/** Explicit tags of the certificate's fields. */
const VERSION = 0xa0
const EXTENSIONS = 0xa3
/** Kinds of names a certificate is for. */
const DNS_NAME = 0x82
const IP_ADDRESS = 0x87

const ECDSA_WITH_SHA256 = Buffer.from('2a8648ce3d040302', 'hex')
const COMMON_NAME = Buffer.from('550403', 'hex')
const BASIC_CONSTRAINTS = Buffer.from('551d13', 'hex')
const SUBJECT_ALTERNATIVES = Buffer.from('551d11', 'hex')
const TRUE = Buffer.from([0xff])

const lengthOf = (bytes: number): Buffer => {
  if (bytes < 0x80) return Buffer.from([bytes])
  const big = Buffer.alloc(2)
  big.writeUInt16BE(bytes)
  return bytes < 0x100 ? Buffer.from([0x81, bytes]) : Buffer.concat([Buffer.from([0x82]), big])
}

const der = (tag: number, ...content: readonly Uint8Array[]): Buffer => {
  const bytes = Buffer.concat(content)
  return Buffer.concat([Buffer.from([tag]), lengthOf(bytes.length), bytes])
}

/** `YYMMDDHHMMSSZ`. */
const time = (at: Date): Buffer => {
  const digits = at.toISOString().replace(/[-:T]/g, '')
  return der(UTC_TIME, Buffer.from(`${digits.slice(2, 14)}Z`))
}

const extension = (id: Buffer, critical: boolean, value: Buffer): Buffer =>
  der(SEQUENCE, der(OBJECT_ID, id), ...(critical ? [der(BOOLEAN, TRUE)] : []), der(OCTET_STRING, value))

const pem = (label: string, bytes: Buffer): string => {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

export const createTlsIdentity = (now = new Date()): TlsIdentity => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = der(SEQUENCE, der(OBJECT_ID, ECDSA_WITH_SHA256))
  const name = der(
    SEQUENCE,
    der(SET, der(SEQUENCE, der(OBJECT_ID, COMMON_NAME), der(UTF8, Buffer.from('WhatsApp simulator')))),
  )
  const serial = randomBytes(SERIAL_BYTES)
  // Positive and without leading zeros.
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f)
  const extensions = [
    extension(BASIC_CONSTRAINTS, true, der(SEQUENCE, der(BOOLEAN, TRUE))),
    extension(
      SUBJECT_ALTERNATIVES,
      false,
      der(SEQUENCE, der(DNS_NAME, Buffer.from('localhost')), der(IP_ADDRESS, Buffer.from([127, 0, 0, 1]))),
    ),
  ]
  const body = der(
    SEQUENCE,
    der(VERSION, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, serial),
    algorithm,
    name,
    der(SEQUENCE, time(new Date(now.getTime() - YEAR_MS)), time(new Date(now.getTime() + YEAR_MS))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(EXTENSIONS, der(SEQUENCE, ...extensions)),
  )
  const signature = sign('sha256', body, privateKey)
  const certificate = der(SEQUENCE, body, algorithm, der(BIT_STRING, Buffer.from([0]), signature))
  return {
    certificate: pem('CERTIFICATE', certificate),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
