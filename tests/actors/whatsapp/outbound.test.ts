import t from 'tap'
import { messageOf } from '../../../src/actors/whatsapp/outbound.ts'

const SIDES = { recipient: '77@lid', own: '11@lid' }
const UPLOADING = { mediaConn: () => Promise.reject(new Error('not asked')), policy: { ca: null, timeoutMs: 1 } }

t.test('a text is a text, and nothing is fetched for it', async (t) => {
  const text = 'see https://example.com'
  t.same(await messageOf({ kind: 'text', text }, SIDES, UPLOADING), { extendedTextMessage: { text } })
})

t.test('an answer names the message it answers and whose it was', async (t) => {
  const quoted = { waMessageId: 'OLD', text: 'my parcel?' }
  for (const [fromMe, participant] of [
    [false, '77@lid'],
    [true, '11@lid'],
  ] as const)
    t.match(await messageOf({ kind: 'text', text: 'soon', quoted: { ...quoted, fromMe } }, SIDES, UPLOADING), {
      extendedTextMessage: {
        contextInfo: { stanzaId: 'OLD', participant, quotedMessage: { conversation: 'my parcel?' } },
      },
    })
})

t.test('a picture that no host takes is no message', async (t) => {
  const picture = { kind: 'image', mime: 'image/png', data: 'AAAA', caption: '' } as const
  const uploading = { mediaConn: async () => ({ hosts: [], auth: 'a' }), policy: UPLOADING.policy }
  await t.rejects(messageOf(picture, SIDES, uploading), { name: 'UploadFailed' })
})
