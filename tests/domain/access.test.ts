import t from 'tap'
import { can, inScope, PERMISSIONS, permissionsOf, ROLES, scopeOf } from '../../src/domain/access.ts'
import { asId, type CustomerId, type OrgId, type UserId } from '../../src/domain/ids.ts'

const me = asId<UserId>('me')
const mate = asId<UserId>('mate')
const other = asId<UserId>('other')
const orgId = asId<OrgId>('org')
const amal = asId<CustomerId>('amal')

t.test('what each role may do', (t) => {
  t.matchOnly(Object.fromEntries(ROLES.map((role) => [role, permissionsOf(role).length])), {
    admin: PERMISSIONS.length,
    manager: 24,
    employee: 16,
    customer: 5,
  })
  t.ok(can({ role: 'employee' }, 'whatsapp:send'))
  t.notOk(can({ role: 'employee' }, 'sessions:read-all'))
  t.notOk(can({ role: 'manager' }, 'admin:read'))
  t.notOk(can({ role: 'customer' }, 'products:write'))
  t.notOk(can({ role: 'customer' }, 'whatsapp:connect'))
  t.ok(can({ role: 'customer' }, 'orders:read'))
  t.ok(can({ role: 'admin' }, 'admin:read'))
  t.end()
})

t.test('whose rows each role sees', (t) => {
  t.same(scopeOf({ id: me, orgId, role: 'admin' }, []), { kind: 'all' })
  t.same(scopeOf({ id: me, orgId, role: 'manager' }, [mate, me]), { kind: 'users', ids: [me, mate] })
  t.same(scopeOf({ id: me, orgId, role: 'employee' }, [mate]), { kind: 'users', ids: [me] })
  t.same(scopeOf({ id: me, orgId, role: 'customer' }, [mate], amal), { kind: 'customer', customerId: amal })
  t.end()
})

t.test('a row is in the scope or it is not', (t) => {
  const row = { userId: other, customerId: amal }
  t.ok(inScope({ kind: 'all' }, row))
  t.ok(inScope({ kind: 'users', ids: [me, other] }, row))
  t.notOk(inScope({ kind: 'users', ids: [me] }, row))
  t.ok(inScope({ kind: 'customer', customerId: amal }, row))
  t.notOk(inScope({ kind: 'customer', customerId: null }, row))
  t.notOk(inScope({ kind: 'customer', customerId: amal }, { userId: other }))
  t.end()
})
