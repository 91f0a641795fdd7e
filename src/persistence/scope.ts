// Turns a scope of domain/access.ts into SQL, once for all lists and single reads, and finds who is on a manager's team.
import type { Scope } from '../domain/access.ts'
import type { UserId } from '../domain/ids.ts'
import { never } from '../domain/result.ts'
import type { Queryable } from './database.ts'

export interface ScopeSql {
  readonly sql: string
  readonly params: readonly unknown[]
}

/**
 * The condition that keeps a query within the scope. `column` holds the owner account's id, `customerColumn` the
 * customer's; without the latter a customer's scope sees nothing.
 */
export function scopeSql(scope: Scope, column: string, customerColumn?: string): ScopeSql {
  switch (scope.kind) {
    case 'all':
      return { sql: 'true', params: [] }
    case 'users':
      return { sql: `${column} = any(?::uuid[])`, params: [scope.ids] }
    case 'customer':
      if (scope.customerId === null || customerColumn === undefined) return { sql: 'false', params: [] }
      return { sql: `${customerColumn} = ?`, params: [scope.customerId] }
    default:
      return never(scope)
  }
}

/** The condition that keeps customers within the scope: contacts of its accounts, or who have a conversation or an order there. */
export function customerScopeSql(scope: Scope, column: string): ScopeSql {
  if (scope.kind !== 'users') return scopeSql(scope, 'null', column)
  const tables = ['contacts', 'conversations', 'orders'].map((table) => {
    const within = scopeSql(scope, 'x.user_id')
    return {
      sql: `exists (select from ${table} x where x.customer_id = ${column} and ${within.sql})`,
      params: within.params,
    }
  })
  const assigned = scopeSql(scope, 'x.assignee_id')
  tables.push({
    sql: `exists (select from conversations x where x.customer_id = ${column} and ${assigned.sql})`,
    params: assigned.params,
  })
  return { sql: `(${tables.map(({ sql }) => sql).join(' or ')})`, params: tables.flatMap(({ params }) => params) }
}

/** Everyone below a user, at any depth, without the user. A ring of managers ends by itself. */
export async function teamOf(q: Queryable, userId: UserId): Promise<readonly UserId[]> {
  const rows = await q.rows<{ id: UserId }>(
    `with recursive team as (
       select id from users where manager_id = ?
       union
       select u.id from users u join team t on u.manager_id = t.id
     )
     select id from team where id <> ?`,
    [userId, userId],
  )
  return rows.map((row) => row.id)
}
