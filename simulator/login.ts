// Who may log in: a client that says it is a linked device and proves it with the key it was linked with. A second login
// replaces the first; a removed device, a banned account or an ordered failure is refused with its reason.
import type { proto } from '@whiskeysockets/baileys'
import type { Companion } from './companion.ts'
import type { Connection } from './connection.ts'
import { jidOf } from './jid.ts'
import { node, nowSeconds } from './stanza.ts'
import type { World } from './world.ts'

const LOGGED_OUT = 401
const BANNED = 403

const refuse = (world: World, connection: Connection, number: string, device: number, reason: number): void => {
  world.log.add({ kind: 'login-refused', number, device, code: reason })
  connection.finish(node('failure', { reason: String(reason), location: 'sim' }))
}

/** The older connection of a device hears that it was replaced. */
const replace = (world: World, companion: Companion): void => {
  const older = companion.connection
  if (older?.isOpen() !== true) return
  world.note(companion, { kind: 'replaced' })
  older.finish(node('stream:error', {}, [node('conflict', { type: 'replaced' })]))
}

export const login = (world: World, connection: Connection, payload: proto.ClientPayload, noiseKey: Buffer): void => {
  const number = String(payload.username ?? '')
  const device = payload.device ?? 0
  const faults = world.faultsOf(number)
  const ordered = faults.nextLoginFailure
  if (ordered !== undefined) {
    faults.nextLoginFailure = undefined
    refuse(world, connection, number, device, ordered)
    return
  }
  const person = world.people.find(jidOf(number, 'pn'))?.person
  const companion = person?.companions.get(device)
  if (person === undefined || companion === undefined || companion.removed || !companion.noiseKey.equals(noiseKey)) {
    refuse(world, connection, number, device, LOGGED_OUT)
    return
  }
  if (person.banned) {
    refuse(world, connection, number, device, BANNED)
    return
  }
  replace(world, companion)
  companion.connection = connection
  companion.online = false
  connection.companion = companion
  world.note(companion, { kind: 'login' })
  if (faults.silent) return
  connection.send(node('success', { t: nowSeconds(), lid: jidOf(companion.lid, 'lid', device), location: 'sim' }))
}

/** Unlinks a device: a connected one hears it now, another at its next login. */
export const removeDevice = (world: World, companion: Companion): void => {
  if (companion.removed) return
  companion.removed = true
  companion.pending = []
  world.note(companion, { kind: 'removed' })
  companion.connection?.finish(
    node('stream:error', { code: String(LOGGED_OUT) }, [node('conflict', { type: 'device_removed' })]),
  )
}
