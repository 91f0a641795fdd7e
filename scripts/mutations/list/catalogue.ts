// Promises about what is sold and what it is called.

import type { Mutation } from '../mutation.ts'

export const CATALOGUE: readonly Mutation[] = [
  {
    promise: 'Two active products never share a name that chat knows',
    file: 'src/persistence/chat-names.ts',
    find: 'if (holder !== undefined) return nameTaken(variant, holder.name, key)',
    replace: 'void holder',
    test: 'tests/persistence/catalogue-names.test.ts',
  },
  {
    promise: 'The database gives a name to one product only, whoever writes',
    file: 'src/persistence/migrations/0006-catalogue.ts',
    find: '  primary key (org_id, key)\n',
    replace: '  primary key (org_id, key, product_id)\n',
    test: 'tests/persistence/catalogue-names.test.ts',
  },
  {
    promise: 'A product or variant changed meanwhile is not overwritten',
    file: 'src/persistence/catalogue.ts',
    find: 'if (expectedVersion !== null && version !== expectedVersion) return stale(version)',
    replace: 'void stale',
    test: 'tests/persistence/catalogue-change.test.ts',
  },
  {
    promise: 'A new price is noted with who set it',
    file: 'src/persistence/variant-rows.ts',
    find: 'prices.map(({ id, priceMinor }) => ({ variantId: id, priceMinor })),',
    replace: '[],',
    test: 'tests/persistence/catalogue-change.test.ts',
  },
  {
    promise: 'What an order refers to is archived and not deleted',
    file: 'src/persistence/catalogue-removal.ts',
    find: '        await archiveProduct(tx, orgId, known, actor, newId)\n',
    replace: '',
    test: 'tests/persistence/catalogue-change.test.ts',
  },
  {
    promise: 'The ledger of a variant that is removed ends at nought',
    file: 'src/persistence/catalogue-removal.ts',
    find: '  await recordMovements(tx, closing,',
    replace: '  await recordMovements(tx, [],',
    test: 'tests/persistence/catalogue-change.test.ts',
  },
  {
    promise: 'Two moves of categories at once make no ring',
    file: 'src/persistence/categories.ts',
    find: 'const placed = mayStand(flat, id, parentId)',
    replace: 'const placed = mayStand(flat.map((each) => ({ ...each, parentId: null })), id, null)',
    test: 'tests/http/routes/categories.test.ts',
  },
]
