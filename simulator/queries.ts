// The client's questions (iq) and their answers, one line each. What nobody here knows gets an empty result.
import type { BinaryNode } from '@whiskeysockets/baileys'
import type { Companion } from './companion.ts'
import { deliverOffline } from './delivery.ts'
import { startHistory } from './history.ts'
import { SERVER_JID } from './jid.ts'
import { answerBundles, storeKeys } from './keys.ts'
import { removeDevice } from './login.ts'
import { child, children, node } from './stanza.ts'
import { answerUsync } from './usync.ts'
import type { World } from './world.ts'

const MEDIA_TTL_S = '300'
const PRIVACY = ['readreceipts', 'profile', 'status', 'online', 'last', 'groupadd', 'calladd', 'messages']

const result = (query: BinaryNode, content?: BinaryNode[]): BinaryNode =>
  node('iq', { from: SERVER_JID, type: 'result', id: query.attrs['id'] }, content)

/** A collection that has nothing new. Without it a client asks for ever. */
const emptyCollections = (query: BinaryNode): BinaryNode => {
  const collections = children(child(query, 'sync')).map(({ attrs }) =>
    node('collection', { name: attrs['name'], version: attrs['version'], type: 'result' }),
  )
  return node('sync', {}, collections)
}

const encryptAnswer = (world: World, companion: Companion, query: BinaryNode): BinaryNode => {
  if (query.attrs['type'] === 'set') {
    storeKeys(world, companion, query)
    return result(query)
  }
  if (child(query, 'count')) return result(query, [node('count', { value: String(companion.preKeys.size) })])
  if (child(query, 'digest')) return result(query, [node('digest')])
  return result(query, [answerBundles(world, companion, query)])
}

const privacyAnswer = (query: BinaryNode): BinaryNode => {
  if (query.attrs['type'] !== 'get') return result(query)
  return result(query, [
    node(
      'privacy',
      {},
      PRIVACY.map((name) => node('category', { name, value: 'all' })),
    ),
  ])
}

const answerOf = (world: World, companion: Companion, query: BinaryNode): BinaryNode | undefined => {
  switch (query.attrs['xmlns']) {
    case 'encrypt':
      return encryptAnswer(world, companion, query)
    case 'usync':
      return world.faultsOf(companion.number).loseUsync ? undefined : answerUsync(world, query)
    case 'w:sync:app:state':
      return result(query, [emptyCollections(query)])
    case 'abt':
      return result(query, [node('props')])
    case 'blocklist':
      return result(query, [node('list')])
    case 'privacy':
      return privacyAnswer(query)
    case 'w:m':
      return result(query, [
        node('media_conn', { auth: 'none', ttl: MEDIA_TTL_S }, [node('host', { hostname: world.mediaHost })]),
      ])
    case 'w:g2':
      return result(query, [node('groups')])
    default:
      return result(query)
  }
}

/** Answers one question of a logged-in device and does what the question asks for besides. */
export const answerQuery = (world: World, companion: Companion, query: BinaryNode): void => {
  const asked = children(query)[0]?.tag ?? ''
  world.note(companion, {
    kind: 'query',
    type: `${query.attrs['xmlns'] ?? ''} ${query.attrs['type'] ?? ''} ${asked}`.trim(),
  })
  const answer = answerOf(world, companion, query)
  if (answer !== undefined) companion.connection?.send(answer)
  if (query.attrs['xmlns'] === 'passive' && asked === 'active') goOnline(world, companion)
  if (asked === 'remove-companion-device') removeDevice(world, companion)
}

const goOnline = (world: World, companion: Companion): void => {
  deliverOffline(world, companion)
  world.note(companion, { kind: 'online' })
  startHistory(world, companion)
}
