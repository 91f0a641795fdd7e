import t from 'tap'
import { ackOf, receiptOf } from '../../../src/actors/whatsapp/statuses.ts'

const OWN = { phone: '15550001000', lid: '11' }
const receipt = (attrs: Record<string, string>, content?: unknown) => receiptOf({ tag: 'receipt', attrs, content }, OWN)

t.test('an ack is good unless it carries an error', async (t) => {
  t.same(ackOf({ tag: 'ack', attrs: { class: 'message', id: 'A' } }), { type: 'ack', waMessageId: 'A', ok: true })
  t.same(ackOf({ tag: 'ack', attrs: { id: 'A', error: '463' } }), {
    type: 'ack',
    waMessageId: 'A',
    ok: false,
    error: '463',
  })
  t.equal(ackOf({ tag: 'ack', attrs: {} }), null)
})

t.test('receipts of the other side', async (t) => {
  const from = '77:3@lid'
  t.same(receipt({ id: 'A', from }), { type: 'receipt', waMessageIds: ['A'], status: 'delivered' })
  t.match(receipt({ id: 'A', from, type: 'inactive' }), { status: 'delivered' })
  t.match(receipt({ id: 'A', from, type: 'read' }), { status: 'read' })
  t.match(receipt({ id: 'A', from, type: 'played' }), { status: 'read' })
})

t.test('one receipt for several messages', async (t) => {
  const item = (id: string) => ({ tag: 'item', attrs: { id } })
  const list = [{ tag: 'list', attrs: {}, content: [item('B'), item('C')] }]
  t.match(receipt({ id: 'A', from: '77@lid', type: 'read' }, list), { waMessageIds: ['A', 'B', 'C'] })
})

t.test('neither our own devices nor requests to send again are a delivery', async (t) => {
  t.equal(receipt({ id: 'A', from: '15550001000:4@s.whatsapp.net' }), null)
  t.equal(receipt({ id: 'A', from: '11:4@lid', type: 'read' }), null)
  t.equal(receipt({ id: 'A', from: '77@lid', type: 'retry' }), null)
  t.equal(receipt({ id: 'A', from: '77@lid', type: 'sender' }), null)
  t.equal(receipt({ id: 'A', from: '77@lid', type: 'server-error' }), null)
  t.ok(receipt({ id: 'A', from: '11@s.whatsapp.net' }), 'a phone number that reads like our LID is somebody else')
})
