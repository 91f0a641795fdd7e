import t from 'tap'
import { inboundStatement, outcomesOf } from '../../src/persistence/inbound-statement.ts'
import { claim } from '../../src/persistence/leases.ts'
import { type Crowd, openCrowd } from '../support/inbound-drafts.ts'
import { meanwhile } from '../support/meanwhile.ts'

type Wanted = Parameters<Crowd['write']>[2]

/** The messages of accounts 0, 1, 2 … in one statement. @returns what became of each, in a word */
async function together(crowd: Crowd, ...wanted: readonly Wanted[]): Promise<readonly string[]> {
  const writes = []
  for (const [n, lines] of wanted.entries()) writes.push(await crowd.write(n, `M${n}`, lines))
  const { sql, params } = inboundStatement(crowd.shop.sealer, writes, false)
  const outcomes = outcomesOf(writes, await crowd.shop.db.rows(sql, params))
  return outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.kind : outcome.reason.name))
}

const LEVELS = 'select on_hand, reserved from stock_levels order by variant_id'

t.test(
  'orders written together have numbers without a gap, in their order, and each is answered with its own',
  async (t) => {
    const crowd = await openCrowd(t, 4, [10, 10])
    t.same(
      await together(
        crowd,
        [[0, 1]],
        undefined,
        [[1, 2]],
        [
          [0, 3],
          [1, 1],
        ],
      ),
      ['stored', 'stored', 'stored', 'stored'],
    )
    const orders = await crowd.shop.db.rows('select number, source_wa_id as message from orders order by number')
    t.same(orders, [
      { number: 1001, message: 'M0' },
      { number: 1002, message: 'M2' },
      { number: 1003, message: 'M3' },
    ])
    for (const [account, replies] of [
      [0, ['Thank you for ORD-001001']],
      [1, []],
      [2, ['Thank you for ORD-001002']],
      [3, ['Thank you for ORD-001003']],
    ] as const) {
      const session = crowd.accounts[account]?.session
      t.same(session === undefined ? null : await crowd.shop.replies(session), replies)
    }
    t.same(await crowd.shop.db.rows(LEVELS), [
      { on_hand: 10, reserved: 4 },
      { on_hand: 10, reserved: 3 },
    ])
    const movements = await crowd.shop.db.rows(
      `select m.reserved_delta as taken, m.reserved_after as after from stock_movements m join order_lines l on l.id = m.order_line_id
     order by m.variant_id, m.id`,
    )
    const wanted = [
      [1, 1],
      [3, 4],
      [2, 2],
      [1, 3],
    ]
    t.same(
      movements,
      wanted.map(([taken, after]) => ({ taken, after })),
      'the ledger has the level after each of them',
    )
    const events = await crowd.shop.db.rows<{ type: string; payload: object; subject: string }>(
      `select type, payload from event_log where type = 'order.created' order by id`,
    )
    t.match(events, [
      { payload: { number: 1001, totalMinor: 1000, currency: 'USD', customerId: crowd.customerId } },
      { payload: { number: 1002, totalMinor: 2200 } },
      { payload: { number: 1003, totalMinor: 4100 } },
    ])
  },
)

t.test('what is too little for all of them together is given to none of them, and to nobody less', async (t) => {
  const crowd = await openCrowd(t, 4, [10, 10])
  t.same(await together(crowd, [[0, 6]], [[1, 10]], [[0, 6]], undefined), ['short', 'stored', 'short', 'stored'])
  t.same(await crowd.shop.db.rows(LEVELS), [
    { on_hand: 10, reserved: 0 },
    { on_hand: 10, reserved: 10 },
  ])
  t.same(await crowd.shop.db.rows('select number from orders'), [{ number: 1001 }])
  t.same(await crowd.shop.db.rows('select wa_message_id as id from messages where not from_me order by 1'), [
    { id: 'M1' },
    { id: 'M3' },
  ])
  t.equal((await crowd.shop.db.rows(`select from inbox where state = 'new'`)).length, 2)
})

t.test('an old owner, and who is no contact any more, write nothing, and the others do', async (t) => {
  const crowd = await openCrowd(t, 4, [10])
  const [first, second] = crowd.accounts
  if (first === undefined || second === undefined) throw new Error('no accounts')
  await claim(crowd.shop.db, [first.session], first.owner)
  await crowd.shop.db.run('delete from contacts where user_id = ?', [second.session])
  t.same(await together(crowd, [[0, 1]], [[0, 1]], [[0, 2]], undefined), [
    'FencedError',
    'outdated',
    'stored',
    'stored',
  ])
  t.same(await crowd.shop.db.rows(LEVELS), [{ on_hand: 10, reserved: 2 }])
  t.same(await crowd.shop.db.rows('select number from orders'), [{ number: 1001 }])
  t.equal((await crowd.shop.db.rows('select from order_lines')).length, 1)
  t.equal((await crowd.shop.db.rows('select from outbox')).length, 1)
})

t.test('nobody of many waits for a claim of one', async (t) => {
  const crowd = await openCrowd(t, 2, [])
  const [first] = crowd.accounts
  await crowd.shop.db.transaction(async (tx) => {
    await tx.run('select from lease where session_id = ? for update', [first?.session])
    await t.rejects(together(crowd, undefined, undefined), { code: '55P03' })
  })
})

t.test('orders written together while stock is given back are written, at once', async (t) => {
  const crowd = await openCrowd(t, 2, [5])
  const { db } = crowd.shop
  await db.run('update stock_levels set reserved = 5')
  const both = () => together(crowd, [[0, 2]], [[0, 1]])
  t.same(await meanwhile(db, 'update stock_levels set reserved = 2', both), ['stored', 'stored'])
  t.same(await db.rows(LEVELS), [{ on_hand: 5, reserved: 5 }])
})
