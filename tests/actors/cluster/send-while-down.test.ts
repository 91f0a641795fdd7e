import { randomBytes } from 'node:crypto'
import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { sendWhileDown } from '../../../src/actors/cluster/send-while-down.ts'
import type { CommandBody } from '../../../src/actors/session/protocol.ts'
import { newWaMessageId } from '../../../src/actors/whatsapp/message-id.ts'
import { parsePhone } from '../../../src/domain/phone.ts'
import { addContact } from '../../../src/persistence/contacts.ts'
import { DatabaseUnavailable } from '../../../src/persistence/database.ts'
import { leaseTable } from '../../../src/persistence/lease-table.ts'
import { ensureOrganization } from '../../../src/persistence/organization.ts'
import { desire } from '../../../src/persistence/sessions.ts'
import { testDatabase } from '../../support/database.ts'
import { anOwned, aUser, testSealer } from '../../support/rows.ts'

t.test('a message is stored when the session should be connected and was paired, and under one key once', async (t) => {
  const { db } = await testDatabase(t)
  const organization = await ensureOrganization(
    db,
    { name: 'Shop', currency: 'USD', timezone: 'UTC', locale: 'en-US', contactText: '' },
    uuidv7,
  )
  const user = await aUser(db, organization.id)
  const phone = parsePhone('+15550100100')
  if (!phone.ok) throw new Error('a phone number of examples')
  await addContact(db, { orgId: organization.id, userId: user, phone: phone.value, name: 'Ann' }, uuidv7)
  const now = () => new Date()
  const send = sendWhileDown({ db, sealer: testSealer(), organization, newId: uuidv7, newWaMessageId, now })
  const body: CommandBody<'message.send'> = {
    recipient: { phone: '+15550100100' },
    text: 'hello',
    author: { kind: 'user', userId: user },
    proactive: false,
    idempotencyKey: 'key-1',
  }
  const queued = async () => (await db.rows('select from outbox where session_id = ?', [user])).length

  t.equal(await send(user, body), null, 'never connected')
  await desire(db, user, 'connected')
  t.equal(await send(user, body), null, 'never paired: nothing could send it')
  await db.run('insert into creds (session_id, data) values (?, ?)', [user, randomBytes(8)])
  await desire(db, user, 'stopped')
  t.equal(await send(user, body), null, 'disconnected by its user')
  t.equal(await queued(), 0)

  await desire(db, user, 'connected')
  const first = await send(user, body)
  t.match(first, { ok: true, value: { status: 'queued', text: 'hello' } })
  t.same(await send(user, body), first)
  t.equal(await queued(), 1)
  t.match(await send(user, { ...body, idempotencyKey: 'key-2', text: ' ' }), { refusal: { code: 'empty-message' } })

  Object.assign(db, { rows: () => Promise.reject(new DatabaseUnavailable('away')) })
  t.match(await send(user, body), { ok: false, refusal: { code: 'database-unavailable' } })
})

t.test('the lease table says who owns what, and whether it should be connected', async (t) => {
  const { db } = await testDatabase(t)
  const organization = await ensureOrganization(
    db,
    { name: 'Shop', currency: 'USD', timezone: 'UTC', locale: 'en-US', contactText: '' },
    uuidv7,
  )
  const [one, two] = [await aUser(db, organization.id), await aUser(db, organization.id)]
  const [first, second] = [await anOwned(db, one), await anOwned(db, two)]
  await desire(db, one, 'connected')
  await db.run(`delete from session where id = ?`, [two])
  t.same(await leaseTable(db), [
    { session: one, owner: first.owner, epoch: first.epoch, wanted: true },
    { session: two, owner: second.owner, epoch: second.epoch, wanted: false },
  ])
  await db.run('update lease set owner = null where session_id = ?', [two])
  t.equal((await leaseTable(db)).length, 1)
})
