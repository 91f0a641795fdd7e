// Promises about orders, what customers are told of them, money and reports.

import type { Mutation } from '../mutation.ts'

export const ORDERS: readonly Mutation[] = [
  {
    promise: 'Orders written together do not take the same stock',
    file: 'src/persistence/order-statement.ts',
    find: 'sum(quantity) over (partition by variant_id) as together',
    replace: 'quantity as together',
    test: 'tests/persistence/inbound-statement.test.ts',
  },
  {
    promise: 'Orders written together have numbers without a gap, in their order',
    file: 'src/persistence/order-statement.ts',
    find: '+ row_number() over (partition by org_id order by n)',
    replace: '+ row_number() over (partition by org_id order by n desc)',
    test: 'tests/persistence/inbound-statement.test.ts',
  },
  {
    promise: 'What was returned is not in the net sales',
    file: 'src/persistence/report-sales.ts',
    find: 'netMinor: row.gross - row.returns',
    replace: 'netMinor: row.gross',
    test: 'tests/http/routes/reports.test.ts',
  },
  {
    promise: "A report shows the figures of one's own scope",
    file: 'src/persistence/report-sales.ts',
    find: '  where.add(within.sql, ...within.params)\n',
    replace: '',
    test: 'tests/http/routes/reports.test.ts',
  },
  {
    promise: 'No cell of a table is a formula',
    file: 'src/http/csv/table.ts',
    find: 'escape_formulas: true',
    replace: 'escape_formulas: false',
    test: 'tests/http/csv/table.test.ts',
  },
  {
    promise: 'Several changes of an order within half a minute are one message to its customer',
    file: 'src/persistence/notices.ts',
    find: 'const before = await takeBack(tx, orderId, at)',
    replace: 'const before = null as Waiting | null',
    test: 'tests/persistence/notices.test.ts',
  },
  {
    promise: 'After STOP no message about an order is written',
    file: 'src/persistence/notices.ts',
    find: "  if (about.opted_out) return end(tx, orderId, before, 'opted-out')\n",
    replace: '',
    test: 'tests/persistence/notices.test.ts',
  },
  {
    promise: 'A message about an order that waits for its time holds up no answer',
    file: 'src/persistence/outbox.ts',
    find: "(notice_of is not null and state = 'queued' and attempts = 0 and next_at > ?)",
    replace: '(false and next_at > ?)',
    test: 'tests/persistence/notices.test.ts',
  },
  {
    promise: 'No more is refunded than was paid',
    file: 'src/persistence/payments.ts',
    find: "if (kind === 'refund' && amountMinor > left) {",
    replace: 'if (amountMinor < 0) {',
    test: 'tests/http/routes/order-moves.test.ts',
  },
  {
    promise: 'An order makes only the moves of its table, and each only by who may',
    file: 'src/domain/order/transitions.ts',
    find: 'if (found === undefined || !found.by.includes(mover)) {',
    replace: 'if (found === undefined) {',
    test: 'tests/domain/order/transitions.test.ts',
  },
  {
    promise: 'Who moves an order holds it, and others come after',
    file: 'src/persistence/order-changes.ts',
    find: '} for update`',
    replace: '}`',
    test: 'tests/persistence/order-moves.test.ts',
  },
  {
    promise: 'A cancelled order gives its stock back',
    file: 'src/persistence/order-moves.ts',
    find: '.filter((line) => line.reserved > 0)',
    replace: ".filter((line) => effect === 'sale' && line.reserved > 0)",
    test: 'tests/persistence/order-moves.test.ts',
  },
  {
    promise: 'Each change of an order has one row of history',
    file: 'src/persistence/order-changes.ts',
    find: 'values (?::uuid, ?::uuid, ?::text, ?::text, ?::text, ?::text, ?::uuid, ?::jsonb, ?::timestamptz)`',
    replace:
      'select ?::uuid, ?::uuid, ?::text, ?::text, ?::text, ?::text, ?::uuid, ?::jsonb, ?::timestamptz where false`',
    test: 'tests/persistence/order-moves.test.ts',
  },
  {
    promise: 'What becomes of an order is told in the language of the chat',
    file: 'src/persistence/notices.ts',
    find: 'languageOf(about.language, about.bot_state, settings.languageDefault)',
    replace: "languageOf(null, about.bot_state, 'en')",
    test: 'tests/persistence/notices.test.ts',
  },
  {
    promise: 'An order that comes while stock is given back is served from what there is then',
    file: 'src/persistence/order-statement.ts',
    find: 'set on_hand = w.on_hand, reserved = w.reserved + w.quantity',
    replace: 'set reserved = s.reserved + w.quantity',
    test: 'tests/persistence/inbound-statement.test.ts',
  },
  {
    promise: 'An order whose answer could not leave for a day shows that its customer was not told',
    file: 'src/persistence/inbound-statement.ts',
    find: 'told: reply?.messageId ?? null',
    replace: 'told: null',
    test: 'tests/situations/orders.test.ts',
  },
]
