import t from 'tap'
import { kindOf, minorOfThousandths } from '../../../src/domain/bot/kinds.ts'
import type { MediaKind } from '../../../src/domain/conversation/message.ts'

const file = (media: MediaKind, mime: string | null = null) =>
  ({ kind: 'media', media, mime, bytes: null, caption: null }) as const

t.test('what needs a person is told from what needs nobody', async (t) => {
  t.equal(kindOf(file('voice')), 'voice')
  t.equal(kindOf(file('audio')), 'voice')
  t.equal(kindOf(file('image')), 'payment-proof')
  t.equal(kindOf(file('document', 'application/pdf')), 'payment-proof')
  t.equal(kindOf(file('document', 'image/png')), 'payment-proof')
  t.equal(kindOf(file('document', 'text/csv')), null)
  t.equal(kindOf(file('document')), null)
  for (const media of ['sticker', 'video'] as const) t.equal(kindOf(file(media)), null, media)
  t.equal(kindOf({ kind: 'location', latitude: 0, longitude: 0, name: null }), 'location')
  t.equal(kindOf({ kind: 'view-once' }), null)
  t.equal(kindOf({ kind: 'text', text: 'cart', quotedId: null }), null)
})

t.test('the total of a cart is in the minor units of its currency', async (t) => {
  t.equal(minorOfThousandths(120_000, 2), 12_000)
  t.equal(minorOfThousandths(5_000_000, 0), 5_000)
  t.equal(minorOfThousandths(1_234, 3), 1_234)
  t.equal(minorOfThousandths(19_999, 2), 2_000)
})
