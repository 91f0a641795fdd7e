// The first synchronisation: after its first login a device gets one message from its own phone with an empty history.
// Without it a client holds all its events back for 20 seconds.
import { deflateSync } from 'node:zlib'
import { proto } from '@whiskeysockets/baileys'
import type { Companion } from './companion.ts'
import { sendPeer } from './sending.ts'
import type { World } from './world.ts'

const { HistorySyncType } = proto.HistorySync

const bootstrap = (): proto.IMessage => {
  const syncType = HistorySyncType.INITIAL_BOOTSTRAP
  const history = proto.HistorySync.encode({ syncType, conversations: [], progress: 100, chunkOrder: 1 }).finish()
  return {
    protocolMessage: {
      type: proto.Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION,
      historySyncNotification: {
        syncType: proto.Message.HistorySyncType.INITIAL_BOOTSTRAP,
        chunkOrder: 1,
        progress: 100,
        initialHistBootstrapInlinePayload: deflateSync(history),
      },
    },
  }
}

/** Sends the first synchronisation once in a device's life. */
export const startHistory = (world: World, companion: Companion): void => {
  if (companion.historySent || world.options.withoutHistory === true) return
  companion.historySent = true
  const phone = world.people.get(companion.number)
  sendPeer(world, phone, companion, bootstrap()).catch((error: unknown) => {
    world.note(companion, { kind: 'undecryptable', type: 'history', text: String(error) })
  })
}
