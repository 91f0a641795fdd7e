// Sorts what a client sends to the file that deals with it.
import type { BinaryNode } from '@whiskeysockets/baileys'
import type { Connection } from './connection.ts'
import { takeLinkCode } from './link-code.ts'
import { handleMessage } from './outbound.ts'
import { takePairingAnswer } from './pairing.ts'
import { answerQuery } from './queries.ts'
import { handleAck, handleReceipt } from './receipts.ts'
import type { World } from './world.ts'

export const handleStanza = (world: World, connection: Connection, stanza: BinaryNode): void => {
  const { companion } = connection
  if (companion === undefined) {
    if (!takePairingAnswer(world, connection, stanza)) takeLinkCode(world, connection, stanza)
    return
  }
  if (world.faultsOf(companion.number).silent) return
  switch (stanza.tag) {
    case 'iq':
      if (stanza.attrs['type'] === 'get' || stanza.attrs['type'] === 'set') answerQuery(world, companion, stanza)
      return
    case 'message':
      handleMessage(world, companion, stanza)
      return
    case 'receipt':
      handleReceipt(world, companion, stanza)
      return
    case 'ack':
      handleAck(world, companion, stanza)
      return
    case 'presence':
      world.note(companion, { kind: 'client-presence', type: stanza.attrs['type'] ?? '' })
      return
    default:
      return
  }
}
