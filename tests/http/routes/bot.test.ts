import t from 'tap'
import { testApp } from '../../support/app.ts'
import { chatCases, checkCase } from '../../support/chat-cases.ts'
import { demoCatalogue } from '../../support/demo-catalogue.ts'
import { chat, order } from '../../support/shop.ts'

t.test('every sample of the chat is understood over HTTP, and nothing is written', async (t) => {
  const { call, person, db, organization } = await testApp(t)
  await demoCatalogue(db, organization)
  const { token } = await person('employee')
  const rows = async () =>
    (
      await db.rows<{ n: number }>(
        `select (select count(*) from orders) + (select count(*) from order_counters) + (select sum(next) from order_counters) +
        (select count(*) from messages) + (select count(*) from outbox) + (select count(*) from event_log) +
        (select count(*) from bot_prompts) + (select count(*) from customers) + (select sum(reserved) from stock_levels) as n`,
      )
    )[0]
  const before = await rows()
  for (const each of chatCases) {
    const { input: text, context } = each
    const { status, body } = await call({
      method: 'POST',
      url: '/api/bot/preview',
      as: token,
      payload: { text, ...(context === undefined ? {} : { context }) },
    })
    t.equal(status, 200, each.id)
    checkCase(t, each, body)
  }
  t.same(await rows(), before)
})

t.test('the reply is what a customer would get, in their language', async (t) => {
  const { call, person, db, organization } = await testApp(t)
  await demoCatalogue(db, organization)
  const { token } = await person('employee')
  const said = async (text: string, more: object = {}) =>
    (await call({ method: 'POST', url: '/api/bot/preview', as: token, payload: { text, ...more } })).body.reply
  t.match(
    await said('ORDER Gaming Laptop:1'),
    /^✅ Thank you! We got ORD-001001\n1 × Gaming Laptop – \$1,299\.00\nTotal: \$1,299\.00\n/,
  )
  t.match(await said('ORDER gamng laptop:2'), /^❓ Which|^❓ Did you mean|^❓ I could not find/)
  t.match(await said('ORDER Wireless Earbuds:3'), /^⚠️ Only 1 left of Wireless Earbuds\.\nReply YES or NO\./)
  t.match(await said('ORDER 1TB External SSD:1'), /^⚠️ Sold out: 1TB External SSD\./)
  t.match(await said('ORDER Kids T-Shirt:2'), /^❓ Which "Kids T-Shirt" do you mean\?\n1\. Kids T-Shirt/)
  t.match(
    await said('ORDER Blue Mug:1, Flying Carpet:2'),
    /^⚠️ I could not find "Flying Carpet".*\nThese 1 of 2 items are fine:\n1 × Blue Mug/,
  )
  t.match(await said('ORDER Gaming Mouse:a lot'), /^❓ How many Gaming Mouse would you like\?/)
  t.match(await said('catalog'), /^🛍️ Page 1 of 5\n1\. /)
  t.match(await said('catalog computers'), /^🛍️ Page 1 of 1 in Computers\n/)
  t.match(await said('طلب تمر:٢'), /^✅ نشكرك! وصلنا ORD-001001/)
  t.match(await said('idioma español'), /^🗣️ A partir de ahora/)
  const contact = await call({
    method: 'POST',
    url: '/api/whatsapp/contact/add',
    as: token,
    payload: { phoneNumber: '+15550100001', name: 'Amal', language: 'es' },
  })
  const [row] = await db.rows<{ id: string }>('select id from customers')
  t.equal(contact.status, 201)
  t.match(await said('ORDER Blue Mug:1', { customerId: row?.id }), /^✅ ¡Muchas gracias, Amal! Hemos recibido/)
  t.match(await said('estado', { customerId: row?.id }), /^📦 No tienes nada pendiente/)
  const other = await person('employee')
  const hidden = await call({
    method: 'POST',
    url: '/api/bot/preview',
    as: other.token,
    payload: { text: 'hi', customerId: row?.id },
  })
  t.match(hidden.body, { status: 404, code: 'not-found' })
})

t.test('an answer is answered as the live bot would, by what was asked, and nothing is done', async (t) => {
  const { call, person, db, organization } = await testApp(t)
  await demoCatalogue(db, organization)
  const me = await person('employee')
  const said = async (text: string, more: object = {}) =>
    (await call({ method: 'POST', url: '/api/bot/preview', as: me.token, payload: { text, ...more } })).body.reply
  const asked = (type: string, more: object = {}) => ({ context: { pending: { type, ...more } } })
  const mugs = { about: [{ sku: 'MUG-BLU', quantity: 2 }] }
  t.match(
    await said('yes', asked('confirm', mugs)),
    /^✅ Thank you! We got ORD-001001\n2 × Blue Mug – .*cancel ORD-001001$/s,
  )
  t.match(
    await said('yes', asked('confirm', { about: [{ sku: 'MUG-BLU', quantity: 999 }] })),
    /^⚠️ Only \d+ left of Blue Mug/,
  )
  t.match(await said('no', asked('confirm', mugs)), /^👌/)
  t.match(await said('yes', asked('confirm')), /^✅ Thank you! We got ORD-001001\n1 × /, 'of something there is')
  const two = { about: [{ sku: 'MUG-BLU', quantity: 3 }, { sku: 'PAN-28' }] }
  t.match(await said('1', asked('choice', two)), /^❓ Did you mean:\n3 × Blue Mug/)
  t.match(await said('5', asked('choice', two)), /^🤔/, 'there is no fifth')
  t.match(await said('2', asked('page', { about: [{ sku: 'PAN-28' }, { sku: 'MUG-BLU' }] })), /^❓ How many Blue Mug/)
  t.match(await said('2', asked('page', { options: 10 })), /^❓ How many /)
  t.match(await said('4', asked('qty', mugs)), /^❓ Did you mean:\n4 × Blue Mug/)
  t.match(await said('0', asked('qty', mugs)), /^❓ How many Blue Mug/)
  t.match(await said('yes', { context: { pending: null } }), /^🤔 I have no question open/)

  const chatted = await chat(db, organization, me.id, '+15550100001', ['cancel'])
  const orderId = await order(db, organization, me.id, chatted.customerId)
  const [row] = await db.rows<{ number: number }>('select number from orders where id = ?', [orderId])
  const question = { type: 'cancel', orderId, number: row?.number }
  await db.run(
    `insert into bot_prompts (conversation_id, kind, payload, wa_message_id, expires_at)
     values (?, 'confirm', ?::jsonb, 'Q', now() + interval '1 hour')`,
    [chatted.conversationId, JSON.stringify({ question, earlier: [] })],
  )
  const amal = { customerId: chatted.customerId }
  t.match(await said('yes', amal), /^✅ Done: ORD-\d+ is cancelled/)
  t.match(await said('no', { ...amal, ...asked('confirm') }), /^📦 Your latest:\nORD-/)
  t.match(await said('yes', { ...amal, ...asked('confirm', mugs) }), /^✅ .*2 × Blue Mug/s)
  await db.run(`update orders set status = 'shipped'`)
  t.match(await said('yes', amal), /^📦 It is too late to undo/)
  t.match(await said('yes', { ...amal, context: null }), /^🤔 I have no question open/)
  t.same(await db.rows('select status from orders'), [{ status: 'shipped' }])
  t.equal((await db.rows('select from bot_prompts')).length, 1)
  t.equal(
    (await db.rows(`select from stock_movements where kind = 'reserve'`)).length,
    1,
    'of the order that was there',
  )
})

t.test('a name that changed is understood by the next message, on every node', async (t) => {
  const { call, person, db, organization } = await testApp(t)
  await demoCatalogue(db, organization)
  const { token } = await person('employee')
  const skuOf = async (text: string) =>
    (await call({ method: 'POST', url: '/api/bot/preview', as: token, payload: { text } })).body.items[0].sku
  t.equal(await skuOf('ORDER Blue Mug:1'), 'MUG-BLU')
  // Not through this node's own stores: as another node would.
  await db.run(`update products set name = 'Azure Cup' where name = 'Blue Mug'`)
  t.equal(await skuOf('ORDER Azure Cup:1'), 'MUG-BLU')
  t.equal(await skuOf('ORDER Blue Mug Set of 4:1'), 'MUG-BLU-4')
  await db.run(`update products set status = 'archived' where name = 'Azure Cup'`)
  t.equal(await skuOf('ORDER Azure Cup:1'), null)
  await db.run(`update variants set aliases = '{cup}' where sku = 'PAN-28'`)
  t.equal(await skuOf('ORDER cup:1'), 'PAN-28')
})
