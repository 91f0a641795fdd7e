import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { asId, type ConversationId, type Fence, type MessageId, type OutboxId } from '../../src/domain/ids.ts'
import { FencedError } from '../../src/persistence/leases.ts'
import {
  advanceStatus,
  contentOf,
  dueOutbox,
  enqueue,
  findSent,
  markFailed,
  markSending,
  type OutboxDraft,
  type OutboxRow,
  pruneOutbox,
  queueStats,
  retryLater,
} from '../../src/persistence/outbox.ts'
import { SealBroken } from '../../src/persistence/sealer.ts'
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

const DAY_MS = 86_400_000

const { db } = await testDatabase(t)
const sealer = testSealer()
const organization = await anOrganization(db)
const owned = async () => anOwned(db, await aUser(db, organization))
const now = () => new Date(Date.now() + 1_000)
const hours = (n: number) => new Date(Date.now() + n * 3_600_000)

const draft = (
  fence: Fence,
  conversationId: ConversationId,
  text: string,
  more: Partial<OutboxDraft> = {},
): OutboxDraft => ({
  id: asId(uuidv7()),
  session: fence.session,
  idemKey: text,
  waMessageId: `WA-${text}`,
  conversationId,
  messageId: null,
  recipient: '15550177@s.whatsapp.net',
  payload: { kind: 'text', text },
  ...more,
})

const put = async (fence: Fence, conversation: ConversationId, text: string, more: Partial<OutboxDraft> = {}) => {
  const one = draft(fence, conversation, text, more)
  await db.transaction((tx) => enqueue(tx, sealer, one))
  return one
}

const textOf = ({ content }: OutboxRow) => (content?.kind === 'text' ? content.text : content)

const due = async (fence: Fence, at = now()) =>
  (await dueOutbox(db, sealer, fence.session, { now: at, limit: 100, lifeMs: DAY_MS })).map(textOf)

const aChat = () => asId<ConversationId>(uuidv7())

/** A queued message with its row in `messages`. */
const withMessage = async () => {
  const fence = await owned()
  const conversation = await aConversation(db, organization, fence.session)
  const messageId = await aQueuedMessage(db, fence.session, conversation, 'WA-m')
  const one = await put(fence, conversation, 'm', { messageId })
  return { fence, conversation, messageId, one }
}

const statuses = async (id: OutboxId, messageId: MessageId) => {
  const [row] = await db.rows<{ state: string; status: string; error_code: string | null }>(
    'select o.state, m.status, m.error_code from outbox o join messages m on m.id = o.message_id where o.id = ? and m.id = ?',
    [id, messageId],
  )
  return row
}

t.test('what is enqueued comes back as it went in', async (t) => {
  const fence = await owned()
  const one = await put(fence, aChat(), 'hällo 👋', { proactive: true })
  const [row] = await dueOutbox(db, sealer, fence.session, { now: now(), limit: 10, lifeMs: DAY_MS })
  t.match(row, {
    id: one.id,
    waMessageId: one.waMessageId,
    conversationId: one.conversationId,
    messageId: null,
    recipient: '15550177@s.whatsapp.net',
    content: { kind: 'text', text: 'hällo 👋' },
    proactive: true,
    state: 'queued',
    attempts: 0,
  })
})

t.test('the same key again is one row, also from two at once', async (t) => {
  const fence = await owned()
  const chat = aChat()
  const answers = await Promise.all(
    [1, 2, 3, 4].map((n) =>
      db.transaction((tx) => enqueue(tx, sealer, draft(fence, chat, `try ${n}`, { idemKey: 'reply:7' }))),
    ),
  )
  t.same(answers.toSorted(), [false, false, false, true])
  t.equal((await due(fence)).length, 1)
  t.ok(await put(await owned(), chat, 'other', { idemKey: 'reply:7' }), 'another session has keys of its own')
})

t.test('what is enqueued in a transaction that fails is never seen', async (t) => {
  const fence = await owned()
  await t.rejects(
    db.transaction(async (tx) => {
      await enqueue(tx, sealer, draft(fence, aChat(), 'x'))
      throw new Error('no')
    }),
  )
  t.same(await due(fence), [])
})

t.test('a later message of a chat never comes before an earlier one, whatever becomes of that', async (t) => {
  const fence = await owned()
  const [a, b] = [aChat(), aChat()]
  const a1 = await put(fence, a, 'a1')
  await put(fence, b, 'b1')
  const a2 = await put(fence, a, 'a2')
  await put(fence, a, 'a3')
  t.same(await due(fence), ['a1', 'b1'], 'one of each chat, the oldest first')
  t.ok(await markSending(db, fence, a1.id, now()))
  t.same(await due(fence), ['a1', 'b1'], 'under way: itself, not the next')
  await retryLater(db, fence, a1.id, hours(1), 'no-recipient')
  t.same(await due(fence), ['b1'], 'waiting for another try: the chat waits')
  t.same(await due(fence, hours(2)), ['a1', 'b1'])
  await db.run(`update outbox set state = 'held' where id = ?`, [a1.id])
  t.same(await due(fence, hours(2)), ['b1'], 'held: the chat waits')
  await db.run(`update outbox set state = 'queued' where id = ?`, [a1.id])
  await advanceStatus(db, fence, a1.waMessageId, 'sent')
  t.same(await due(fence), ['b1', 'a2'])
  await markFailed(db, fence, a2.id, 'no-recipient')
  t.same(await due(fence), ['b1', 'a3'], 'given up: the chat goes on')
})

t.test('the limit takes the oldest chats', async (t) => {
  const fence = await owned()
  for (const text of ['1', '2', '3']) await put(fence, aChat(), text)
  const rows = await dueOutbox(db, sealer, fence.session, { now: now(), limit: 2, lifeMs: DAY_MS })
  t.same(rows.map(textOf), ['1', '2'])
})

t.test('a try counts, says under which epoch, and keeps the id it has', async (t) => {
  const fence = await owned()
  const one = await put(fence, aChat(), 'm')
  for (const attempts of [1, 2]) {
    t.ok(await markSending(db, fence, one.id, now()))
    const [row] = await dueOutbox(db, sealer, fence.session, { now: now(), limit: 1, lifeMs: DAY_MS })
    t.match(row, { attempts, state: 'sending', waMessageId: 'WA-m' })
  }
  const [row] = await db.rows<{ epoch_sent: string }>('select epoch_sent from outbox where id = ?', [one.id])
  t.equal(BigInt(row?.epoch_sent ?? 0), fence.epoch)
  await advanceStatus(db, fence, one.waMessageId, 'sent')
  t.notOk(await markSending(db, fence, one.id, now()), 'what was acknowledged meanwhile is not sent again')
  await retryLater(db, fence, one.id, now(), 'late')
  t.same(await due(fence), [])
})

t.test('a status moves forward only, the row and its message together', async (t) => {
  const { fence, conversation, messageId, one } = await withMessage()
  const steps = [
    ['failed', 'failed'],
    ['sent', 'sent'],
    ['failed', 'sent'],
    ['read', 'read'],
    ['delivered', 'read'],
    ['sent', 'read'],
  ] as const
  for (const [said, wanted] of steps) {
    const before = (await statuses(one.id, messageId))?.state
    const answer = await advanceStatus(db, fence, 'WA-m', said, said === 'failed' ? 'whatsapp-463' : undefined)
    t.same(answer, before === wanted ? null : { conversationId: conversation, messageId }, `${said} answers`)
    const error_code = wanted === 'failed' ? 'whatsapp-463' : null
    t.same(await statuses(one.id, messageId), { state: wanted, status: wanted, error_code }, `${said} shows`)
  }
})

t.test('delivered without an acknowledgement before is delivered', async (t) => {
  const { fence, messageId, one } = await withMessage()
  await markSending(db, fence, one.id, now())
  t.ok(await advanceStatus(db, fence, 'WA-m', 'delivered'))
  t.match(await statuses(one.id, messageId), { state: 'delivered', status: 'delivered' })
})

t.test("what is not ours moves nothing: an unknown id, another session's", async (t) => {
  const { messageId, one } = await withMessage()
  const other = await owned()
  t.equal(await advanceStatus(db, other, 'WA-m', 'read'), null)
  t.equal(await advanceStatus(db, other, 'unknown', 'read'), null)
  t.notOk(await markSending(db, other, one.id, now()))
  t.match(await statuses(one.id, messageId), { state: 'queued', status: 'queued' })
})

t.test('a stale fence moves nothing; enqueueing needs none', async (t) => {
  const { fence, conversation, messageId, one } = await withMessage()
  await takenOver(db, fence)
  await t.rejects(markSending(db, fence, one.id, now()), FencedError)
  await t.rejects(retryLater(db, fence, one.id, now(), 'x'), FencedError)
  await t.rejects(markFailed(db, fence, one.id, 'x'), FencedError)
  await t.rejects(advanceStatus(db, fence, 'WA-m', 'read'), FencedError)
  t.match(await statuses(one.id, messageId), { state: 'queued', status: 'queued' })
  await put(fence, conversation, 'second')
  t.same(await due(fence), ['m'])
})

t.test('what was sent is found for a phone that could not read it', async (t) => {
  const { fence, one } = await withMessage()
  await advanceStatus(db, fence, one.waMessageId, 'sent')
  t.same(await findSent(db, sealer, fence.session, 'WA-m'), { kind: 'text', text: 'm' })
  t.equal(await findSent(db, sealer, fence.session, 'unknown'), null)
  t.equal(await findSent(db, sealer, (await owned()).session, 'WA-m'), null)
})

t.test('a large content is read when it is sent, not with the others of its batch', async (t) => {
  const fence = await owned()
  const payload = { kind: 'image', mime: 'image/png', data: 'A'.repeat(100_000), caption: '' } as const
  await put(fence, aChat(), 'picture', { payload })
  await put(fence, aChat(), 'text')
  const rows = await dueOutbox(db, sealer, fence.session, { now: now(), limit: 10, lifeMs: DAY_MS })
  t.same(
    rows.map(({ content }) => content),
    [null, { kind: 'text', text: 'text' }],
  )
  for (const row of rows) t.same(await contentOf(db, sealer, fence.session, row), row.content ?? payload)
  t.same(await findSent(db, sealer, fence.session, 'WA-picture'), payload)
})

t.test('neither text nor number is in clear, and payloads cannot be swapped', async (t) => {
  const fence = await owned()
  await put(fence, aChat(), 'secret one')
  await put(fence, aChat(), 'secret two')
  const rows = await db.rows<{ row: string }>(
    `select encode(recipient, 'escape') || encode(payload, 'escape') as row from outbox where session_id = ?`,
    [fence.session],
  )
  for (const { row } of rows) t.notMatch(row, /secret|15550177/)
  await db.run(
    'update outbox o set payload = (select payload from outbox p where p.session_id = o.session_id and p.id <> o.id) where session_id = ?',
    [fence.session],
  )
  await t.rejects(dueOutbox(db, sealer, fence.session, { now: now(), limit: 10, lifeMs: DAY_MS }), SealBroken)
  await db.run('delete from outbox where session_id = ?', [fence.session])
})

t.test('the statistics count what waits and how long', async (t) => {
  const [fence, empty] = [await owned(), await owned()]
  t.same(await queueStats(db, empty.session), { pending: 0, oldestSeconds: 0 })
  const one = await put(fence, aChat(), '1')
  await put(fence, aChat(), '2')
  await db.run(`update outbox set created_at = now() - interval '1 minute' where id = ?`, [one.id])
  const stats = await queueStats(db, fence.session)
  t.equal(stats.pending, 2)
  t.ok(stats.oldestSeconds >= 60 && stats.oldestSeconds < 70)
  await advanceStatus(db, fence, one.waMessageId, 'sent')
  t.equal((await queueStats(db, fence.session)).pending, 1)
  t.ok((await queueStats(db)).pending >= 1)
})

t.test('pruning removes what was settled long ago and nothing that waits', async (t) => {
  const fence = await owned()
  const [done, waits] = [await put(fence, aChat(), 'done'), await put(fence, aChat(), 'waits')]
  await advanceStatus(db, fence, done.waMessageId, 'sent')
  await db.run(`update outbox set created_at = '2026-01-01' where session_id = ?`, [fence.session])
  t.equal(await pruneOutbox(db, new Date('2026-01-02')), 1)
  t.same(await due(fence), ['waits'])
  t.equal(await findSent(db, sealer, fence.session, done.waMessageId), null)
  t.ok(waits)
})
