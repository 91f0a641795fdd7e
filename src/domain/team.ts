// Who may make what of whom: an admin of anybody anything, a manager of the people of their team employees and customers. That an admin is left is
// looked at by the store, under a lock.

import { atMost, inScope, type Role, type Scope } from './access.ts'
import type { UserId } from './ids.ts'
import { ok, type Result, refuse } from './result.ts'

export interface Colleague {
  readonly id: UserId
  readonly role: Role
}

/** The highest role a manager gives, and the highest of whom they decide. */
const MANAGED: Role = 'employee'

/**
 * Whether a person may change another's account, within their scope.
 * @param role the role the other shall have; null when it stays
 */
export function mayChange(
  caller: Colleague,
  scope: Scope,
  target: Colleague,
  role: Role | null,
): Result<null, 'not-found' | 'forbidden'> {
  if (!inScope(scope, { userId: target.id }))
    return refuse('not-found', 'There is no such user, or they are not yours to see.')
  if (caller.role === 'admin') return ok(null)
  if (caller.id === target.id) return refuse('forbidden', 'Your own account is changed by an admin.')
  if (!atMost(target.role, MANAGED) || (role !== null && !atMost(role, MANAGED)))
    return refuse('forbidden', 'A manager decides about employees and customers. Ask an admin.')
  return ok(null)
}
