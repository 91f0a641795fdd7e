import fc from 'fast-check'
import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { processInbound } from '../../src/actors/inbox/process.ts'
import { enqueueMessage } from '../../src/actors/outbox/enqueue.ts'
import { LANGUAGE_CODES, LANGUAGES } from '../../src/domain/bot/languages/index.ts'
import type { CustomerId, Fence, OrderId } from '../../src/domain/ids.ts'
import { ORDER_STATUSES, type OrderStatus } from '../../src/domain/order/order.ts'
import type { E164 } from '../../src/domain/phone.ts'
import { recogniseSender } from '../../src/persistence/contacts.ts'
import { optIn, optOut } from '../../src/persistence/customers.ts'
import { makeInboundWriter } from '../../src/persistence/inbound-writer.ts'
import { moveOrder } from '../../src/persistence/order-moves.ts'
import { DEFAULT_POLICY } from '../../src/policy.ts'
import { inbound, makeShop, NOON, type Said, type Shop, warm } from '../support/bot-shop.ts'

/** `PROPERTY_RUNS=20` looks twenty times as long. */
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 1)
const MINUTE = 60_000
const { guard } = DEFAULT_POLICY.bot
const commands = LANGUAGE_CODES.flatMap((code) => Object.values(LANGUAGES[code].commands))
const said = fc.oneof(
  fc.constantFrom(...commands, 'ORDER Blue Mug:1', 'order mug', '1', '2', 'blah', '👍', 'hola', 'مرحبا'),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
)
let people = 0
const somebody = () => `+1555${String(2_000_000 + people++)}` as E164
const later = (ms: number) => new Date(NOON.getTime() + ms)

/** Says it; what the bot answers is sent after `pause` ms. @returns the answer */
async function ask(shop: Shop, fence: Fence, text: string, more: Said & { readonly pause?: number }) {
  const outcome = await shop.say(fence, text, more)
  if (outcome.kind !== 'stored' || !outcome.replied) return null
  const sentAt = new Date((more.now ?? NOON).getTime() + (more.pause ?? 0))
  const [row] = await shop.db.rows<{ text: string }>(
    `update outbox o set state = 'sent', sent_at = ? from messages m
     where m.id = o.message_id and o.conversation_id = ? and o.state = 'queued' and not o.proactive returning m.text`,
    [sentAt, outcome.conversationId],
  )
  return row?.text ?? null
}

async function customerOf(shop: Shop, fence: Fence, phone: E164): Promise<CustomerId> {
  const known = await recogniseSender(shop.db, { orgId: shop.organization.id, userId: fence.session, phone, lid: null })
  if (known === null) throw new Error('nobody')
  return known.customerId
}

t.test('whatever is said', async (t) => {
  const shop = await makeShop(t, DEFAULT_POLICY.bot)
  const { db, organization, sealer } = shop
  const [erin, frank] = [await shop.account('erin@example.com'), await shop.account('frank@example.com')]
  await shop.product({ name: 'Blue Mug', price: 12, stock: 100_000 })
  await warm(db)

  await t.test('18: of a question that is answered YES many times at once comes one order', async () => {
    const answers = fc.array(fc.tuple(fc.constantFrom('YES', '👍', 'sí', 'نعم', 'ok'), fc.boolean()), {
      minLength: 2,
      maxLength: 6,
    })
    const property = fc.asyncProperty(answers, fc.integer({ min: 1, max: 3 }), async (yeses, quantity) => {
      const phone = somebody()
      await shop.contact(erin.session, phone, 'Amal')
      await ask(shop, erin, `ORDER ${quantity} blue mug`, { phone })
      const customer = await customerOf(shop, erin, phone)
      const [asked] = await db.rows<{ id: string }>(
        'select p.wa_message_id as id from bot_prompts p join conversations v on v.id = p.conversation_id where v.customer_id = ?',
        [customer],
      )
      if (asked === undefined) throw new Error('nothing was asked')
      const done = await Promise.all(
        yeses.map(async ([text, quoting]) => {
          // Each with a way of its own to the database, as two processes have for a moment when a session moves.
          const deps = { ...shop.deps, writeInbound: makeInboundWriter(db, sealer, 1) }
          const content = { kind: 'text', text, quotedId: quoting ? asked.id : null } as const
          const message = { kind: 'message', message: inbound(text, { phone, content }) } as const
          return processInbound(deps, erin, await shop.journal(erin), message, NOON, { phone: null })
        }),
      )
      const orders = await db.rows<{ quantity: number }>(
        'select l.quantity from orders o join order_lines l on l.order_id = o.id where o.customer_id = ?',
        [customer],
      )
      if (orders.length !== 1 || orders[0]?.quantity !== quantity) throw new Error(`orders: ${JSON.stringify(orders)}`)
      if (done.some(({ kind }) => kind !== 'stored')) throw new Error('a YES was not stored')
    })
    await fc.assert(property, { numRuns: 6 * RUNS })
  })

  await t.test('25: a machine that answers every answer at once is left after four', async () => {
    const answers = fc.array(fc.tuple(said, fc.nat({ max: 2_000 })), { minLength: 9, maxLength: 12 })
    const property = fc.asyncProperty(answers, async (texts) => {
      const phone = somebody()
      await shop.contact(erin.session, phone, 'Machine')
      let [at, replies] = [0, 0]
      for (const [text, pause] of texts) {
        // It answers, and says nothing of its own.
        if ((await ask(shop, erin, text, { phone, now: later(at), pause: 500 })) === null) break
        replies += 1
        at += 500 + pause
      }
      if (replies > guard.echoes) throw new Error(`${replies} answers`)
    })
    await fc.assert(property, { numRuns: 5 * RUNS })
  })

  await t.test('25: in no minute and in no ten does a chat get more answers than a person reads', async () => {
    const answers = fc.array(
      fc.tuple(fc.oneof(said, said, fc.constantFrom('stop', 'START')), fc.integer({ min: 0, max: 12_000 })),
      { minLength: 16, maxLength: 24 },
    )
    const property = fc.asyncProperty(answers, async (texts) => {
      const phone = somebody()
      await shop.contact(erin.session, phone, 'Quick')
      let at = 0
      const told: { readonly at: number; readonly answered: boolean }[] = []
      for (const [text, pause] of texts) {
        told.push({ at, answered: (await ask(shop, erin, text, { phone, now: later(at), pause: 0 })) !== null })
        at += pause
      }
      for (const { at: from } of told) {
        const within = (ms: number) => told.filter((each) => each.at >= from && each.at < from + ms)
        const answers = (ms: number) => within(ms).filter(({ answered }) => answered).length
        // Twice as many: STOP and START are answered even in a chat that was just left, and not without end either.
        if (answers(MINUTE) > 2 * guard.repliesPerMinute) throw new Error(`${answers(MINUTE)} in a minute`)
        if (answers(10 * MINUTE) > 2 * guard.repliesPerTenMinutes) throw new Error(`${answers(10 * MINUTE)} in ten`)
      }
    })
    await fc.assert(property, { numRuns: 5 * RUNS })
  })

  await t.test('STOP and START without end are heeded each time, and not answered each time', async (t) => {
    const phone = somebody()
    await shop.contact(erin.session, phone, 'Undecided')
    const customer = await customerOf(shop, erin, phone)
    let answers = 0
    for (let turn = 0; turn < 12; turn += 1) {
      const stop = turn % 2 === 0
      const reply = await ask(shop, erin, stop ? 'STOP' : 'START', { phone, now: later(turn * 3_000) })
      answers += reply === null ? 0 : 1
      const [row] = await db.rows('select from customers where id = ? and opted_out_at is not null', [customer])
      t.equal(row !== undefined, stop)
    }
    t.equal(answers, guard.repliesPerMinute)
  })

  await t.test('25: two bots that write to each other stop', async () => {
    const property = fc.asyncProperty(
      said,
      fc.array(fc.integer({ min: 0, max: 90_000 }), { minLength: 12, maxLength: 12 }),
      async (first, pauses) => {
        const phones = [somebody(), somebody()] as const
        await shop.contact(erin.session, phones[1], 'Frank')
        await shop.contact(frank.session, phones[0], 'Erin')
        let [at, turns, text] = [0, 0, first]
        for (const pause of pauses) {
          const mine = turns % 2 === 0
          const said = { phone: mine ? phones[0] : phones[1], now: later(at), pause: 300 }
          const reply = await ask(shop, mine ? frank : erin, text, said)
          if (reply === null) return
          text = reply
          turns += 1
          at += 300 + pause
        }
        throw new Error(`still talking after ${turns} turns`)
      },
    )
    await fc.assert(property, { numRuns: 6 * RUNS })
  })

  await t.test('29: between STOP and START nothing is written that was not asked for', async () => {
    let [stopped, dropped] = [0, 0]
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('stop', 'start', 'opt-out', 'opt-in', 'order', 'catalogue', 'status') },
      { weight: 4, arbitrary: fc.constantFrom<OrderStatus>(...ORDER_STATUSES) },
    )
    const property = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 24 }), async (steps) => {
      const phone = somebody()
      await shop.contact(erin.session, phone, 'Amal')
      await ask(shop, erin, 'ORDER Blue Mug:1', { phone })
      const customer = await customerOf(shop, erin, phone)
      const proactive = async () => {
        const [row] = await db.rows<{ waiting: number; last: number }>(
          `select count(*) filter (where o.state in ('queued','held'))::int as waiting, coalesce(max(o.seq), 0)::float8 as last
           from outbox o join conversations v on v.id = o.conversation_id where v.customer_id = ? and o.proactive`,
          [customer],
        )
        return row ?? { waiting: 0, last: 0 }
      }
      let at = 0
      for (const each of steps) {
        const before = await proactive()
        at += 20 * MINUTE
        await act(each, customer, phone, later(at))
        const after = await proactive()
        const [row] = await db.rows<{ out: boolean }>(
          'select opted_out_at is not null as out from customers where id = ?',
          [customer],
        )
        if (row?.out !== true) continue
        stopped += 1
        dropped += before.waiting
        if (after.waiting > 0) throw new Error(`${after.waiting} wait after ${each}`)
        // The order shows why its customer was not told; what it was answered with was asked for.
        const silent = await db.rows(
          `select from orders o join messages m on m.id = o.notice_message_id
           where o.customer_id = ? and m.author = 'system' and m.status in ('queued','failed')`,
          [customer],
        )
        if (silent.length > 0) throw new Error(`an order does not show that ${each} silenced it`)
        if (after.last > before.last) throw new Error(`${each} wrote one`)
      }
    })
    const act = async (step: string, customer: CustomerId, phone: E164, now: Date) => {
      const tx = <T>(run: Parameters<typeof db.transaction<T>>[0]) => db.transaction(run)
      switch (step) {
        case 'stop':
        case 'start':
        case 'status':
          return ask(shop, erin, step, { phone, now })
        case 'order':
          return ask(shop, erin, 'ORDER Blue Mug:1', { phone, now })
        case 'opt-out':
          return tx((each) => optOut(each, customer, now))
        case 'opt-in':
          return tx((each) => optIn(each, organization.id, customer, sealer.mac))
        case 'catalogue':
          return enqueueMessage({ ...shop.deps, now: () => now }, erin.session, {
            recipient: { phone },
            text: 'Everything we have',
            author: { kind: 'user', userId: erin.session },
            proactive: true,
          })
        default: {
          const [order] = await db.rows<{ id: OrderId }>(
            'select id from orders where customer_id = ? order by number desc limit 1',
            [customer],
          )
          if (order === undefined) return null
          const deps = { ...shop.deps, newId: uuidv7, policy: DEFAULT_POLICY.orders }
          return tx((each) =>
            moveOrder(each, deps, {
              scope: { kind: 'all' },
              orderId: order.id,
              to: step as OrderStatus,
              mover: 'admin',
              actor: { type: 'user', id: erin.session },
              reason: 'because',
              notify: true,
              at: now,
            }),
          )
        }
      }
    }
    const order = ['catalogue', 'confirmed', 'stop', 'processing', 'catalogue', 'start', 'shipped', 'opt-out'] as const
    await fc.assert(property, { numRuns: 10 * RUNS, examples: [[[...order]]] })
    t.ok(stopped > 3 && dropped > 1, `${stopped} steps after STOP, ${dropped} messages dropped`)
  })
})
