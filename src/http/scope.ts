// Whose rows the caller sees: reads the team from the database and asks the one scope function. Every route comes through here.

import { type Scope, scopeOf } from '../domain/access.ts'
import type { Queryable } from '../persistence/database.ts'
import { teamOf } from '../persistence/scope.ts'
import type { User } from '../persistence/users.ts'

/** The scope of this person now. */
export async function callerScope(q: Queryable, caller: User): Promise<Scope> {
  return scopeOf(caller, caller.role === 'manager' ? await teamOf(q, caller.id) : [], caller.customerId)
}

/** The rows of the person's own account alone: for what one does in one's own name, whatever the role. */
export function ownScope(caller: User): Scope {
  return { kind: 'users', ids: [caller.id] }
}
