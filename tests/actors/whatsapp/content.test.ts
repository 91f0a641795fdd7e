import { proto } from '@whiskeysockets/baileys'
import t from 'tap'
import { contentOf } from '../../../src/actors/whatsapp/content.ts'

const { Type } = proto.Message.ProtocolMessage
const KEY = { id: 'OLD' }

const cases: readonly [string, proto.IMessage, object | null][] = [
  ['text', { conversation: 'hi' }, { kind: 'text', text: 'hi', quotedId: null }],
  [
    'an answer to a message',
    { extendedTextMessage: { text: 'yes', contextInfo: { stanzaId: 'OLD' } } },
    { kind: 'text', text: 'yes', quotedId: 'OLD' },
  ],
  [
    'text in a disappearing chat',
    { ephemeralMessage: { message: { conversation: 'hi' } } },
    { kind: 'text', text: 'hi', quotedId: null },
  ],
  [
    'a button',
    { buttonsResponseMessage: { selectedDisplayText: 'Yes' } },
    { kind: 'text', text: 'Yes', quotedId: null },
  ],
  [
    'a picture',
    {
      imageMessage: { mimetype: 'image/jpeg', fileLength: 1234, caption: 'ORDER tea', jpegThumbnail: Buffer.from('x') },
    },
    { kind: 'media', media: 'image', mime: 'image/jpeg', bytes: 1234, caption: 'ORDER tea' },
  ],
  [
    'a video note',
    { ptvMessage: { mimetype: 'video/mp4' } },
    { kind: 'media', media: 'video', mime: 'video/mp4', bytes: null, caption: null },
  ],
  [
    'a voice note',
    { audioMessage: { ptt: true } },
    { kind: 'media', media: 'voice', mime: null, bytes: null, caption: null },
  ],
  ['a song', { audioMessage: {} }, { kind: 'media', media: 'audio', mime: null, bytes: null, caption: null }],
  ['a sticker', { stickerMessage: {} }, { kind: 'media', media: 'sticker', mime: null, bytes: null, caption: null }],
  [
    'a document with a caption',
    {
      documentWithCaptionMessage: {
        message: { documentMessage: { mimetype: 'application/pdf', caption: 'the invoice' } },
      },
    },
    { kind: 'media', media: 'document', mime: 'application/pdf', bytes: null, caption: 'the invoice' },
  ],
  [
    'a place',
    { locationMessage: { degreesLatitude: 1.5, degreesLongitude: -2.5, name: 'Home' } },
    { kind: 'location', latitude: 1.5, longitude: -2.5, name: 'Home' },
  ],
  ['a contact', { contactMessage: { displayName: 'Bob' } }, { kind: 'contact-card', count: 1 }],
  ['contacts', { contactsArrayMessage: { contacts: [{}, {}] } }, { kind: 'contact-card', count: 2 }],
  [
    'a cart',
    { orderMessage: { orderId: '7', itemCount: 2, totalAmount1000: 5500, totalCurrencyCode: 'USD' } },
    { kind: 'cart', orderId: '7', itemCount: 2, totalAmount1000: 5500, currency: 'USD' },
  ],
  ['a reaction', { reactionMessage: { key: KEY, text: '👍' } }, { kind: 'reaction', targetId: 'OLD', emoji: '👍' }],
  [
    'a reaction taken back',
    { reactionMessage: { key: KEY, text: '' } },
    { kind: 'reaction', targetId: 'OLD', emoji: '' },
  ],
  ['a deletion', { protocolMessage: { type: Type.REVOKE, key: KEY } }, { kind: 'delete', targetId: 'OLD' }],
  [
    'an edit',
    { protocolMessage: { type: Type.MESSAGE_EDIT, key: KEY, editedMessage: { conversation: 'new' } } },
    { kind: 'edit', targetId: 'OLD', text: 'new' },
  ],
  [
    'an edit in its envelope',
    {
      editedMessage: {
        message: {
          protocolMessage: {
            type: Type.MESSAGE_EDIT,
            key: KEY,
            editedMessage: { extendedTextMessage: { text: 'new' } },
          },
        },
      },
    },
    { kind: 'edit', targetId: 'OLD', text: 'new' },
  ],
  [
    'an edited caption',
    { protocolMessage: { type: Type.MESSAGE_EDIT, key: KEY, editedMessage: { imageMessage: { caption: 'new' } } } },
    { kind: 'edit', targetId: 'OLD', text: 'new' },
  ],
  ['a poll', { pollCreationMessage: { name: 'which?' } }, { kind: 'other', type: 'pollCreationMessage' }],
  ['another protocol message', { protocolMessage: { type: Type.APP_STATE_SYNC_KEY_SHARE } }, null],
]
for (const [name, message, expected] of cases) {
  t.test(name, async (t) => {
    // Through the wire format, where numbers are Long and defaults are filled in.
    const received = proto.Message.decode(proto.Message.encode(proto.Message.fromObject(message)).finish())
    t.same(contentOf(received), expected)
  })
}

t.test('of a view-once message nothing is known but that it was one', async (t) => {
  const image = { imageMessage: { caption: 'secret', mimetype: 'image/jpeg' } }
  const forms: readonly proto.IMessage[] = [
    { viewOnceMessage: { message: image } },
    { viewOnceMessageV2: { message: image } },
    { viewOnceMessageV2Extension: { message: { audioMessage: {} } } },
    { ephemeralMessage: { message: { viewOnceMessageV2: { message: image } } } },
    { imageMessage: { ...image.imageMessage, viewOnce: true } },
  ]
  for (const message of forms) t.same(contentOf(message), { kind: 'view-once' })
})
