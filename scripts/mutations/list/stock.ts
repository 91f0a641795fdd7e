// Promises about stock.

import type { Mutation } from '../mutation.ts'

export const STOCK: readonly Mutation[] = [
  {
    promise: 'Stock is never sold twice',
    file: 'src/persistence/order-statement.ts',
    find: 'where coalesce(l.available, 0) < w.together`',
    replace: 'where false`',
    test: 'tests/persistence/orders.test.ts',
  },
  {
    promise: 'What orders were promised is not counted away',
    file: 'src/persistence/stock-adjust.ts',
    find: 'n.before is null or n.after < n.reserved or',
    replace: 'n.before is null or',
    test: 'tests/persistence/stock-adjust.test.ts',
  },
  {
    promise: 'Corrections of several levels are made all together or not at all',
    file: 'src/persistence/stock-adjust.ts',
    find: ' and not exists (select from bad)',
    replace: '',
    test: 'tests/persistence/stock-adjust.test.ts',
  },
  {
    promise: 'A movement of stock is never rewritten',
    file: 'src/persistence/migrations/0008-stock-ledger.ts',
    find: 'before update or delete on stock_movements',
    replace: 'before delete on stock_movements',
    test: 'tests/persistence/stock-adjust.test.ts',
  },
  {
    promise: 'That goods run low or out is told once',
    file: 'src/persistence/migrations/0008-stock-ledger.ts',
    find: 'when ((old.on_hand - old.reserved > new.low_threshold and',
    replace: 'when ((true and',
    test: 'tests/persistence/stock-adjust.test.ts',
  },
  {
    promise: 'What is shipped leaves the shelf',
    file: 'src/domain/order/transitions.ts',
    find: "move('processing', 'shipped', STAFF, 'sale')",
    replace: "move('processing', 'shipped', STAFF, 'none')",
    test: 'tests/commerce/model.test.ts',
  },
  {
    promise: 'A draft that becomes an order takes no more than there is',
    file: 'src/persistence/stock-changes.ts',
    find: '  if (short.length > 0) return short\n',
    replace: '',
    test: 'tests/commerce/model.test.ts',
  },
  {
    promise: 'Orders that move at the same instant each change the stock',
    file: 'src/persistence/stock-changes.ts',
    find: 'order by variant_id for update',
    replace: 'order by variant_id',
    test: 'tests/commerce/model.test.ts',
  },
  {
    promise: 'Stock is locked in one order, so nobody waits in a circle',
    file: 'src/persistence/order-statement.ts',
    find: 'order by s.variant_id for update`',
    replace: 'order by random() for update`',
    test: 'tests/persistence/orders.test.ts',
  },
  {
    promise: 'A correction that comes while stock is given back is made from what there is then',
    file: 'src/persistence/stock-adjust.ts',
    find: 'set on_hand = n.after, reserved = n.reserved',
    replace: 'set on_hand = coalesce(n.counted, s.on_hand + n.delta)',
    test: 'tests/persistence/stock-adjust.test.ts',
  },
]
