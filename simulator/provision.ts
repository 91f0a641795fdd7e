// Linked devices by the hundred, without a QR and without a client: the server makes the credentials itself, exactly as a pairing would have
// left them, and hands them out. For loads and benchmarks, where nobody wants to wait for hundreds of scans.
import {
  type AuthenticationCreds,
  BufferJSON,
  Curve,
  configureSuccessfulPairing,
  initAuthCreds,
  type KeyPair,
} from '@whiskeysockets/baileys'
import { signDevice } from './adv.ts'
import type { Companion } from './companion.ts'
import { successStanza } from './pairing.ts'
import { bytesOf, child } from './stanza.ts'
import type { World } from './world.ts'

export interface Provisioned {
  /** Digits. */
  readonly number: string
  /** What a client must log in with; its one-time keys are the ones given. */
  readonly creds: AuthenticationCreds
}

/** Linked devices as text (Baileys' BufferJSON), for a client in another process. */
export interface Linked {
  readonly accounts: readonly { readonly number: string; readonly creds: string }[]
  /** Of every account, from id 1. */
  readonly preKeys: readonly string[]
}

/** One-time keys with the ids from 1. The same ones may be given to many devices: each is a store of its own. */
export const makePreKeys = (count: number): readonly KeyPair[] =>
  Array.from({ length: count }, () => Curve.generateKeyPair())

/** Links a new device to this person and publishes the one-time keys. */
export const provision = (world: World, number: string, preKeys: readonly KeyPair[]): Provisioned => {
  const person = world.people.get(number)
  const device = person.nextDevice++
  const fresh = initAuthCreds()
  const identity = signDevice({
    account: person.signal.identity,
    deviceIdentity: Buffer.from(fresh.signedIdentityKey.public),
    advSecret: Buffer.from(fresh.advSecretKey, 'base64'),
    keyIndex: device,
    timestamp: Math.floor(Date.now() / 1000),
    forged: false,
  })
  const { creds: linked, reply } = configureSuccessfulPairing(successStanza(world, person, device, identity), fresh)
  const companion: Companion = {
    number: person.number,
    lid: person.lid,
    device,
    noiseKey: Buffer.from(fresh.noiseKey.public),
    identity: Buffer.from(fresh.signedIdentityKey.public),
    registrationId: fresh.registrationId,
    signedIdentity: bytesOf(child(child(reply, 'pair-device-sign'), 'device-identity')),
    signedPreKey: {
      id: fresh.signedPreKey.keyId,
      key: Buffer.from(fresh.signedPreKey.keyPair.public),
      signature: Buffer.from(fresh.signedPreKey.signature),
    },
    preKeys: new Map(preKeys.map((pair, index) => [index + 1, Buffer.from(pair.public)])),
    pending: [],
    past: new Map(),
    connection: undefined,
    online: false,
    historySent: true,
    removed: false,
  }
  person.companions.set(device, companion)
  world.note(companion, { kind: 'paired' })
  const next = preKeys.length + 1
  const creds = {
    ...fresh,
    ...linked,
    nextPreKeyId: next,
    firstUnuploadedPreKeyId: next,
    // Says that the first synchronisation is over: a client would hold its events back for it.
    accountSyncCounter: 1,
  }
  return { number: person.number, creds }
}

/** Links a new device to each of them, all with the same one-time keys. */
export const linkDevices = (world: World, numbers: readonly string[], preKeys: number): Linked => {
  const keys = makePreKeys(preKeys)
  const text = (value: unknown): string => JSON.stringify(value, BufferJSON.replacer)
  return {
    accounts: numbers.map((number) => ({ number, creds: text(provision(world, number, keys).creds) })),
    preKeys: keys.map(text),
  }
}
