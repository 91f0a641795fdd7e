// What customers send besides text, over the real protocol, as staff see it over HTTP.
import { proto } from '@whiskeysockets/baileys'
import t from 'tap'
import { installation } from '../../support/node.ts'
import { until } from '../../support/until.ts'

t.setTimeout(60_000)

const SHOP = '+15550100000'
const AMAL = '+15550101111'
const { Type } = proto.Message.ProtocolMessage
const THUMBNAIL = Buffer.from('a thumbnail')

const { simulator, start, database } = await installation(t)
const node = await start()
const { token } = await node.signUp('nour@company.com')
await node.pair(token, SHOP)
const product = { name: 'Blue Mug', price: '12.00', stock: 40 }
await node.call('POST', '/api/products', { token, body: product })
await node.call('POST', '/api/whatsapp/contact/add', { token, body: { phoneNumber: AMAL, name: 'Amal' } })
const amal = simulator.customer(AMAL)

/** All messages of the one conversation, newest first. */
async function history() {
  const { body } = await node.call('GET', '/api/whatsapp/conversations', { token })
  const id = body.data[0]?.id
  if (id === undefined) return []
  return (await node.call('GET', `/api/whatsapp/conversations/${id}/messages?limit=100`, { token })).body.data
}

/** The newest message of the customer, once there are as many as they sent. */
let inbound = 0
async function arrives(message: proto.IMessage) {
  inbound += 1
  const { id } = await amal.sendProto(SHOP, message)
  const rows = await until(`${Object.keys(message)[0]} stored`, async () => {
    const own = (await history()).filter((row: { direction: string }) => row.direction === 'in')
    return own.length >= inbound ? own : null
  })
  t.equal(rows.length, inbound)
  return { id, row: rows[0] }
}

t.test('each kind is stored as what it is', async (t) => {
  const cases: readonly (readonly [proto.IMessage, object])[] = [
    [
      { imageMessage: { mimetype: 'image/jpeg', fileLength: 9, width: 4, height: 3, jpegThumbnail: THUMBNAIL } },
      { type: 'image', text: null, media: { mime: 'image/jpeg', bytes: 9, width: 4, height: 3 } },
    ],
    [
      { videoMessage: { mimetype: 'video/mp4', seconds: 5, caption: 'look' } },
      { type: 'video', text: 'look', media: { mime: 'video/mp4', seconds: 5 } },
    ],
    [{ audioMessage: { mimetype: 'audio/mpeg' } }, { type: 'audio', media: { mime: 'audio/mpeg' } }],
    [{ audioMessage: { mimetype: 'audio/ogg', ptt: true, seconds: 2 } }, { type: 'voice', media: { seconds: 2 } }],
    [
      { documentMessage: { mimetype: 'application/pdf', fileName: 'paid.pdf' } },
      { type: 'document', media: { mime: 'application/pdf', fileName: 'paid.pdf' } },
    ],
    [
      { stickerMessage: { mimetype: 'image/webp', isAnimated: true } },
      { type: 'sticker', media: { mime: 'image/webp', animated: true } },
    ],
    [
      { locationMessage: { degreesLatitude: 1.5, degreesLongitude: -2.5, name: 'Home', address: '1 Main St' } },
      { type: 'location', text: null, media: { latitude: 1.5, longitude: -2.5, name: 'Home', address: '1 Main St' } },
    ],
    [
      { liveLocationMessage: { degreesLatitude: 1.5, degreesLongitude: -2.5, caption: 'coming' } },
      { type: 'location', text: 'coming', media: { latitude: 1.5, live: true } },
    ],
    [
      { contactMessage: { displayName: 'Bob', vcard: 'BEGIN:VCARD\nTEL:+1 555 0102\nEND:VCARD' } },
      { type: 'contact-card', media: { count: 1, cards: [{ name: 'Bob', phones: ['+1 555 0102'] }] } },
    ],
    [
      { viewOnceMessageV2: { message: { imageMessage: { caption: 'for your eyes', mimetype: 'image/jpeg' } } } },
      { type: 'view-once', text: null, media: null },
    ],
    [
      {
        orderMessage: {
          orderId: 'C1',
          itemCount: 3,
          totalAmount1000: 120_000,
          totalCurrencyCode: 'USD',
          message: 'hi!',
        },
      },
      { type: 'cart', text: 'hi!', media: { orderId: 'C1', itemCount: 3, totalAmount1000: 120_000, currency: 'USD' } },
    ],
    [
      { pollCreationMessageV3: { name: 'Which?', options: [{ optionName: 'A' }, { optionName: 'B' }] } },
      { type: 'poll', text: 'Which?', media: { options: ['A', 'B'] } },
    ],
    [{ eventMessage: { name: 'Fair' } }, { type: 'other', text: 'Fair', media: { type: 'eventMessage' } }],
  ]
  for (const [message, expected] of cases)
    t.match((await arrives(message)).row, { ...expected, status: 'received', reactions: [], author: 'customer' })
  const stored = JSON.stringify(await database.db.rows('select * from messages'))
  t.notMatch(stored, /for your eyes/, 'nothing of what may be seen once')
  t.notMatch(stored, new RegExp(THUMBNAIL.toString('base64')))
  const said = (await history()).filter((row: { author: string }) => row.author === 'bot')
  t.match(
    said.map((row: { text: string }) => row.text),
    [/^🛒 /, /^📍 /, /^🎙️ /],
    'to the cart, and once to a place and to what is spoken; to nothing else',
  )
  const { body } = await node.call('GET', '/api/whatsapp/conversations', { token })
  t.same(body.data[0].attention, ['handoff', 'cart', 'voice', 'location'], 'and what waits for a person')
})

t.test('a caption is read by the bot as if it were typed', async (t) => {
  const { row } = await arrives({ imageMessage: { mimetype: 'image/jpeg', caption: 'ORDER Blue Mug:2' } })
  t.match(row, { type: 'image', text: 'ORDER Blue Mug:2' })
  t.match((await amal.waitForReply(/Thank you/)).text, /2 × Blue Mug/)
})

t.test('edits, deletions and reactions change the message they are about, and are none themselves', async (t) => {
  const { id } = await arrives({ conversation: 'my parcel?' })
  await amal.waitForReply()
  const key = { id, fromMe: true, remoteJid: '15550100000@s.whatsapp.net' }
  const shown = async () =>
    (await history()).find(
      (row: { quoted: null; text: string | null; revokedAt: string | null; orderId: null }) =>
        row.text?.startsWith('my parcel') || row.revokedAt !== null,
    )
  const becomes = (
    what: string,
    test: (row: { text: string | null; reactions: unknown[]; revokedAt: string | null }) => boolean,
  ) =>
    until(what, async () => {
      const row = await shown()
      return row !== undefined && test(row) ? row : null
    })

  await amal.sendProto(SHOP, { reactionMessage: { key, text: '👍' } })
  t.same((await becomes('the reaction', ({ reactions }) => reactions.length === 1)).reactions, [
    { author: 'customer', emoji: '👍' },
  ])
  await amal.sendProto(SHOP, { reactionMessage: { key, text: '❤️' } })
  await becomes('another in its place', ({ reactions }) => JSON.stringify(reactions).includes('❤️'))
  await amal.sendProto(SHOP, { reactionMessage: { key, text: '' } })
  await becomes('none', ({ reactions }) => reactions.length === 0)

  const edited = {
    protocolMessage: { type: Type.MESSAGE_EDIT, key, editedMessage: { conversation: 'my parcel, please?' } },
  }
  await amal.sendProto(SHOP, { editedMessage: { message: edited } })
  t.match(await becomes('the edit', ({ text }) => text === 'my parcel, please?'), {
    editedAt: String,
    edits: [{ text: 'my parcel?', until: String }],
  })

  await amal.sendProto(SHOP, { reactionMessage: { key, text: '👍' } })
  await becomes('a reaction again', ({ reactions }) => reactions.length === 1)
  await amal.sendProto(SHOP, { protocolMessage: { type: Type.REVOKE, key } })
  const gone = await becomes('the deletion', ({ revokedAt }) => revokedAt !== null)
  t.match(gone, { text: null, media: null, type: 'text' })
  t.same([gone.reactions, gone.edits], [[], []])
  const own = (await history()).filter((row: { direction: string }) => row.direction === 'in')
  t.equal(own.length, inbound, 'none of it is a message of its own')
})

t.test('a customer reacts to what the bot said, and cannot delete it', async (t) => {
  const bots = (await history()).filter((row: { author: string }) => row.author === 'bot')
  const id = amal.inbox.at(-1)?.id ?? ''
  const key = { id, fromMe: false, remoteJid: '15550100000@s.whatsapp.net' }
  await amal.sendProto(SHOP, { protocolMessage: { type: Type.REVOKE, key } })
  await amal.sendProto(SHOP, { reactionMessage: { key, text: '🙏' } })
  const row = await until('the reaction', async () =>
    (await history()).find((one: { reactions: unknown[] }) => one.reactions.length === 1),
  )
  t.match(row, { author: 'bot', revokedAt: null, text: String })
  t.equal((await history()).filter((one: { author: string }) => one.author === 'bot').length, bots.length)
})
