import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { asId, type CustomerId, type Fence, type MessageId } from '../../src/domain/ids.ts'
import { recogniseSender } from '../../src/persistence/contacts.ts'
import type { InboundDraft } from '../../src/persistence/inbound-statement.ts'
import { makeInboundWriter } from '../../src/persistence/inbound-writer.ts'
import { claim, FencedError } from '../../src/persistence/leases.ts'
import { AMAL, makeShop, NOON, type Shop } from '../support/bot-shop.ts'

async function open(t: Parameters<typeof makeShop>[0]) {
  const shop = await makeShop(t)
  const erin = await shop.account('erin@example.com')
  await shop.contact(erin.session, AMAL, 'Amal')
  const sender = await recogniseSender(shop.db, {
    orgId: shop.organization.id,
    userId: erin.session,
    phone: AMAL,
    lid: null,
  })
  if (sender === null) throw new Error('no contact')
  return { shop, erin, customerId: sender.customerId, write: makeInboundWriter(shop.db, shop.sealer, 16) }
}

async function draft(shop: Shop, fence: Fence, customerId: CustomerId, waMessageId: string): Promise<InboundDraft> {
  const { id } = await shop.journal(fence)
  const messageId = asId<MessageId>(uuidv7())
  return {
    inboxId: id,
    orgId: shop.organization.id,
    customerId,
    newConversationId: uuidv7(),
    replyAddress: Buffer.from('sealed'),
    newLid: null,
    event: 'message.received',
    message: {
      id: messageId,
      userId: fence.session,
      waMessageId,
      fromMe: false,
      author: 'customer',
      type: 'text',
      text: 'hello',
      status: 'received',
      at: NOON,
    },
    order: null,
    reply: null,
  }
}

t.test('of many that come at once, one that cannot be written takes nothing from the others', async (t) => {
  const { shop, erin, customerId, write } = await open(t)
  const names = ['A', 'B', 'C', 'B', 'D']
  const drafts = await Promise.all(names.map((name) => draft(shop, erin, customerId, name)))
  const results = await Promise.allSettled(drafts.map((each) => write(erin, each)))
  t.same(
    results.map((result) => (result.status === 'fulfilled' ? result.value.kind : result.reason.code)),
    ['stored', 'stored', 'stored', '23505', 'stored'],
  )
  t.equal((await shop.db.rows('select from messages')).length, 4)
  t.equal((await shop.db.rows(`select from inbox where state = 'new'`)).length, 1)
})

t.test('an old owner among them writes nothing, and only it is told so', async (t) => {
  const { shop, erin, customerId, write } = await open(t)
  const old = erin
  const [fresh] = await claim(shop.db, [erin.session], erin.owner)
  if (fresh === undefined) throw new Error('not claimed')
  const [a, b, c] = await Promise.all(['A', 'B', 'C'].map((name) => draft(shop, erin, customerId, name)))
  if (a === undefined || b === undefined || c === undefined) throw new Error('no drafts')
  const [first, second, third] = await Promise.allSettled([write(fresh, a), write(old, b), write(fresh, c)])
  t.match(first, { value: { kind: 'stored' } })
  t.ok(second.status === 'rejected' && second.reason instanceof FencedError)
  t.match(third, { value: { kind: 'stored' } })
  t.same(await shop.db.rows('select wa_message_id as id from messages order by 1'), [{ id: 'A' }, { id: 'C' }])
})

t.test('a row that is done, and a sender who is no contact any more, write nothing', async (t) => {
  const { shop, erin, customerId, write } = await open(t)
  const first = await draft(shop, erin, customerId, 'A')
  t.match(await write(erin, first), { kind: 'stored' })
  const again = await draft(shop, erin, customerId, 'B')
  t.match(await write(erin, { ...again, inboxId: first.inboxId }), { kind: 'done' })
  await shop.db.run('delete from contacts')
  t.match(await write(erin, again), { kind: 'outdated' })
  t.equal((await shop.db.rows('select from messages')).length, 1)
})
