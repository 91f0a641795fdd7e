import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { asId } from '../../src/domain/ids.ts'
import { beginHold, heldUntil, tendHold } from '../../src/persistence/holds.ts'
import { FencedError } from '../../src/persistence/leases.ts'
import { enqueue } from '../../src/persistence/outbox.ts'
import { desire } from '../../src/persistence/sessions.ts'
import { testDatabase } from '../support/database.ts'
import {
  aConversation,
  anOrganization,
  anOwned,
  aQueuedMessage,
  aUser,
  takenOver,
  testSealer,
} from '../support/rows.ts'

const { db } = await testDatabase(t)
const org = await anOrganization(db)
const sealer = testSealer()
const NOON = new Date('2026-01-31T12:00:00Z')
const at = (hours: number) => new Date(NOON.getTime() + hours * 3_600_000)

async function account() {
  const user = await aUser(db, org)
  await desire(db, user, 'connected')
  const fence = await anOwned(db, user)
  const chat = await aConversation(db, org, user)
  const messageId = await aQueuedMessage(db, user, chat, 'WA-1')
  await db.transaction((tx) =>
    enqueue(tx, sealer, {
      id: asId(uuidv7()),
      session: user,
      idemKey: '1',
      waMessageId: 'WA-1',
      conversationId: chat,
      messageId,
      recipient: '15550177@s.whatsapp.net',
      payload: { kind: 'text', text: '1' },
    }),
  )
  const event = { orgId: org, type: 'session.attention', subject: user, userId: user }
  const begin = (now: Date, until: Date, id = 'WA-1') => beginHold(db, fence, id, until, now, event)
  const told = async () => (await db.rows('select from event_log where user_id = ?', [user])).length
  const state = async () =>
    (await db.rows<{ state: string }>('select state from outbox where session_id = ?', [user]))[0]
  return { user, fence, begin, told, state }
}

t.test('a hold begins once, lasts as long as it was begun for, and is told once', async (t) => {
  const { user, begin, told } = await account()
  t.equal(await heldUntil(db, user, NOON), null)
  t.same(await begin(NOON, at(24)), { held: true, begun: true })
  t.same(await begin(at(1), at(25)), { held: true, begun: false })
  t.same(await heldUntil(db, user, at(1)), at(24))
  t.equal(await told(), 1)
  t.equal(await heldUntil(db, user, at(24)), null)
  t.same(await begin(at(24), at(48)), { held: true, begun: true })
  t.equal(await told(), 2)
})

t.test('a hold that is over frees its rows and is gone', async (t) => {
  const { fence, begin, state } = await account()
  await begin(NOON, at(24))
  t.same(await tendHold(db, fence, at(23)), at(24))
  t.match(await state(), { state: 'held' })
  t.equal(await tendHold(db, fence, at(24)), null)
  t.match(await state(), { state: 'queued' })
})

t.test('a message that is not ours or is settled is not held', async (t) => {
  const { user, begin, state } = await account()
  t.match(await begin(NOON, at(1), 'unknown'), { held: false })
  await db.run(`update outbox set state = 'delivered' where session_id = ?`, [user])
  t.match(await begin(NOON, at(1)), { held: false })
  t.match(await state(), { state: 'delivered' })
})

t.test('a stale fence holds and frees nothing', async (t) => {
  const { fence, begin, state, told } = await account()
  await takenOver(db, fence)
  await t.rejects(begin(NOON, at(24)), FencedError)
  await t.rejects(tendHold(db, fence, NOON), FencedError)
  t.match(await state(), { state: 'queued' })
  t.equal(await told(), 0)
})
