// Who becomes what at sign-up: a table as a function. It knows no database; the caller looks under a lock whether an admin exists.

import { atMost, type Role, type UserStatus } from '../domain/access.ts'
import type { UserId } from '../domain/ids.ts'
import { never, ok, type Result, refuse } from '../domain/result.ts'

export interface SignupCase {
  readonly wanted: Role
  /** The role of the invite that came along and counts; null without one. */
  readonly invited: Role | null
  readonly adminExists: boolean
  /** The person whose token came along, if any: active, as the database has them. */
  readonly caller: { readonly id: UserId; readonly role: Role } | null
  readonly mode: 'open' | 'approval' | 'closed'
  /** Whether the header X-Setup-Token is right; true when the operator set none. */
  readonly setupTokenRight: boolean
}

export interface SignupDecision {
  readonly role: Role
  /** What was asked for and waits for an admin. */
  readonly requestedRole: Role | null
  readonly status: UserStatus
  readonly managerId: UserId | null
}

const now = (role: Role, managerId: UserId | null = null): SignupDecision => ({
  role,
  requestedRole: null,
  status: 'active',
  managerId,
})

/** The first row that fits decides. Nobody but an admin, or the first one, makes an admin. */
export function decideSignup(
  it: SignupCase,
): Result<SignupDecision, 'forbidden' | 'signup-closed' | 'setup-token-wrong' | 'invite-invalid'> {
  if (it.wanted === 'admin' && !it.adminExists) {
    if (it.setupTokenRight) return ok(now('admin'))
    return refuse('setup-token-wrong', 'The first admin needs the operator’s SETUP_TOKEN in the header X-Setup-Token.')
  }
  if (it.caller?.role === 'admin') return ok(now(it.wanted))
  if (it.caller?.role === 'manager') {
    if (isModest(it.wanted)) return ok(now(it.wanted, it.caller.id))
    return refuse('forbidden', `A manager may add employees and customers. Ask an admin to add a ${it.wanted}.`)
  }
  if (it.invited !== null) {
    if (atMost(it.wanted, it.invited)) return ok(now(it.invited))
    return refuse('invite-invalid', `This invite is for the role ${it.invited}. Ask for another one.`)
  }
  return decidePublic(it.wanted, it.mode)
}

function decidePublic(wanted: Role, mode: SignupCase['mode']): Result<SignupDecision, 'signup-closed'> {
  const role = isModest(wanted) ? wanted : 'employee'
  const requestedRole = role === wanted ? null : wanted
  switch (mode) {
    case 'open':
      return ok({ role, requestedRole, status: 'active', managerId: null })
    case 'approval':
      return ok({ role, requestedRole, status: 'pending', managerId: null })
    case 'closed':
      return refuse('signup-closed', 'Sign-up is closed here. Ask an admin to add you.')
    default:
      return never(mode)
  }
}

function isModest(role: Role): boolean {
  return role === 'employee' || role === 'customer'
}
