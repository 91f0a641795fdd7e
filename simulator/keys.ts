// The key directory: linked devices publish their keys here, and others fetch a bundle to begin a session.
import type { BinaryNode } from '@whiskeysockets/baileys'
import type { KeyBundle } from './cipher.ts'
import { type Companion, takeBundle } from './companion.ts'
import { enqueue } from './delivery.ts'
import { SERVER_JID } from './jid.ts'
import { bytesOf, child, children, node, nowSeconds, uintBytes, uintOf } from './stanza.ts'
import type { World } from './world.ts'

const KEY_TYPE = Buffer.from([5])
/** When a device has so few one-time keys left, it is told to publish more. */
const FEW_KEYS = 4
const NOT_FOUND = '404'

const readSignedPreKey = (skey: BinaryNode): KeyBundle['signedPreKey'] => ({
  id: uintOf(child(skey, 'id')),
  key: bytesOf(child(skey, 'value')),
  signature: bytesOf(child(skey, 'signature')),
})

/** Stores uploaded one-time keys and a new signed key, each as far as the stanza has them. */
export const storeKeys = (world: World, companion: Companion, query: BinaryNode): void => {
  const list = children(child(query, 'list'))
  for (const key of list) companion.preKeys.set(uintOf(child(key, 'id')), bytesOf(child(key, 'value')))
  const skey = child(query, 'skey') ?? child(child(query, 'rotate'), 'skey')
  if (skey !== undefined) companion.signedPreKey = readSignedPreKey(skey)
  world.note(companion, { kind: 'prekeys-uploaded', count: list.length })
}

/** The keys a retry receipt carries, if it does. */
export const bundleOfReceipt = (receipt: BinaryNode): KeyBundle | undefined => {
  const keys = child(receipt, 'keys')
  const skey = child(keys, 'skey')
  if (keys === undefined || skey === undefined) return undefined
  const key = child(keys, 'key')
  return {
    registrationId: uintOf(child(receipt, 'registration')),
    identity: bytesOf(child(keys, 'identity')),
    signedPreKey: readSignedPreKey(skey),
    ...(key === undefined ? {} : { preKey: { id: uintOf(child(key, 'id')), key: bytesOf(child(key, 'value')) } }),
  }
}

const userStanza = (jid: string, bundle: KeyBundle, signedIdentity: Buffer | undefined): BinaryNode => {
  const { preKey, signedPreKey } = bundle
  const parts = [
    node('registration', {}, uintBytes(bundle.registrationId, 4)),
    node('type', {}, KEY_TYPE),
    node('identity', {}, bundle.identity),
    node('skey', {}, [
      node('id', {}, uintBytes(signedPreKey.id, 3)),
      node('value', {}, signedPreKey.key),
      node('signature', {}, signedPreKey.signature),
    ]),
  ]
  if (preKey !== undefined) {
    parts.push(node('key', {}, [node('id', {}, uintBytes(preKey.id, 3)), node('value', {}, preKey.key)]))
  }
  if (signedIdentity !== undefined) parts.push(node('device-identity', {}, signedIdentity))
  return node('user', { jid }, parts)
}

/** Hands out a device's bundle, and tells the device when its one-time keys run low. */
export const handOut = (world: World, companion: Companion, asker: string): KeyBundle => {
  const bundle = takeBundle(companion)
  world.note(companion, { kind: 'bundle-taken', peer: asker, count: companion.preKeys.size })
  if (companion.preKeys.size === FEW_KEYS && bundle.preKey !== undefined) {
    const attrs = { from: SERVER_JID, type: 'encrypt', id: world.stanzaId(), t: nowSeconds() }
    enqueue(world, companion, node('notification', attrs, [node('count', { value: String(FEW_KEYS) })]))
  }
  return bundle
}

const bundleFor = (world: World, asker: Companion, jid: string): BinaryNode => {
  const found = world.people.find(jid)
  if (found === undefined) return node('user', { jid }, [node('error', { code: NOT_FOUND, text: 'item-not-found' })])
  if (found.device === 0) return userStanza(jid, found.person.signal.publish(), undefined)
  const companion = found.person.companions.get(found.device)
  if (companion === undefined || companion.removed) {
    return node('user', { jid }, [node('error', { code: NOT_FOUND, text: 'item-not-found' })])
  }
  return userStanza(jid, handOut(world, companion, asker.number), companion.signedIdentity)
}

/** The bundles a client asked for, one a user. */
export const answerBundles = (world: World, asker: Companion, query: BinaryNode): BinaryNode => {
  const jids = children(child(query, 'key')).flatMap(({ attrs }) => (attrs['jid'] === undefined ? [] : [attrs['jid']]))
  return node(
    'list',
    {},
    jids.map((jid) => bundleFor(world, asker, jid)),
  )
}
