// Answers the question which devices and LIDs people have, in the shapes the client asks for.
import type { BinaryNode } from '@whiskeysockets/baileys'
import { jidOf, SERVER_JID } from './jid.ts'
import type { Person } from './people.ts'
import { bytesOf, child, children, node } from './stanza.ts'
import type { World } from './world.ts'

interface Asked {
  readonly jid: string
  readonly person: Person | undefined
  /** A LID is told only to those who asked by number. */
  readonly byNumber: boolean
  /** The phone number as it was written, when the question was by contact. */
  readonly contact?: Buffer
}

const readUser = (world: World, user: BinaryNode): Asked => {
  const { jid } = user.attrs
  if (jid !== undefined) {
    const found = world.people.find(jid)
    return { jid, person: found?.person, byNumber: found?.addressing === 'pn' }
  }
  const contact = bytesOf(child(user, 'contact'))
  const pn = jidOf(contact.toString().replace(/\D/g, ''), 'pn')
  return { jid: pn, person: world.people.find(pn)?.person, byNumber: true, contact }
}

const devicesOf = (person: Person): BinaryNode => {
  const linked = [...person.companions.values()].filter(({ removed }) => !removed)
  const list = linked.map(({ device }) => node('device', { id: String(device), 'key-index': String(device) }))
  return node('devices', {}, [node('device-list', {}, [node('device', { id: '0' }), ...list])])
}

const answerFor = (asked: Asked, protocols: ReadonlySet<string>): BinaryNode => {
  const { person } = asked
  const parts: BinaryNode[] = []
  if (protocols.has('contact')) parts.push(node('contact', { type: person ? 'in' : 'out' }, asked.contact))
  if (person !== undefined) {
    if (protocols.has('devices')) parts.push(devicesOf(person))
    if (protocols.has('lid') && asked.byNumber) parts.push(node('lid', { val: jidOf(person.lid, 'lid') }))
  }
  return node('user', { jid: asked.jid }, parts)
}

export const answerUsync = (world: World, query: BinaryNode): BinaryNode => {
  const usync = child(query, 'usync')
  const protocols = new Set(children(child(usync, 'query')).map(({ tag }) => tag))
  const users = children(child(usync, 'list')).map((user) => answerFor(readUser(world, user), protocols))
  const { sid, mode, context } = usync?.attrs ?? {}
  return node('iq', { from: SERVER_JID, type: 'result', id: query.attrs['id'] }, [
    node('usync', { sid, mode, context, index: '0', last: 'true' }, [node('result'), node('list', {}, users)]),
  ])
}
