import t from 'tap'
import type { E164 } from '../../src/domain/phone.ts'
import type { InboundWrite } from '../../src/persistence/inbound-statement.ts'
import { type InboundWriter, makeInboundWriter } from '../../src/persistence/inbound-writer.ts'
import { claim, FencedError } from '../../src/persistence/leases.ts'
import { type Crowd, openCrowd } from '../support/inbound-drafts.ts'
import { until } from '../support/until.ts'

async function open(t: Parameters<typeof openCrowd>[0], accounts: number, stocks: readonly number[] = []) {
  const crowd = await openCrowd(t, accounts, stocks)
  return { crowd, write: makeInboundWriter(crowd.shop.db, crowd.shop.sealer, 16) }
}

/** All at once. The first goes alone, the others together. @returns what became of each, in a word */
async function atOnce(write: InboundWriter, writes: readonly InboundWrite[]): Promise<readonly string[]> {
  const results = await Promise.allSettled(writes.map(({ fence, draft }) => write(fence, draft)))
  return results.map((result) => (result.status === 'fulfilled' ? result.value.kind : result.reason.code))
}

async function messages(crowd: Crowd, ids: readonly string[]): Promise<readonly InboundWrite[]> {
  return Promise.all(ids.map((id, account) => crowd.write(account, id)))
}

t.test('of many that come at once, one that cannot be written takes nothing from the others', async (t) => {
  const { crowd, write } = await open(t, 5)
  const [again] = await messages(crowd, ['B'])
  t.match(again && (await write(again.fence, again.draft)), { kind: 'stored' })
  const [z, a, b, c, d] = [await crowd.write(1, 'Z'), ...(await messages(crowd, ['B', 'C', 'D', 'E']))]
  if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error('no drafts')
  t.same(await atOnce(write, [z, a, b, c, d]), ['stored', '23505', 'stored', 'stored', 'stored'])
  t.equal((await crowd.shop.db.rows('select from messages')).length, 5)
  t.equal((await crowd.shop.db.rows(`select from inbox where state = 'new'`)).length, 1)
})

t.test('messages of one chat never go together, and go in their order', async (t) => {
  const { crowd, write } = await open(t, 1)
  const writes = await Promise.all(['A', 'B', 'C', 'B', 'D'].map((id) => crowd.write(0, id)))
  t.same(await atOnce(write, writes), ['stored', 'stored', 'stored', '23505', 'stored'])
  t.same(await crowd.shop.db.rows(`select payload->>'messageId' as id from event_log e order by e.id`), [
    ...[0, 1, 2, 4].map((n) => ({ id: writes[n]?.draft.message.id })),
  ])
})

t.test('chats of one account go together, and each has its own', async (t) => {
  const { crowd, write } = await open(t, 1, [100])
  const { db } = crowd.shop
  const others = [await crowd.contact(0, '+15550100071' as E164), await crowd.contact(0, '+15550100072' as E164)]
  const from = [crowd.customerId, ...others]
  const writes = await Promise.all(from.map((customer, n) => crowd.write(0, `W${n}`, [[0, n + 1]], customer)))
  t.same(await atOnce(write, writes), ['stored', 'stored', 'stored'])
  t.same(
    await db.rows('select count(*)::int as orders from orders group by xmin::text order by 1'),
    [{ orders: 3 }],
    'in one statement',
  )
  const rows = await db.rows(
    `select m.wa_message_id as id, v.customer_id as whose, o.customer_id as ordered, sum(l.quantity)::int as quantity
     from messages m join conversations v on v.id = m.conversation_id join orders o on o.id = m.order_id
     join order_lines l on l.order_id = o.id where not m.from_me group by 1, 2, 3 order by 1`,
  )
  t.same(
    rows,
    from.map((customer, n) => ({ id: `W${n}`, whose: customer, ordered: customer, quantity: n + 1 })),
  )
})

t.test('an old owner among them writes nothing, and only it is told so', async (t) => {
  const { crowd, write } = await open(t, 4)
  const writes = await messages(crowd, ['A', 'B', 'C', 'D'])
  const old = crowd.accounts[2]
  if (old === undefined) throw new Error('no account')
  await claim(crowd.shop.db, [old.session], old.owner)
  const results = await Promise.allSettled(writes.map(({ fence, draft }) => write(fence, draft)))
  t.ok(results[2]?.status === 'rejected' && results[2].reason instanceof FencedError)
  t.same(await crowd.shop.db.rows('select wa_message_id as id from messages order by 1'), [
    { id: 'A' },
    { id: 'B' },
    { id: 'D' },
  ])
})

t.test(
  'orders that want more together than there is: who came first is served, the next is told what is left',
  async (t) => {
    const { crowd, write } = await open(t, 5, [10])
    const wanted = [1, 6, 6, 3, 1]
    const writes = await Promise.all(wanted.map((quantity, account) => crowd.write(account, 'M', [[0, quantity]])))
    const results = await Promise.all(writes.map(({ fence, draft }) => write(fence, draft)))
    t.same(
      results.map(({ kind }) => kind),
      ['stored', 'stored', 'short', 'stored', 'short'],
    )
    t.match(results[2], { short: [{ wanted: 6, available: 3 }] })
    t.match(results[4], { short: [{ wanted: 1, available: 0 }] })
    t.same(await crowd.shop.db.rows('select reserved from stock_levels'), [{ reserved: 10 }])
    t.same(await crowd.shop.db.rows('select number from orders order by 1'), [
      { number: 1001 },
      { number: 1002 },
      { number: 1003 },
    ])
  },
)

t.test('who waits for a claim of their session holds up nobody they came with', async (t) => {
  const { crowd, write } = await open(t, 4)
  const writes = await messages(crowd, ['A', 'B', 'C', 'D'])
  const claimed = writes[2]?.fence.session
  const stored = async () => (await crowd.shop.db.rows('select from messages')).length
  let outcome: Promise<readonly string[]> | null = null
  await crowd.shop.db.transaction(async (tx) => {
    await tx.run('select from lease where session_id = ? for update', [claimed])
    outcome = atOnce(write, writes)
    await until('the others are stored', async () => (await stored()) === 3)
  })
  t.same(await outcome, ['stored', 'stored', 'stored', 'stored'])
})

t.test('a row that is done, and a sender who is no contact any more, write nothing', async (t) => {
  const { crowd, write } = await open(t, 1)
  const first = await crowd.write(0, 'A')
  t.match(await write(first.fence, first.draft), { kind: 'stored' })
  const again = await crowd.write(0, 'B')
  t.match(await write(again.fence, { ...again.draft, inboxId: first.draft.inboxId }), { kind: 'done' })
  await crowd.shop.db.run('delete from contacts')
  t.match(await write(again.fence, again.draft), { kind: 'outdated' })
  t.equal((await crowd.shop.db.rows('select from messages')).length, 1)
})
