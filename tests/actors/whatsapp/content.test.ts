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
  [
    'a contact',
    { contactMessage: { displayName: 'Bob' } },
    { kind: 'contact-card', count: 1, cards: [{ name: 'Bob', phones: [] }] },
  ],
  [
    'contacts with their numbers',
    {
      contactsArrayMessage: {
        contacts: [
          {
            displayName: 'Ann',
            vcard: 'BEGIN:VCARD\r\nFN:A.\r\nTEL;type=CELL;waid=1555:+1 555 0101\r\nitem1.TEL:112\r\nEND:VCARD',
          },
          { vcard: 'BEGIN:VCARD\nFN:Ben\nNOTE:TEL:no\nEND:VCARD' },
        ],
      },
    },
    {
      kind: 'contact-card',
      count: 2,
      cards: [
        { name: 'Ann', phones: ['+1 555 0101', '112'] },
        { name: 'Ben', phones: [] },
      ],
    },
  ],
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
    { kind: 'edit', targetId: 'OLD', text: 'new', caption: 'image' },
  ],
  [
    'a poll',
    { pollCreationMessageV3: { name: 'which?', options: [{ optionName: 'tea' }, { optionName: 'coffee' }] } },
    { kind: 'poll', question: 'which?', options: ['tea', 'coffee'] },
  ],
  ['a vote', { pollUpdateMessage: { pollCreationMessageKey: KEY } }, { kind: 'other', type: 'pollUpdateMessage' }],
  [
    'an offer of a product',
    { productMessage: { body: 'still there?' } },
    { kind: 'other', type: 'productMessage', text: 'still there?' },
  ],
  ['the announcement of an album', { albumMessage: { expectedImageCount: 3 } }, null],
  [
    'a GIF in answer to a message',
    { videoMessage: { gifPlayback: true, seconds: 3, width: 320, height: 240, contextInfo: { stanzaId: 'OLD' } } },
    {
      kind: 'media',
      media: 'video',
      mime: null,
      bytes: null,
      caption: null,
      details: { seconds: 3, width: 320, height: 240, animated: true },
      quotedId: 'OLD',
    },
  ],
  [
    'a document by its name',
    { documentMessage: { mimetype: 'application/pdf', fileName: 'invoice.pdf', pageCount: 2, fileLength: 9 } },
    {
      kind: 'media',
      media: 'document',
      mime: 'application/pdf',
      bytes: 9,
      caption: null,
      details: { fileName: 'invoice.pdf', pages: 2 },
    },
  ],
  [
    'a place that moves on',
    {
      liveLocationMessage: { degreesLatitude: 1.5, degreesLongitude: -2.5, accuracyInMeters: 8, caption: 'on my way' },
    },
    { kind: 'location', latitude: 1.5, longitude: -2.5, name: null, accuracy: 8, live: true, comment: 'on my way' },
  ],
  [
    'a cart with a note',
    { orderMessage: { orderId: '7', itemCount: 1, message: 'gift wrap, please' } },
    { kind: 'cart', orderId: '7', itemCount: 1, totalAmount1000: 0, currency: '', note: 'gift wrap, please' },
  ],
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

t.test('where a file is and its key are known only when nothing of it is missing', async (t) => {
  const bytes = (fill: number) => Buffer.alloc(32, fill)
  const whole = {
    url: 'https://mmg.whatsapp.net/v/file?a=1',
    directPath: '/v/file?a=1',
    mediaKey: bytes(1),
    fileEncSha256: bytes(2),
    fileSha256: bytes(3),
  }
  const sourceOf = (file: proto.Message.IImageMessage) => {
    const content = contentOf({ imageMessage: file })
    return content?.kind === 'media' ? content.source : null
  }
  t.same(sourceOf(whole), {
    host: 'mmg.whatsapp.net',
    path: '/v/file?a=1',
    key: bytes(1).toString('base64'),
    encryptedSha256: bytes(2).toString('base64'),
    sha256: bytes(3).toString('base64'),
  })
  t.match(sourceOf({ ...whole, url: null }), { host: null, path: '/v/file?a=1' })
  t.match(sourceOf({ ...whole, directPath: null }), { path: '/v/file?a=1' })
  t.equal(sourceOf({ ...whole, mediaKey: null }), undefined)
  t.equal(sourceOf({ ...whole, directPath: 'no-path' }), undefined)
  t.equal(sourceOf({ ...whole, fileSha256: null }), undefined)
})
