import { proto, type WAMessageUpdate } from '@whiskeysockets/baileys'
import t from 'tap'
import { buildPaired, heard, type Session } from './client.ts'

const SHOP = '15550001000'
const ANNA = '15550002001'
const DELIVERED = proto.WebMessageInfo.Status.DELIVERY_ACK
const READ = proto.WebMessageInfo.Status.READ

const updatesOf = ({ client }: Session): WAMessageUpdate[] => {
  const seen: WAMessageUpdate[] = []
  client.socket?.ev.on('messages.update', (updates) => seen.push(...updates))
  return seen
}

t.test('a customer confirms what she gets, and that she has read it', async (t) => {
  const session = await buildPaired(t, SHOP)
  const { sim, client } = session
  const anna = sim.customer(ANNA)
  await anna.send(SHOP, 'hi')
  await heard(session, 'hi')
  const seen = updatesOf(session)
  const sent = await client.socket?.sendMessage(anna.lid, { text: 'hello' })
  const { id } = await anna.waitForReply()
  t.equal(id, sent?.key.id)
  const status = (wanted: number) => seen.find(({ key, update }) => key.id === id && update.status === wanted)
  await sim.waitForLog(({ kind, type }) => kind === 'client-ack' && type === 'receipt', {
    what: 'the ack of the receipt',
  })
  await anna.readReceipt(id)
  await sim.waitFor(() => status(READ), { what: 'the read receipt at the client' })
  t.ok(sim.log.some(({ kind, type, id: about }) => kind === 'receipt-sent' && type === 'delivered' && about === id))
})

t.test('a customer whose phone is told not to confirm is silent', async (t) => {
  const session = await buildPaired(t, SHOP)
  const { sim, client } = session
  const anna = sim.customer(ANNA, { autoReceipt: false })
  const seen = updatesOf(session)
  await client.socket?.sendMessage(anna.jid, { text: 'hello' })
  await anna.waitForReply()
  t.notOk(seen.some(({ update }) => update.status === DELIVERED))
  t.notOk(sim.log.some(({ kind }) => kind === 'receipt-sent'))
})

t.test('a message sent twice under one id is one message that came twice', async (t) => {
  const session = await buildPaired(t, SHOP)
  const { sim, client } = session
  const anna = sim.customer(ANNA)
  const messageId = '3EB0SAMEIDTWICE'
  await client.socket?.sendMessage(anna.lid, { text: 'once' }, { messageId })
  await client.socket?.sendMessage(anna.lid, { text: 'once' }, { messageId })
  await sim.waitFor(() => anna.inbox[0]?.count === 2, { what: 'the second copy' })
  t.equal(anna.inbox.length, 1)
})

t.test('edits, deletions, reactions and images arrive as such', async (t) => {
  const session = await buildPaired(t, SHOP)
  const { sim, client } = session
  const anna = sim.customer(ANNA)
  const { id } = await anna.send(SHOP, '2 tea')
  await heard(session, '2 tea')
  const key = { remoteJid: sim.phone(SHOP).lid, fromMe: false, id }
  const { Type } = proto.Message.ProtocolMessage
  await anna.sendProto(SHOP, {
    protocolMessage: { key, type: Type.MESSAGE_EDIT, editedMessage: { conversation: '3 tea' } },
  })
  await anna.sendProto(SHOP, { protocolMessage: { key, type: Type.REVOKE } })
  await anna.sendProto(SHOP, { reactionMessage: { key, text: '👍', senderTimestampMs: Date.now() } })
  await anna.sendProto(SHOP, {
    imageMessage: { caption: 'look', mimetype: 'image/jpeg', url: 'https://127.0.0.1/none' },
  })
  const find = (what: string, test: (message: proto.IMessage) => unknown) =>
    sim.waitFor(() => client.upserts.find(({ message }) => message.message && test(message.message)), { what })
  t.ok(await find('the edit', ({ protocolMessage }) => protocolMessage?.editedMessage?.conversation === '3 tea'))
  t.ok(await find('the deletion', ({ protocolMessage }) => protocolMessage && protocolMessage.type === Type.REVOKE))
  t.ok(await find('the reaction', ({ reactionMessage }) => reactionMessage?.text === '👍'))
  t.ok(await find('the image', ({ imageMessage }) => imageMessage?.caption === 'look'))
})

t.test('groups and statuses arrive from the group, with the customer as participant', async (t) => {
  const session = await buildPaired(t, SHOP)
  const anna = session.sim.customer(ANNA)
  await anna.sendToGroup('120363000000000001@g.us', SHOP, 'hello all')
  await anna.sendToGroup('status@broadcast', SHOP, 'my day')
  const group = await heard(session, 'hello all')
  t.match(group.message.key, { remoteJid: '120363000000000001@g.us', participant: anna.lid, fromMe: false })
  const status = await heard(session, 'my day')
  t.equal(status.message.key.remoteJid, 'status@broadcast')
})

t.test('a customer asks again for what she cannot read, and then reads it', async (t) => {
  const session = await buildPaired(t, SHOP)
  const { sim, client } = session
  const anna = sim.customer(ANNA)
  await anna.send(SHOP, 'hi')
  await heard(session, 'hi')
  await client.socket?.sendMessage(anna.lid, { text: 'before' })
  await anna.waitForReply(/before/)
  // The client's memory of the session is set back, as after a restore: its next message uses a key that is spent.
  const address = `${anna.lid.split('@')[0]}_1.0`
  const { [address]: old } = await client.state.keys.get('session', [address])
  await client.socket?.sendMessage(anna.lid, { text: 'spent' })
  await anna.waitForReply(/spent/)
  await client.state.keys.set({ session: { [address]: old ?? null } })
  await client.socket?.sendMessage(anna.lid, { text: 'unreadable at first' })
  await anna.waitForReply(/unreadable at first/)
  t.ok(sim.log.some(({ kind, peer }) => kind === 'undecryptable' && peer === ANNA))
})

t.test('an answer answers one wait only, and what never came cannot be read', async (t) => {
  const session = await buildPaired(t, SHOP)
  const { sim, client } = session
  const anna = sim.customer(ANNA)
  await client.socket?.sendMessage(anna.lid, { text: 'one' })
  await anna.waitForReply(/one/)
  await t.rejects(anna.waitForReply(/one/, { timeoutMs: 30 }), /a reply to 15550002001 like .*not seen within 30 ms/)
  await t.rejects(anna.readReceipt('NONE'), /never got/)
  t.throws(() => anna.receiptsFor('NONE'), /never sent/)
  t.equal(sim.customer(ANNA), anna)
})
