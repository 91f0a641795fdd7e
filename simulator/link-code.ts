// Linking a device by a code that is typed on the phone instead of a QR: both sides prove that they know the code and
// agree on the secret a QR would have carried. The linking itself is pairing.ts.

import { hkdfSync, randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  aesDecryptCTR,
  aesDecryptGCM,
  aesEncryptCTR,
  type BinaryNode,
  Curve,
  derivePairingCodeKey,
  type KeyPair,
} from '@whiskeysockets/baileys'
import type { Connection } from './connection.ts'
import { jidOf, parseJid, SERVER_JID } from './jid.ts'
import { linkDevice, type Offer } from './pairing.ts'
import type { Person } from './people.ts'
import { bytesOf, child, node, nowSeconds } from './stanza.ts'
import type { World } from './world.ts'

/** A client that shows a code and waits for it to be typed on the phone. */
export interface CodeRequest {
  readonly connection: Connection
  readonly ref: Buffer
  /** Salt, initial vector and the client's ephemeral key, encrypted with the code. */
  readonly wrapped: Buffer
  finish: ((stanza: BinaryNode) => void) | undefined
}

/** How long somebody needs to type a code, at the least; in milliseconds. */
const TYPING_MS = 500
const POLL_MS = 10

const SALT_BYTES = 32
const IV_BYTES = 16
const KEY_BYTES = 32
const GCM_IV_BYTES = 12
/** A client that does not finish in this time did not understand the answer. */
const FINISH_MS = 10_000

const derive = (secret: Buffer, salt: Buffer, info: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, salt, info, KEY_BYTES))

const unwrap = async (code: string, wrapped: Buffer): Promise<Buffer> => {
  const key = await derivePairingCodeKey(code, wrapped.subarray(0, SALT_BYTES))
  const sealed = wrapped.subarray(SALT_BYTES + IV_BYTES)
  return aesDecryptCTR(sealed, key, wrapped.subarray(SALT_BYTES, SALT_BYTES + IV_BYTES))
}

const wrap = async (code: string, key: Uint8Array): Promise<Buffer> => {
  const salt = randomBytes(SALT_BYTES)
  const iv = randomBytes(IV_BYTES)
  return Buffer.concat([salt, iv, aesEncryptCTR(key, await derivePairingCodeKey(code, salt), iv)])
}

/** Takes a client's part of linking by code; answers whether it was one. */
export const takeLinkCode = (world: World, connection: Connection, stanza: BinaryNode): boolean => {
  const request = child(stanza, 'link_code_companion_reg')
  if (request === undefined) return false
  const answer = { from: SERVER_JID, type: 'result', id: stanza.attrs['id'] }
  const number = parseJid(request.attrs['jid'])?.user ?? ''
  if (request.attrs['stage'] === 'companion_finish') {
    connection.send(node('iq', answer))
    world.codeRequests.get(number)?.finish?.(request)
    return true
  }
  const ref = Buffer.from(world.messageId())
  const wrapped = bytesOf(child(request, 'link_code_pairing_wrapped_companion_ephemeral_pub'))
  world.codeRequests.set(number, { connection, ref, wrapped, finish: undefined })
  const content = [node('link_code_pairing_ref', {}, ref)]
  connection.send(node('iq', answer, [node('link_code_companion_reg', {}, content)]))
  world.log.add({ kind: 'pairing-offered', number, type: 'code' })
  return true
}

const finished = (request: CodeRequest, greet: () => void): Promise<BinaryNode> =>
  new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('The client did not finish linking by code.')), FINISH_MS)
    request.finish = (stanza) => {
      clearTimeout(late)
      request.finish = undefined
      resolve(stanza)
    }
    greet()
  })

/** The secret both sides derive, or a sentence if the client used another code. */
const agree = (phone: KeyPair, ephemeral: KeyPair, companionEphemeral: Buffer, finish: BinaryNode): Buffer => {
  const bundle = bytesOf(child(finish, 'link_code_pairing_wrapped_key_bundle'))
  const companionIdentity = bytesOf(child(finish, 'companion_identity_public'))
  const shared = Curve.sharedKey(ephemeral.private, companionEphemeral)
  const key = derive(shared, bundle.subarray(0, SALT_BYTES), 'link_code_pairing_key_bundle_encryption_key')
  const iv = bundle.subarray(SALT_BYTES, SALT_BYTES + GCM_IV_BYTES)
  let opened: Buffer
  try {
    opened = aesDecryptGCM(bundle.subarray(SALT_BYTES + GCM_IV_BYTES), key, iv, Buffer.alloc(0))
  } catch {
    throw new Error('This is not the code the client shows.')
  }
  const random = opened.subarray(2 * KEY_BYTES)
  const identities = Curve.sharedKey(phone.private, companionIdentity)
  return derive(Buffer.concat([shared, identities, random]), Buffer.alloc(KEY_BYTES), 'adv_secret')
}

const offerOf = (world: World, connection: Connection): Offer | undefined => {
  for (const offer of world.offers.values()) if (offer.connection === connection) return offer
  return undefined
}

/** The request of a client that still waits, with what it offers. */
const shownFor = (
  world: World,
  person: Person,
): { readonly request: CodeRequest; readonly offer: Offer } | undefined => {
  const request = world.codeRequests.get(person.number)
  const offer = request && offerOf(world, request.connection)
  return request === undefined || offer === undefined ? undefined : { request, offer }
}

/**
 * The code is typed on the phone. Resolves when the device is linked; rejects with a sentence if no client waits for a
 * code of this number, or the code is another one.
 */
export const enterCode = async (world: World, person: Person, code: string): Promise<void> => {
  // A client shows its code while it is still telling the server: a person is slower than that.
  const deadline = Date.now() + TYPING_MS
  let shown = shownFor(world, person)
  while (shown === undefined && Date.now() < deadline) {
    await delay(POLL_MS)
    shown = shownFor(world, person)
  }
  if (shown === undefined) {
    throw new Error(`No client shows a code for ${person.number} now.`)
  }
  const { request, offer } = shown
  const companionEphemeral = await unwrap(code, request.wrapped)
  const ephemeral = Curve.generateKeyPair()
  const hello = [
    node('link_code_pairing_wrapped_primary_ephemeral_pub', {}, await wrap(code, ephemeral.public)),
    node('primary_identity_pub', {}, person.signal.identity.public),
    node('link_code_pairing_ref', {}, request.ref),
  ]
  const attrs = {
    from: jidOf(person.number, 'pn'),
    type: 'link_code_companion_reg',
    id: world.stanzaId(),
    t: nowSeconds(),
  }
  const finish = await finished(request, () =>
    request.connection.send(
      node('notification', attrs, [node('link_code_companion_reg', { stage: 'primary_hello' }, hello)]),
    ),
  )
  const advSecret = agree(person.signal.identity, ephemeral, companionEphemeral, finish)
  world.codeRequests.delete(person.number)
  await linkDevice(world, person, offer, advSecret)
}
