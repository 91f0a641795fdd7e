import t from 'tap'
import { processInbound } from '../../src/actors/inbox/process.ts'
import type { MessageContent } from '../../src/domain/conversation/message.ts'
import { asId, type ConversationId, type MessageId } from '../../src/domain/ids.ts'
import type { E164 } from '../../src/domain/phone.ts'
import { exportCustomer } from '../../src/persistence/customer-export.ts'
import { fileOf } from '../../src/persistence/media.ts'
import { MOST_FORMER_TEXTS } from '../../src/persistence/message-edits.ts'
import { findMessage } from '../../src/persistence/messages.ts'
import { DEFAULT_POLICY } from '../../src/policy.ts'
import { inbound, makeShop, NOON, type Said, warm } from '../support/bot-shop.ts'
import { findAnywhere } from '../support/scan.ts'

const MINUTE = 60_000
const later = (minutes: number) => new Date(NOON.getTime() + minutes * MINUTE)
const bot = { ...DEFAULT_POLICY.bot, guard: { ...DEFAULT_POLICY.bot.guard, repliesPerMinute: 1_000 } }

const shop = await makeShop(t, bot)
const erin = await shop.account('erin@example.com')
await shop.product({ name: 'Blue Mug', price: 12, stock: 500 })
await shop.product({ name: 'Red Mug', price: 10, stock: 500 })
await shop.product({ name: 'Gaming Laptop', price: '1299.00', stock: 50 })

let people = 0
let ids = 0

/** A customer nobody wrote with before, and what they say. */
async function customer() {
  people += 1
  const phone = `+1555011${String(people).padStart(4, '0')}` as E164
  await shop.contact(erin.session, phone, 'Amal')
  const [row] = await shop.db.rows<{ id: string }>(
    `select customer_id as id from customer_identities where value = ?`,
    [phone],
  )
  const customerId = row?.id ?? ''
  const ask = async (text: string, said: Said = {}): Promise<string | null> => {
    const before = (await shop.replies(erin.session)).length
    await shop.say(erin, text, { phone, id: `M${ids++}`, ...said })
    return (await shop.replies(erin.session)).slice(before).at(0) ?? null
  }
  const edit = (targetId: string, text: string, said: Said = {}) =>
    ask('', { content: { kind: 'edit', targetId, text }, now: later(1), ...said })
  const orders = async (where = 'true'): Promise<number> => {
    const sql = `select count(*)::int as n from orders where customer_id = ? and ${where}`
    return (await shop.db.rows<{ n: number }>(sql, [customerId]))[0]?.n ?? -1
  }
  const chat = async () => {
    const [found] = await shop.db.rows<{
      id: ConversationId
      unread: number
      attention: string[]
      last_message_id: string
    }>('select id, unread, attention, last_message_id from conversations where customer_id = ?', [customerId])
    if (found === undefined) throw new Error('no chat')
    return found
  }
  const message = async (waMessageId: string) => {
    const [found] = await shop.db.rows<{ id: MessageId }>('select id from messages where wa_message_id = ?', [
      waMessageId,
    ])
    return found === undefined ? null : findMessage(shop.db, found.id)
  }
  return { phone, customerId, ask, edit, orders, chat, message }
}

t.test(
  'S40: what had no effect and is edited into an order is placed once, however often the edit comes',
  async (t) => {
    const amal = await customer()
    t.match(await amal.ask('ODRER Blue Mug:1', { id: 'E40' }), /^🤔/)
    const edit = { id: 'E40-1' }
    t.match(await amal.edit('E40', 'ORDER Blue Mug:1', edit), /^✅ Thank you, Amal! We got ORD-\d+\n1 × Blue Mug/)
    t.equal(await amal.edit('E40', 'ORDER Blue Mug:1', edit), null)
    t.equal(await amal.edit('E40', 'ORDER Blue Mug:1', { id: 'E40-2' }), null, 'nor with the same words again')
    t.equal(await amal.orders(), 1)
    const shown = await amal.message('E40')
    t.match(shown, { text: 'ORDER Blue Mug:1', editedAt: later(1), edits: [{ text: 'ODRER Blue Mug:1' }] })
    t.ok(shown?.orderId, 'the message shows its order')
    t.match(await amal.chat(), { unread: 1 }, 'an edit is no new message')
    const [event] = await shop.db.rows(
      `select payload from event_log where type = 'message.edited' order by id desc limit 1`,
    )
    t.match(event, { payload: { messageId: shown?.id } })
  },
)

t.test('S40: of many deliveries of one edit at once, one places the order', async (t) => {
  const amal = await customer()
  await amal.ask('ODRER Blue Mug:1', { id: 'RUSH' })
  await warm(shop.db)
  const content = { kind: 'edit', targetId: 'RUSH', text: 'help' } as const
  const order = { ...content, text: 'ORDER Blue Mug:1' } as const
  const rush = async (what: MessageContent, id: string) =>
    Promise.all(
      Array.from({ length: 8 }, async () => {
        const message = { kind: 'message', message: inbound('', { phone: amal.phone, content: what, id }) } as const
        return processInbound(shop.deps, erin, await shop.journal(erin), message, NOON, { phone: null })
      }),
    )
  const helped = await rush(content, 'RUSH-1')
  t.equal(helped.filter((each) => 'replied' in each && each.replied).length, 1)
  t.equal(helped.filter((each) => each.kind === 'duplicate').length, 7)
  const placed = await rush(order, 'RUSH-2')
  t.equal(placed.filter((each) => 'orderId' in each && each.orderId !== undefined).length, 1)
  t.equal(await amal.orders(), 1)
  t.equal((await amal.message('RUSH'))?.edits.length, 2)
})

t.test(
  'S40: an edit stands before the same gates: late it asks, a paused bot is silent, a caption is heard',
  async (t) => {
    const amal = await customer()
    await amal.ask('ODRER Blue Mug:1', { id: 'G1', at: later(-180) })
    t.match(
      await amal.edit('G1', 'ORDER Blue Mug:1', { at: later(-178), now: NOON }),
      /^❓ You asked for this at 10:02\. Do you still want it\?/,
    )
    t.match(await amal.ask('YES'), /^✅/)
    await amal.ask('I will look', { fromMe: true, id: 'PHONE1' })
    await amal.ask('ODRER Red Mug:1', { id: 'G2' })
    t.equal(await amal.edit('G2', 'ORDER Red Mug:1'), null)
    t.match(await amal.chat(), { attention: ['looks-like-order'] })
    const picture = { kind: 'media', media: 'image', mime: 'image/jpeg', bytes: 9, caption: 'this one' } as const
    await amal.ask('', { id: 'G3', content: picture, now: later(60) })
    t.match(await amal.edit('G3', 'ORDER Red Mug:2', { now: later(61) }), /^✅.*\n2 × Red Mug/)
    t.equal(await amal.orders(), 2)
    t.match(await amal.message('G3'), { type: 'image', text: 'ORDER Red Mug:2', media: { bytes: 9 } })
  },
)

t.test('S41: an edit of what was ordered changes nothing but the text, and is told so once', async (t) => {
  const amal = await customer()
  t.match(await amal.ask('ORDER Blue Mug:1', { id: 'E41' }), /^✅/)
  t.match(await amal.edit('E41', 'ORDER Blue Mug:5'), /^✋ Your change came too late for ORD-\d+: .* Write cancel/)
  t.equal(await amal.edit('E41', 'ORDER Blue Mug:6', { now: later(2) }), null)
  t.equal(await amal.orders('total_minor = 1200'), 1)
  t.equal(await amal.orders(), 1)
  t.match(await amal.message('E41'), {
    text: 'ORDER Blue Mug:6',
    edits: [{ text: 'ORDER Blue Mug:1' }, { text: 'ORDER Blue Mug:5' }],
  })
  t.match(await amal.ask('cancel', { now: later(3) }), /^❓/)
  t.match(await amal.ask('yes', { now: later(3) }), /is cancelled/)
})

t.test('S41: what was asked about and answered with YES is ordered, and the words before it with it', async (t) => {
  const amal = await customer()
  await amal.ask('ORDER laptop gaming', { id: 'Q1' })
  t.match(await amal.ask('YES', { id: 'Q2' }), /^✅/)
  t.match(await amal.edit('Q1', 'ORDER Gaming Laptop:2'), /^✋ Your change came too late for ORD-/)
  t.match(await amal.message('Q1'), { orderId: String })
  t.equal(await amal.edit('Q2', 'NO'), null, 'told a moment ago')
  t.equal(await amal.orders(), 1)
  const basil = await customer()
  await basil.ask('language español', { id: 'Q3' })
  t.match(await basil.edit('Q3', 'ORDER Blue Mug:1'), /^✋ El cambio llegó tarde: .* mensaje nuevo\.$/)
  t.match(await basil.edit('Q3', 'STOP', { now: later(2) }), /^🔕/, 'who wants no messages is always heard')
  t.equal(await basil.orders(), 0)
})

t.test('what was bought in other words meanwhile is not bought again without asking', async (t) => {
  const amal = await customer()
  await amal.ask('ODRER Blue Mug:1', { id: 'T1' })
  t.match(await amal.ask('ORDER Blue Mug:1'), /^✅/)
  t.match(await amal.edit('T1', 'ORDER Blue Mug:1'), /^❓ You asked for this at/)
  t.equal(await amal.orders(), 1)
})

t.test('a question that is still open is asked again about the new words', async (t) => {
  const amal = await customer()
  t.match(await amal.ask('ORDER mug', { id: 'W1' }), /^❓ Which/)
  t.match(await amal.edit('W1', 'ORDER red mug'), /^❓ Did you mean:\n1 × Red Mug/)
  t.match(await amal.ask('YES', { now: later(2) }), /^✅.*\n1 × Red Mug/)
  t.equal(await amal.orders(), 1)
})

t.test('an edit before its message is that message; nothing is bought by it without asking', async (t) => {
  const amal = await customer()
  t.match(await amal.edit('OOO', 'ORDER Blue Mug:2'), /^❓ You asked for this at .*\n2 × Blue Mug/s)
  t.equal(await amal.ask('ORDER Blue Mug:1', { id: 'OOO' }), null, 'and when the message comes it is known')
  t.match(await amal.message('OOO'), {
    ...{ text: 'ORDER Blue Mug:2', direction: 'in', editedAt: later(1) },
    edits: [{ text: null, until: later(1).toISOString() }],
  })
  t.match(await amal.ask('YES'), /^✅.*\n2 × Blue Mug/)
  t.equal(await amal.orders(), 1)
  t.match(await amal.edit('OO2', 'ORDR Blue Mug:1'), /^🤔/)
  t.match(await amal.edit('OO2', 'ORDER Red Mug:1', { now: later(2) }), /^❓ You asked/, 'nor by the next edit')
  t.equal(await amal.orders(), 1)
})

t.test('an edit of a caption before its picture is that picture, which gets its file when it comes', async (t) => {
  const amal = await customer()
  const caption = { kind: 'edit', targetId: 'PIC', text: 'ORDER Blue Mug:3', caption: 'image' } as const
  t.match(await amal.ask('', { content: caption, now: later(1) }), /^❓ You asked for this at .*\n3 × Blue Mug/s)
  const before = await amal.message('PIC')
  t.match(before, { type: 'image', text: caption.text, media: { mime: null, bytes: null }, edits: [{ text: null }] })
  t.match(await amal.chat(), { unread: 1 })
  if (before === null) throw new Error('not stored')
  t.same(await fileOf(shop.db, shop.sealer, before.id), { kind: 'lost' })
  const source = { host: null, path: '/f', key: 'a2V5', encryptedSha256: 'ZQ==', sha256: 'cw==' }
  const file = { kind: 'media', media: 'image', mime: 'image/jpeg', bytes: 9 } as const
  const picture = { ...file, caption: 'ORDER Blue Mug:1', quotedId: 'Q0', source } as const
  const came = (content: MessageContent) => shop.say(erin, '', { phone: amal.phone, id: 'PIC', content })
  t.match(await came(picture), { kind: 'changed', messageId: before.id })
  const whole = { id: before.id, type: 'image', text: caption.text, media: { mime: 'image/jpeg', bytes: 9 } }
  t.match(await amal.message('PIC'), { ...whole, quoted: { waMessageId: 'Q0' }, edits: [{ text: null }] })
  t.same(await fileOf(shop.db, shop.sealer, before.id), { kind: 'at-whatsapp', media: 'image', source })
  t.match(await came({ ...picture, bytes: 10, source: { ...source, path: '/other' } }), { kind: 'duplicate' })
  t.match(await fileOf(shop.db, shop.sealer, before.id), { source: { path: '/f' } }, 'and once only')
  t.match(await amal.chat(), { unread: 1 })
  t.equal(await amal.orders(), 0, 'what the caption was before is not heard')
  t.match(await amal.ask('YES', { now: later(1) }), /^✅.*\n3 × Blue Mug/)
  t.equal(await amal.orders(), 1)
  await amal.ask('', { content: { ...caption, targetId: 'PIC2' }, now: later(2) })
  await amal.ask('', { content: { kind: 'delete', targetId: 'PIC2' } })
  t.equal(await amal.ask('', { id: 'PIC2', content: picture }), null)
  t.match(await amal.message('PIC2'), { text: null, media: null }, 'what was deleted does not come back')
})

t.test('an edit that is too old is kept and not read, one that another has overtaken is not even kept', async (t) => {
  const amal = await customer()
  await amal.ask('ODRER Blue Mug:1', { id: 'OLD' })
  t.equal(await amal.edit('OLD', 'ORDER Blue Mug:1', { now: later(21) }), null)
  t.match(await amal.message('OLD'), { text: 'ORDER Blue Mug:1', edits: [{ text: 'ODRER Blue Mug:1' }] })
  t.equal(await amal.edit('OLD', 'ORDER Blue Mug:9', { now: later(5) }), null)
  t.match(await amal.message('OLD'), { text: 'ORDER Blue Mug:1' })
  t.equal(await amal.orders(), 0)
})

t.test('former texts are kept, twenty at most; a deletion takes them all, an export shows them', async (t) => {
  const amal = await customer()
  await amal.ask('firstsecret', { id: 'H1' })
  for (let n = 1; n <= MOST_FORMER_TEXTS + 2; n += 1)
    await amal.edit('H1', `secret ${n}`, { at: new Date(NOON.getTime() + n * 1_000) })
  const kept = (await amal.message('H1'))?.edits ?? []
  t.equal(kept.length, MOST_FORMER_TEXTS)
  t.same([kept[0]?.text, kept.at(-1)?.text], ['secret 2', `secret ${MOST_FORMER_TEXTS + 1}`])
  const all = await exportCustomer(shop.db, { kind: 'all' }, asId(amal.customerId))
  t.match(
    all?.messages.find(({ text }) => text === `secret ${MOST_FORMER_TEXTS + 2}`),
    { edits: [{ text: 'secret 2' }] },
  )
  t.not((await findAnywhere(shop.db, ['secret 7'])).length, 0)
  await amal.ask('', { content: { kind: 'delete', targetId: 'H1' } })
  t.same(await findAnywhere(shop.db, ['firstsecret', 'secret ']), [])
  t.equal(await amal.edit('H1', 'ORDER Blue Mug:1'), null, 'what was deleted does not come back')
  t.match((await amal.message('H1'))?.text, null)
})

t.test('what the owner edits on the phone is kept with what it was, and is nobody’s order', async (t) => {
  const amal = await customer()
  await amal.ask('I will lok', { fromMe: true, id: 'P1' })
  t.equal(await amal.edit('P1', 'ORDER Blue Mug:1', { fromMe: true }), null)
  t.match(await amal.message('P1'), { author: 'phone', text: 'ORDER Blue Mug:1', edits: [{ text: 'I will lok' }] })
  t.equal(await amal.orders(), 0)
})

t.test('an edit of a stranger is answered by nothing and stands nowhere', async (t) => {
  const before = (await shop.replies(erin.session)).length
  const content = { kind: 'edit', targetId: 'S1', text: 'ORDER Blue Mug:1 hushhush' } as const
  await shop.say(erin, '', { phone: '+15550199999', content })
  t.equal((await shop.replies(erin.session)).length, before)
  t.same(await findAnywhere(shop.db, ['hushhush', '5550199999']), [])
})

t.test('a place is the address of the one order it can be meant for; of two, of neither', async (t) => {
  const pin = { kind: 'location', latitude: 52.5, longitude: 13.4, name: 'Home', address: '1 Main St' } as const
  const amal = await customer()
  await amal.ask('ORDER Blue Mug:1')
  t.match(await amal.ask('', { content: pin }), /^📍 We got your place and noted it for ORD-/)
  t.equal(await amal.orders(`address ->> 'text' = 'Home, 1 Main St (52.5, 13.4)'`), 1)
  t.match(await amal.chat(), { attention: ['location'] })
  const basil = await customer()
  await basil.ask('ORDER Blue Mug:1')
  await basil.ask('ORDER Red Mug:1')
  t.match(await basil.ask('', { content: pin }), /^📍 We got your place\. A colleague will see it\.$/)
  t.equal(await basil.ask('', { content: pin, now: later(9) }), null)
  t.match(await basil.ask('', { content: pin, now: new Date(Date.now() + 11 * MINUTE) }), /^📍/)
  t.equal(await basil.orders('address is null'), 2)
})

t.test('S23: more shows the next page, after the last says so, and after its time the first', async (t) => {
  for (let n = 1; n <= 20; n += 1)
    await shop.product({ name: `Thing ${String(n).padStart(2, '0')}`, price: n, stock: 1 })
  const amal = await customer()
  t.match(await amal.ask('catalog'), /^🛍️ Page 1 of 3\n1\. .*Reply more for the next page\.$/s)
  const second = (await amal.ask('more')) ?? ''
  t.match(second, /^🛍️ Page 2 of 3\n11\. .*Reply more/s)
  const name = /^12\. (Thing \d+)/m.exec(second)?.[1] ?? 'none'
  t.match(await amal.ask('12'), new RegExp(`^❓ How many ${name} would you like`), 'its numbers go on')
  await amal.ask('catalog 2')
  const last = (await amal.ask('next')) ?? ''
  t.match(last, /^🛍️ Page 3 of 3\n21\. /)
  t.notMatch(last, /Reply more/)
  t.match(await amal.ask('more'), /^🛍️ There are only 3 pages\./)
  t.match(await amal.ask('more', { now: later(31) }), /^🛍️ Page 1 of 3/)
})

t.test('while the shop is closed, who is left to a person is told so once in twelve hours', async (t) => {
  // It is Sunday.
  const day = [{ from: '09:00', to: '18:00' }]
  const hours = { mon: day, tue: day, wed: day, thu: day, fri: day, sat: day, sun: [] }
  Object.assign(shop.organization, { settings: { ...shop.organization.settings, hours } })
  t.teardown(() => Object.assign(shop.organization, { settings: { ...shop.organization.settings, hours: null } }))
  const amal = await customer()
  t.match(await amal.ask('hi'), /^👋(?!.*🌙)/s, 'what the bot settles needs nobody')
  const voice = { kind: 'media', media: 'voice', mime: null, bytes: 9, caption: null } as const
  const closed = '🌙 We are closed now and open at 09:00. A colleague will answer you then.'
  t.equal(await amal.ask('', { content: voice }), `🎙️ I cannot listen to voice messages, but a person will.\n${closed}`)
  t.match(await amal.ask('agent', { now: later(20) }), /^🙋 A colleague will answer you soon \(09:00\)\.$/)
  t.equal(await amal.ask('agent', { now: later(13 * 60) }), closed)
  const basil = await customer()
  t.match(await basil.ask('ORDER Gaming Laptop:4'), /^🙋 We got it\..*\n🌙 We are closed now and open at 09:00\./)
  Object.assign(shop.organization, { awayText: ' Gone fishing till {time}, {time} sharp!\n' })
  t.teardown(() => Object.assign(shop.organization, { awayText: null }))
  const said = await (await customer()).ask('agent')
  t.equal(
    said,
    '🌙 We are closed now.\nGone fishing till 09:00, 09:00 sharp!',
    'in the words of the shop, if it has any',
  )
  Object.assign(shop.organization, { awayText: ' ' })
  const rosa = await customer()
  await rosa.ask('idioma español')
  t.equal(
    await rosa.ask('agente'),
    '🌙 Ahora estamos cerrados y abrimos a las 09:00. Entonces te responderá una persona.',
  )
  await basil.ask('hmm')
  t.match(await basil.ask('well'), /^🤔 I still do not get it\.[^🌙]*$/u)
  t.match(
    await basil.ask('agent', { now: new Date('2026-03-03T12:00:00Z') }),
    /^🙋 A colleague will answer you soon\.$/,
  )
})
