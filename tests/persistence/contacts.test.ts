import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { asId, type ContactId, type CustomerId } from '../../src/domain/ids.ts'
import type { E164 } from '../../src/domain/phone.ts'
import { addContact, findContact, linkIdentity, listContacts, recogniseSender } from '../../src/persistence/contacts.ts'
import { AMAL, makeShop, warm } from '../support/bot-shop.ts'

const all = { kind: 'all' } as const

t.test('the same number again is the same contact with a new name', async (t) => {
  const { db, organization, account } = await makeShop(t)
  const { session: userId } = await account('erin@example.com')
  const base = { orgId: organization.id, userId, phone: AMAL }
  const first = await addContact(db, { ...base, name: 'Amal', tags: ['vip'], language: 'ar' }, uuidv7)
  t.match(first, {
    created: true,
    contact: { name: 'Amal', phoneNumber: AMAL, tags: ['vip'], language: 'ar', optedOut: false },
  })
  const again = await addContact(db, { ...base, name: 'Amal N.' }, uuidv7)
  t.match(again, { created: false, contact: { id: first.contact.id, name: 'Amal N.', tags: ['vip'], language: 'ar' } })
  const retagged = await addContact(db, { ...base, name: 'Amal N.', tags: [] }, uuidv7)
  t.same(retagged.contact.tags, [])
})

t.test('a number in its other form is the same contact', async (t) => {
  const { db, organization, account } = await makeShop(t)
  const { session: userId } = await account('erin@example.com')
  const add = (phone: string) =>
    addContact(db, { orgId: organization.id, userId, phone: phone as E164, name: 'Ana' }, uuidv7)
  const first = await add('+5511987654321')
  const second = await add('+551187654321')
  t.equal(second.contact.id, first.contact.id)
  t.equal(second.contact.phoneNumber, '+5511987654321')
})

t.test('two users who add the same number share the customer, not the contact', async (t) => {
  const { db, organization, account } = await makeShop(t)
  const erin = (await account('erin@example.com')).session
  const omar = (await account('omar@example.com')).session
  const add = (userId: typeof erin) =>
    addContact(db, { orgId: organization.id, userId, phone: AMAL, name: 'Amal' }, uuidv7)
  await warm(db)
  const added = await Promise.all([erin, omar, erin, omar].map(add))
  t.equal(new Set(added.map(({ contact }) => contact.customerId)).size, 1)
  t.equal(new Set(added.map(({ contact }) => contact.id)).size, 2)
  t.equal(added.filter(({ created }) => created).length, 2)
  const [customers] = await db.rows('select count(*)::int as n from customers')
  t.match(customers, { n: 1 })
})

t.test('lists and single reads keep to the scope', async (t) => {
  const { db, account, contact } = await makeShop(t)
  const erin = (await account('erin@example.com')).session
  const omar = (await account('omar@example.com')).session
  for (const [index, name] of ['Zoe', 'amal', 'Basil_1', 'Basil%'].entries())
    await contact(erin, `+1555010001${index}` as E164, name)
  await contact(omar, '+15550100020' as E164, 'Carl')
  const names = async (filter = {}, scope: Parameters<typeof listContacts>[1] = { kind: 'users', ids: [erin] }) =>
    (await listContacts(db, scope, { limit: 10 }, filter)).rows.map((row) => row.name)
  const sorted = await names()
  // Where a sign sorts is the server's choice; letters sort alike everywhere, in any case.
  t.same(sorted.toSorted(), ['Basil%', 'Basil_1', 'Zoe', 'amal'])
  t.same([sorted[0], sorted[3]], ['amal', 'Zoe'])
  t.same(await names({}, { kind: 'customer', customerId: null }), [])
  t.equal((await names({}, all)).length, 5)
  t.same(await names({ q: 'AMA' }), ['amal'])
  t.same(await names({ q: 'l_1' }), ['Basil_1'], 'wildcards are characters')
  t.same(await names({ q: '+1 555 010 0010' }), ['Zoe'])
  const foreign =
    (await listContacts(db, { kind: 'users', ids: [omar] }, { limit: 1 })).rows[0]?.id ?? asId<ContactId>('')
  t.equal(await findContact(db, { kind: 'users', ids: [erin] }, foreign), null)
  t.match(await findContact(db, all, foreign), { name: 'Carl' })
})

t.test('pages follow each other without gap or repeat', async (t) => {
  const { db, account, contact } = await makeShop(t)
  const { session } = await account('erin@example.com')
  for (let index = 0; index < 7; index += 1)
    await contact(session, `+1555010010${index}` as E164, index % 2 ? 'Same' : 'same')
  const seen: string[] = []
  let cursor: { key: string; id: string } | undefined
  do {
    const page = await listContacts(db, all, { limit: 3, cursor })
    seen.push(...page.rows.map((row) => row.id))
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  t.equal(seen.length, 7)
  t.equal(new Set(seen).size, 7)
})

t.test('a sender is known by any identity, a number before a LID, and an identity is never taken away', async (t) => {
  const { db, organization, account, contact } = await makeShop(t)
  const { session: userId } = await account('erin@example.com')
  await contact(userId, AMAL, 'Amal')
  await contact(userId, '+15550100002' as E164, 'Basil')
  const who = async (phone: string | null, lid: string | null) =>
    (await recogniseSender(db, { orgId: organization.id, userId, phone: phone as E164 | null, lid }))?.name ?? null
  const amal = await recogniseSender(db, { orgId: organization.id, userId, phone: AMAL, lid: null })
  const basil = await recogniseSender(db, { orgId: organization.id, userId, phone: '+15550100002' as E164, lid: null })
  const link = (customerId: CustomerId | undefined) =>
    db.transaction((tx) =>
      linkIdentity(tx, { orgId: organization.id, customerId: customerId ?? asId(''), kind: 'lid', value: '42' }),
    )
  t.equal(await link(amal?.customerId), true)
  t.equal(await link(basil?.customerId), false)
  t.equal(await who(null, '42'), 'Amal')
  t.equal(await who('+15550100002', '42'), 'Basil')
  t.equal(await who(null, '43'), null)
  t.equal(await who(null, null), null)
})
