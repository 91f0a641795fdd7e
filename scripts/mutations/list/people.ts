// Promises about users and customers.

import type { Mutation } from '../mutation.ts'

export const PEOPLE: readonly Mutation[] = [
  {
    promise: 'A role that was taken away is gone with the next request',
    file: 'src/http/plugins/auth.ts',
    find: 'user.tokenVersion !== claims.tv',
    replace: 'user.tokenVersion < 0',
    test: 'tests/http/routes/auth.test.ts',
  },
  {
    promise: 'After an erasure nothing of a person stands in any column',
    file: 'src/persistence/customer-erase.ts',
    find: '  await scrubLogs(tx, by.orgId, traces)\n',
    replace: '  void scrubLogs\n  void traces\n',
    test: 'tests/persistence/customer-erase.test.ts',
  },
  {
    promise: 'A STOP outlives the erasure',
    file: 'src/persistence/customer-erase.ts',
    find: '  else await suppress(tx, mac, by.orgId, identities, customer.optedOutAt)\n',
    replace: '  else void suppress\n',
    test: 'tests/persistence/customer-erase.test.ts',
  },
  {
    promise: 'A message that is late is not stored for a customer who was erased',
    file: 'src/persistence/migrations/0011-people.ts',
    find: '  if gone is not null then',
    replace: '  if false then',
    test: 'tests/persistence/customer-erase.test.ts',
  },
  {
    promise: 'An admin who can act is always left',
    file: 'src/persistence/user-changes.ts',
    find: '  if (other !== undefined) return ok(null)\n',
    replace: '  if (other !== undefined || user.id !== null) return ok(null)\n',
    test: 'tests/http/routes/users.test.ts',
  },
  {
    promise: 'Messages go when the shop has said',
    file: 'src/persistence/purge.ts',
    find: 'pruneMessages(db, before(days.messages), limit)',
    replace: 'pruneMessages(db, before(365), limit)',
    test: 'tests/persistence/purge.test.ts',
  },
  {
    promise: 'Who does not know a customer does not see them',
    file: 'src/persistence/customers.ts',
    find: '  where.add(within.sql, ...within.params)\n  if (filter.tag',
    replace: '  void within\n  if (filter.tag',
    test: 'tests/http/routes/customers.test.ts',
  },
  {
    promise: "A shop's word that employees leave the catalogue alone counts at once",
    file: 'src/http/plugins/auth.ts',
    find: "if (access !== 'optional' && asksSettings(caller.value, access) && !(await employeesMay(deps)))",
    replace: "if (access !== 'optional' && asksSettings(caller.value, access) && (await employeesMay(deps)) === null)",
    test: 'tests/http/routes/products.test.ts',
  },
  {
    promise: 'The limits of a route are counted for all nodes',
    file: 'src/http/plugins/security.ts',
    find: 'store: limitStore(deps.limits),',
    replace: '',
    test: 'tests/http/plugins/security.test.ts',
  },
  {
    promise: 'Nothing more is written for a customer who was erased a moment ago',
    file: 'src/persistence/staff-orders.ts',
    find: "'select from customers where id = ? and deleted_at is null for share'",
    replace: "'select from customers where id = ? and deleted_at is null'",
    test: 'tests/persistence/customer-erase.test.ts',
  },
  {
    promise: 'STOP takes back the messages about orders that wait',
    file: 'src/persistence/customers.ts',
    find: '  await dropNotices(tx, id)\n',
    replace: '  void dropNotices\n',
    test: 'tests/situations/talks.test.ts',
  },
  {
    promise: 'STOP takes back the catalogue that waits',
    file: 'src/persistence/customers.ts',
    find: "and o.proactive and o.state in ('queued','held')",
    replace: "and not o.proactive and o.state in ('queued','held')",
    test: 'tests/situations/talks.test.ts',
  },
  {
    promise: 'A catalogue that is written while the customer says STOP is not sent',
    file: 'src/persistence/customers.ts',
    find: "'select from customers where id = ? and opted_out_at is null for share'",
    replace: "'select from customers where id = ? and opted_out_at is null'",
    test: 'tests/actors/outbox/enqueue.test.ts',
  },
  {
    promise: 'What the shop keeps of a file is no longer kept than it says',
    file: 'src/persistence/purge.ts',
    find: 'pruneMedia(db, before(days.media), limit)',
    replace: 'pruneMedia(db, before(days.media + 9_999), limit)',
    test: 'tests/persistence/purge.test.ts',
  },
]
