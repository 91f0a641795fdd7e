// Plain Baileys behind the same port: its own signal repository, its own order of things. The store never gets a journal with a ratchet step;
// an inbox row is written when `messages.upsert` comes, after the receipt. This is what the crash runs are compared with.

import { createHash } from 'node:crypto'
import { makeWASocket, proto, type SignalDataTypeMap, type WAMessage, type WASocket } from '@whiskeysockets/baileys'
import { messageKeyOf, parseJid, plainJid } from '../../src/actors/whatsapp/address.ts'
import { decodeCreds, decodeKey, encodeCreds, encodeKey } from '../../src/actors/whatsapp/auth-state.ts'
import { endingOf } from '../../src/actors/whatsapp/disconnected.ts'
import { encodeJournal } from '../../src/actors/whatsapp/journal.ts'
import { socketOptions } from '../../src/actors/whatsapp/options.ts'
import { silenceLibsignal } from '../../src/actors/whatsapp/quiet.ts'
import { enforceSignatures, trust } from '../../src/actors/whatsapp/signature.ts'
import type {
  AuthStore,
  KeyChange,
  OpenSocketFn,
  OutboundContent,
  WhatsAppSocket,
} from '../../src/actors/whatsapp/socket.ts'
import { tellStatuses } from '../../src/actors/whatsapp/statuses.ts'

const NO_PADDING = Buffer.from([1])

export const openUnprotected: OpenSocketFn = async (options) => {
  const { store, emit, policy, log } = options
  enforceSignatures()
  silenceLibsignal()
  const creds = decodeCreds(await store.loadCreds())
  trust(options.trustRoot)
  const sock = makeWASocket({
    ...socketOptions(policy, log, options.socketUrl),
    auth: { creds, keys: keysIn(store) },
    getMessage: async (key) => {
      const text = textOf(key.id ? await store.findSent(key.id) : null)
      return text === null ? undefined : { extendedTextMessage: { text } }
    },
  })
  const closed = Promise.withResolvers<void>()
  let over = false
  let saved: Promise<unknown> = Promise.resolve()
  const save = () => {
    saved = saved.then(() => store.commit({ creds: encodeCreds(creds) })).catch(() => undefined)
    return saved
  }
  const own = () => ({ phone: parseJid(creds.me?.id)?.user ?? null, lid: parseJid(creds.me?.lid)?.user ?? null })

  sock.ev.on('creds.update', () => void (creds.account === undefined ? undefined : save()))
  sock.ev.on('connection.update', ({ connection, qr, isNewLogin, lastDisconnect }) => {
    if (qr !== undefined) emit({ type: 'qr', qr })
    if (isNewLogin) void save().then(() => emit({ type: 'paired' }))
    if (connection === 'open')
      emit({ type: 'opened', phone: `+${own().phone ?? ''}`, lid: own().lid, pushName: creds.me?.name ?? null })
    if (connection !== 'close' || over) return
    over = true
    void saved.then(() => {
      emit({ type: 'closed', ...endingOf(lastDisconnect?.error) })
      closed.resolve()
    })
  })
  sock.ev.on('messages.upsert', ({ messages }) => {
    for (const message of messages)
      keep(store, message).then(
        (kept) => kept && emit({ type: 'journaled' }),
        (error: unknown) => log.warn({ err: error }, 'a message was not stored'),
      )
  })
  tellStatuses(sock.ws, own, emit)
  return doorOf(sock, closed.promise, () => over)
}

function doorOf(sock: WASocket, closed: Promise<void>, over: () => boolean): WhatsAppSocket {
  const end = async () => {
    if (!over()) await sock.end(undefined)
    return closed
  }
  return {
    async send({ recipient, waMessageId, content }) {
      try {
        const text = textOf(content)
        if (text === null) return { kind: 'failed', reason: 'only texts are sent in these runs' }
        await sock.sendMessage(plainJid(recipient), { text, linkPreview: null }, { messageId: waMessageId })
        return { kind: 'on-the-wire' }
      } catch (error) {
        return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) }
      }
    },
    lastFrameAt: () => performance.now(),
    end,
    destroy: () => void end(),
    async logout() {
      await sock.logout().catch(() => undefined)
      await end()
    },
  }
}

function textOf(content: OutboundContent | null): string | null {
  return content?.kind === 'text' ? content.text : null
}

/** Every write of Baileys goes to the database as it comes. */
function keysIn(store: AuthStore) {
  return {
    async get<T extends keyof SignalDataTypeMap>(
      type: T,
      ids: string[],
    ): Promise<{ [id: string]: SignalDataTypeMap[T] }> {
      const found = await store.loadKeys(type, ids)
      return Object.fromEntries([...found].map(([id, bytes]) => [id, decodeKey(type, bytes)]))
    },
    async set(data: { [type: string]: { [id: string]: unknown } | undefined }): Promise<void> {
      const keys = Object.entries(data).flatMap(([type, records]) =>
        Object.entries(records ?? {}).map(
          ([id, value]): KeyChange => ({
            type,
            id,
            value: value === null || value === undefined ? null : encodeKey(type, value),
          }),
        ),
      )
      if (keys.length > 0) await store.commit({ keys })
    },
  }
}

/** @returns whether there was anything to store */
async function keep(store: AuthStore, { key, message, pushName, messageTimestamp }: WAMessage): Promise<boolean> {
  if (!message || key.fromMe || !key.remoteJid || !key.id) return false
  const [from, other] = [key.remoteJid, key.remoteJidAlt ?? undefined]
  const attrs = {
    from,
    id: key.id,
    t: String(messageTimestamp ?? 0),
    ...(pushName ? { notify: pushName } : {}),
    ...(other === undefined ? {} : { [other.endsWith('@lid') ? 'sender_lid' : 'sender_pn']: other }),
  }
  const named = [from, other].map(parseJid)
  const payload = encodeJournal({
    attrs,
    phone: named.find((jid) => jid?.kind === 'phone')?.user ?? null,
    lid: named.find((jid) => jid?.kind === 'lid')?.user ?? null,
    plaintext: Buffer.concat([proto.Message.encode(message).finish(), NO_PADDING]),
  })
  const messageKey = messageKeyOf(attrs)
  await store.commit({ journal: { hash: createHash('sha256').update(messageKey).digest(), messageKey, payload } })
  return true
}
