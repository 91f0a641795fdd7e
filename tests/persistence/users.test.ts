import t from 'tap'
import { uuidv7 } from 'uuidv7'
import type { Role } from '../../src/domain/access.ts'
import { asId, type CustomerId, type UserId } from '../../src/domain/ids.ts'
import { scopeSql, teamOf } from '../../src/persistence/scope.ts'
import { countAdmins, createUser, findUserByEmail, lockOrganization, type User } from '../../src/persistence/users.ts'
import { makeShop, type Shop, warm } from '../support/bot-shop.ts'

async function user(shop: Shop, email: string, more: { role?: Role; managerId?: UserId } = {}): Promise<User | string> {
  const made = await shop.db.transaction((tx) =>
    createUser(tx, {
      id: asId<UserId>(uuidv7()),
      orgId: shop.organization.id,
      email,
      name: 'N',
      passwordHash: 'hash',
      role: more.role ?? 'employee',
      requestedRole: null,
      status: 'active',
      managerId: more.managerId ?? null,
    }),
  )
  return made.ok ? made.value : made.refusal.code
}

async function idOf(made: Promise<User | string>): Promise<UserId> {
  const found = await made
  if (typeof found === 'string') throw new Error(found)
  return found.id
}

t.test('an e-mail address has one account, in any case of letters', async (t) => {
  const shop = await makeShop(t)
  t.match(await user(shop, ' Erin@Example.com '), { email: 'erin@example.com', role: 'employee', tokenVersion: 0 })
  t.equal(await user(shop, 'ERIN@example.COM'), 'email-taken')
  t.match(await findUserByEmail(shop.db, 'erin@EXAMPLE.com'), { passwordHash: 'hash', name: 'N' })
  t.equal(await findUserByEmail(shop.db, 'nobody@example.com'), null)
})

t.test('two who want to be the first admin at once take turns', async (t) => {
  const shop = await makeShop(t)
  const attempt = (email: string) =>
    shop.db.transaction(async (tx) => {
      await lockOrganization(tx, shop.organization.id)
      const role = (await countAdmins(tx, shop.organization.id)) === 0 ? 'admin' : 'employee'
      const id = asId<UserId>(uuidv7())
      const rest = {
        orgId: shop.organization.id,
        name: '',
        passwordHash: '-',
        requestedRole: null,
        managerId: null,
      } as const
      await createUser(tx, { id, email, role, status: 'active', ...rest })
      return role
    })
  await warm(shop.db)
  const roles = await Promise.all(['a', 'b', 'c', 'd'].map((name) => attempt(`${name}@example.com`)))
  t.same(roles.sort(), ['admin', 'employee', 'employee', 'employee'])
})

t.test('a team is everyone below, at any depth, and a ring ends', async (t) => {
  const shop = await makeShop(t)
  const top = await idOf(user(shop, 'top@example.com', { role: 'manager' }))
  const mid = await idOf(user(shop, 'mid@example.com', { role: 'manager', managerId: top }))
  const low = await idOf(user(shop, 'low@example.com', { managerId: mid }))
  await user(shop, 'other@example.com')
  t.same((await teamOf(shop.db, top)).toSorted(), [mid, low].sort())
  t.same(await teamOf(shop.db, low), [])
  await shop.db.run('update users set manager_id = ? where id = ?', [low, top])
  t.same((await teamOf(shop.db, top)).toSorted(), [mid, low].sort())
})

t.test('a scope becomes a condition', (t) => {
  const id = asId<UserId>('u')
  t.same(scopeSql({ kind: 'all' }, 'x'), { sql: 'true', params: [] })
  t.same(scopeSql({ kind: 'users', ids: [id] }, 'x'), { sql: 'x = any(?::uuid[])', params: [[id]] })
  t.same(scopeSql({ kind: 'customer', customerId: null }, 'x', 'y'), { sql: 'false', params: [] })
  t.same(scopeSql({ kind: 'customer', customerId: asId<CustomerId>('c') }, 'x'), { sql: 'false', params: [] })
  t.same(scopeSql({ kind: 'customer', customerId: asId<CustomerId>('c') }, 'x', 'y'), { sql: 'y = ?', params: ['c'] })
  t.end()
})
