// Linking a device by QR: the server offers references, the phone scans one and signs the device, the device signs back
// and is told to start again. Who may log in later is login.ts.
import type { BinaryNode, proto } from '@whiskeysockets/baileys'
import { deviceSigned, type LinkedIdentity, type LinkRequest, signDevice } from './adv.ts'
import type { Companion } from './companion.ts'
import type { Connection } from './connection.ts'
import { jidOf, SERVER_JID } from './jid.ts'
import type { Person } from './people.ts'
import { bytesOf, child, node, nowSeconds } from './stanza.ts'
import type { World } from './world.ts'

type PairingData = proto.ClientPayload.IDevicePairingRegistrationData

export interface Offer {
  readonly ref: string
  readonly connection: Connection
  readonly noiseKey: Buffer
  readonly data: PairingData
  /** Unix milliseconds after which the phone refuses it. */
  readonly validUntil: number
  answer: ((stanza: BinaryNode) => void) | undefined
}

const OFFERED_REFS = 6
/** A device that does not answer pair-success in this time is not linked. */
const ANSWER_MS = 10_000

const uint = (bytes: Uint8Array | null | undefined): number => {
  const buffer = Buffer.from(bytes ?? [])
  return buffer.length === 0 ? 0 : buffer.readUIntBE(0, buffer.length)
}

/** Offers references to a client that wants to be linked. */
export const offerPairing = (world: World, connection: Connection, noiseKey: Buffer, data: PairingData): void => {
  const { qrRefMs } = world.options
  const openedAt = Date.now()
  const refs = Array.from({ length: OFFERED_REFS }, (_, index) => {
    const ref = `2@${world.messageId()}${world.messageId()}`
    const validUntil = qrRefMs === undefined ? Number.POSITIVE_INFINITY : openedAt + qrRefMs * (index + 1)
    world.offers.set(ref, { ref, connection, noiseKey, data, validUntil, answer: undefined })
    return node('ref', {}, Buffer.from(ref))
  })
  const attrs = { from: SERVER_JID, type: 'set', id: world.stanzaId(), xmlns: 'md' }
  connection.send(node('iq', attrs, [node('pair-device', {}, refs)]))
  world.log.add({ kind: 'pairing-offered', count: refs.length })
}

/** Forgets the offers of a closed connection. */
export const withdrawOffers = (world: World, connection: Connection): void => {
  for (const [ref, offer] of world.offers) if (offer.connection === connection) world.offers.delete(ref)
}

/** Hands the device's answer to the scan that waits for it; answers whether one did. */
export const takePairingAnswer = (world: World, connection: Connection, stanza: BinaryNode): boolean => {
  if (child(stanza, 'pair-device-sign') === undefined) return false
  for (const offer of world.offers.values()) if (offer.connection === connection) offer.answer?.(stanza)
  return true
}

interface Scanned {
  readonly offer: Offer
  readonly advSecret: Buffer
}

const readQr = (world: World, qr: string): Scanned => {
  const [ref, noiseKey, identity, advSecret] = qr.slice(qr.indexOf('#') + 1).split(',')
  if (!ref || !noiseKey || !identity || !advSecret) {
    throw new Error('This is not a linking QR: it needs a reference, two public keys and a secret.')
  }
  const offer = world.offers.get(ref)
  if (offer === undefined || !offer.connection.isOpen()) {
    throw new Error(
      'This QR is unknown to the server: its connection has closed, or it was used. Scan the one shown now.',
    )
  }
  if (Date.now() > offer.validUntil) throw new Error('This QR has expired. Scan the one shown now.')
  const keysFit =
    offer.noiseKey.equals(Buffer.from(noiseKey, 'base64')) &&
    Buffer.from(offer.data.eIdent ?? []).equals(Buffer.from(identity, 'base64'))
  if (!keysFit) throw new Error('The keys in this QR are not those of the client that shows it.')
  return { offer, advSecret: Buffer.from(advSecret, 'base64') }
}

export const successStanza = (world: World, person: Person, device: number, identity: LinkedIdentity): BinaryNode =>
  node('iq', { from: SERVER_JID, type: 'set', id: world.stanzaId(), t: nowSeconds() }, [
    node('pair-success', {}, [
      node('device-identity', {}, identity.sealed),
      node('biz', { name: person.pushName }),
      node('device', { jid: jidOf(person.number, 'pn', device), lid: jidOf(person.lid, 'lid', device) }),
      node('platform', { name: 'android' }),
    ]),
  ])

const answerOf = (world: World, offer: Offer, stanza: BinaryNode): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The client did not answer the pairing.')), ANSWER_MS)
    const stop = world.log.listen(({ kind }) => {
      if (kind !== 'disconnected' || offer.connection.isOpen()) return
      conclude()
      reject(new Error('The client closed the connection instead of finishing the pairing: it refused the signatures.'))
    })
    const conclude = (): void => {
      clearTimeout(timer)
      stop()
      offer.answer = undefined
    }
    offer.answer = (reply) => {
      conclude()
      resolve(bytesOf(child(child(reply, 'pair-device-sign'), 'device-identity')))
    }
    offer.connection.send(stanza)
  })

const createCompanion = (person: Person, offer: Offer, device: number, signedIdentity: Buffer): Companion => ({
  number: person.number,
  lid: person.lid,
  device,
  noiseKey: offer.noiseKey,
  identity: Buffer.from(offer.data.eIdent ?? []),
  registrationId: uint(offer.data.eRegid),
  signedIdentity,
  signedPreKey: {
    id: uint(offer.data.eSkeyId),
    key: Buffer.from(offer.data.eSkeyVal ?? []),
    signature: Buffer.from(offer.data.eSkeySig ?? []),
  },
  preKeys: new Map(),
  pending: [],
  past: new Map(),
  connection: undefined,
  online: false,
  historySent: false,
  removed: false,
})

/** What WhatsApp asks of the device when the account has a passkey: options for a browser on its own pages. */
const passkeyDemand = (world: World): BinaryNode => {
  const options = { rpId: 'whatsapp.com', userVerification: 'required', timeout: 600_000 }
  const attrs = { from: SERVER_JID, type: 'passkey_prologue_request', id: world.stanzaId(), t: nowSeconds() }
  return node('notification', attrs, [
    node('passkey_request_options', {}, Buffer.from(JSON.stringify({ publicKey: options }))),
  ])
}

/** Links the client that made an offer, with the secret it has given the phone. */
export const linkDevice = async (world: World, person: Person, offer: Offer, advSecret: Buffer): Promise<Companion> => {
  if (world.faultsOf(person.number).passkey) {
    world.log.add({ kind: 'passkey-demanded', number: person.number })
    offer.connection.send(passkeyDemand(world))
    throw new Error('The phone waits for the passkey on the other device.')
  }
  const device = person.nextDevice++
  const request: LinkRequest = {
    account: person.signal.identity,
    deviceIdentity: Buffer.from(offer.data.eIdent ?? []),
    advSecret,
    keyIndex: device,
    timestamp: Math.floor(Date.now() / 1000),
    forged: world.options.forgeAccountSignature ?? false,
  }
  const identity = signDevice(request)
  world.log.add({ kind: 'scanned', number: person.number, device })
  const answer = await answerOf(world, offer, successStanza(world, person, device, identity))
  if (!deviceSigned(answer, request, identity.details)) {
    world.log.add({ kind: 'pairing-refused', number: person.number, device, type: 'device signature' })
    offer.connection.cut()
    throw new Error('The client signed its identity wrongly.')
  }
  withdrawOffers(world, offer.connection)
  const companion = createCompanion(person, offer, device, answer)
  person.companions.set(device, companion)
  world.note(companion, { kind: 'paired' })
  offer.connection.finish(node('stream:error', { code: '515' }))
  return companion
}

/**
 * The phone scans a QR. Resolves when the device has signed back and was told to start again; rejects with a sentence
 * if the QR is expired or unknown, or the device does not finish.
 */
export const scan = async (world: World, person: Person, qr: string): Promise<Companion> => {
  const { offer, advSecret } = readQr(world, qr)
  return linkDevice(world, person, offer, advSecret)
}
