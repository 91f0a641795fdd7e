import t, { type Test } from 'tap'
import { uuidv7 } from 'uuidv7'
import { enqueueMessage } from '../../../src/actors/outbox/enqueue.ts'
import { newWaMessageId } from '../../../src/actors/whatsapp/message-id.ts'
import { optOut } from '../../../src/persistence/customers.ts'
import { ensureOrganization } from '../../../src/persistence/organization.ts'
import { testDatabase } from '../../support/database.ts'
import { aUser, testSealer } from '../../support/rows.ts'
import { chat } from '../../support/shop.ts'
import { until } from '../../support/until.ts'

const WAITING = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`

async function account(t: Test) {
  const { db } = await testDatabase(t)
  const organization = await ensureOrganization(
    db,
    { name: 'Shop', currency: 'USD', timezone: 'UTC', locale: 'en-US', contactText: '' },
    uuidv7,
  )
  const user = await aUser(db, organization.id)
  const ana = await chat(db, organization, user, '+15550100101', ['hello'])
  const at = new Date()
  const deps = { db, sealer: testSealer(), organization, newId: uuidv7, newWaMessageId, now: () => at }
  const send = (more: object = {}) =>
    enqueueMessage(deps, user, {
      recipient: { conversationId: ana.conversationId },
      text: 'hello',
      author: { kind: 'user', userId: user },
      proactive: false,
      ...more,
    })
  const state = async () =>
    (
      await db.rows<{ until: Date | null; attention: string[] }>(
        'select bot_paused_until as until, attention from conversations where id = ?',
        [ana.conversationId],
      )
    )[0]
  return { db, user, ana, at, send, state }
}

t.test('who of the staff writes has the chat: the bot is paused in it, and nothing waits there any more', async (t) => {
  const { db, user, ana, at, send, state } = await account(t)
  await db.run(`update conversations set attention = '{cart}'`)
  t.ok((await send({ author: { kind: 'bot', userId: null } })).ok)
  t.ok((await send({ proactive: true })).ok)
  t.same(await state(), { until: null, attention: ['cart'] }, 'not for what the bot says, nor for a catalogue')
  t.ok((await send()).ok)
  t.same(await state(), { until: new Date(at.getTime() + 30 * 60_000), attention: [] })
  t.match(await db.rows(`select subject, user_id from event_log where type = 'conversation.updated'`), [
    { subject: ana.conversationId, user_id: user },
  ])
  const later = new Date(at.getTime() + 5 * 3_600_000)
  await db.run('update conversations set bot_paused_until = ?', [later])
  t.ok((await send()).ok)
  t.same((await state())?.until, later, 'a longer pause stays')
})

t.test('who wants no messages gets answers to what they write after that, or what a manager insists on', async (t) => {
  const { db, ana, at, send } = await account(t)
  await db.transaction((tx) => optOut(tx, ana.customerId, at))
  const refused = { ok: false, refusal: { code: 'contact-opted-out' } }
  t.match(await send(), refused)
  t.match(await send({ force: true }), { ok: true })
  t.match(await send({ force: true, proactive: true }), refused)
  await db.run(`update messages set created_at = ? where not from_me`, [new Date(at.getTime() + 1_000)])
  t.match(await send(), { ok: true }, 'they wrote since')
  t.match(await send({ proactive: true }), refused)
})

t.test('a catalogue that is written while the customer says STOP is not sent', async (t) => {
  const { db, ana, at, send } = await account(t)
  const { resolve: commit, promise: told } = Promise.withResolvers<void>()
  const { resolve: said, promise: saying } = Promise.withResolvers<void>()
  const stop = db.transaction(async (tx) => {
    await optOut(tx, ana.customerId, at)
    said()
    await told
  })
  await saying
  const sent = send({ proactive: true })
  await until('it waits for the STOP', async () => (await db.rows(WAITING)).length > 0)
  commit()
  await stop
  t.match(await sent, { ok: false, refusal: { code: 'contact-opted-out' } })
  t.same(await db.rows('select from outbox'), [])
})
