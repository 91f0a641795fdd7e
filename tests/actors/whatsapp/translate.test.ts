import { proto } from '@whiskeysockets/baileys'
import t from 'tap'
import { encodeJournal } from '../../../src/actors/whatsapp/journal.ts'
import { translate } from '../../../src/actors/whatsapp/translate.ts'

const OWN = { phone: '+15550001000', lid: '11' }
const ANN = { from: '77:2@lid', id: 'A', t: '1700000000', notify: 'Ann' }

const padded = (message: proto.IMessage, padding = 7) =>
  Buffer.concat([proto.Message.encode(message).finish(), Buffer.alloc(padding, padding)])

const payload = (
  message: proto.IMessage,
  attrs: Record<string, string> = ANN,
  known: { phone?: string; lid?: string } = {},
) => encodeJournal({ attrs, phone: known.phone ?? null, lid: known.lid ?? null, plaintext: padded(message) })

t.test('a text of a customer', async (t) => {
  t.same(translate(payload({ conversation: 'hello' }, ANN, { phone: '15550002000', lid: '77' }), OWN), {
    kind: 'message',
    message: {
      waMessageId: 'A',
      chat: { phone: '+15550002000', lid: '77' },
      fromMe: false,
      pushName: 'Ann',
      at: new Date(1_700_000_000_000),
      offline: false,
      content: { kind: 'text', text: 'hello', quotedId: null },
      replyJid: '77@lid',
    },
  })
})

t.test('one that waited for us, of someone whose number nobody knows', async (t) => {
  const translated = translate(payload({ conversation: 'x' }, { ...ANN, offline: '1' }, { lid: '77' }), OWN)
  t.match(translated, { message: { offline: true, chat: { phone: null, lid: '77' } } })
})

t.test('a message typed on the phone of the owner belongs to the chat with the customer', async (t) => {
  const attrs = { from: '11:0@lid', recipient: '77@lid', id: 'B', t: '1700000000' }
  const copy = { deviceSentMessage: { destinationJid: '77@lid', message: { conversation: 'typed' } } }
  t.match(translate(payload(copy, attrs, { phone: '15550002000', lid: '77' }), OWN), {
    message: { fromMe: true, chat: { lid: '77' }, replyJid: '77@lid', content: { kind: 'text', text: 'typed' } },
  })
})

t.test('what is not a message of a direct chat is ignored with its reason', async (t) => {
  const text = { conversation: 'x' }
  const from = (jid: string, more = {}) => translate(payload(text, { ...ANN, from: jid, ...more }), OWN)
  t.same(from('1-2@g.us'), { kind: 'ignored', reason: 'group', keepPayload: false })
  t.match(from('status@broadcast'), { reason: 'status' })
  t.match(from('5@broadcast'), { reason: 'broadcast' })
  t.match(from('6@newsletter'), { reason: 'newsletter' })
  t.match(from('15550001000:0@s.whatsapp.net'), { reason: 'own-device' })
  t.match(from('11@lid'), { reason: 'own-device' })
  t.same(from('11@lid', { category: 'peer' }), { kind: 'ignored', reason: 'protocol', keepPayload: true })
})

t.test('protocol traffic, keys and nothing at all are told apart from messages', async (t) => {
  const protocol = { protocolMessage: { type: proto.Message.ProtocolMessage.Type.EPHEMERAL_SETTING } }
  t.match(translate(payload(protocol), OWN), { kind: 'ignored', reason: 'protocol' })
  const silent: readonly proto.IMessage[] = [
    {},
    { conversation: '' },
    { extendedTextMessage: { text: '' } },
    { messageContextInfo: { messageSecret: Buffer.from('s') } },
    { senderKeyDistributionMessage: { groupId: 'g' } },
  ]
  for (const message of silent)
    t.match(translate(payload(message), OWN), { kind: 'ignored', reason: 'empty', keepPayload: false })
})

t.test('padding and bytes that make no sense are empty, not an error', async (t) => {
  for (const plaintext of [
    Buffer.alloc(0),
    Buffer.from([0]),
    Buffer.from([9]),
    Buffer.from('not a message at all!\u0001'),
  ]) {
    const bytes = encodeJournal({ attrs: ANN, phone: null, lid: '77', plaintext })
    t.match(translate(bytes, OWN), { kind: 'ignored', reason: 'empty' })
  }
  t.throws(() => translate(Buffer.from('rubbish'), OWN), /journal/)
})

t.test('a message of sixty thousand characters is kept whole', async (t) => {
  const text = 'x'.repeat(60_000)
  t.match(translate(payload({ conversation: text }), OWN), { message: { content: { text } } })
})
