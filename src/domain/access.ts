// Who may do what, and whose rows a person sees. The one place: lists, single reads, streams and counters all ask here.
// How a scope becomes SQL is persistence/scope.ts; how a refusal becomes a status is http.
import type { CustomerId, OrgId, UserId } from './ids.ts'

export const ROLES = ['admin', 'manager', 'employee', 'customer'] as const
export type Role = (typeof ROLES)[number]

/** From the one who may least to the one who may most. */
const RANK: Record<Role, number> = { customer: 0, employee: 1, manager: 2, admin: 3 }

/** True when the one role may no more than the other. */
export function atMost(role: Role, limit: Role): boolean {
  return RANK[role] <= RANK[limit]
}

export const USER_STATUSES = ['active', 'pending', 'disabled'] as const
export type UserStatus = (typeof USER_STATUSES)[number]

export const PERMISSIONS = [
  'profile:read',
  'whatsapp:connect',
  'whatsapp:send',
  'conversations:read',
  'contacts:read',
  'contacts:write',
  'products:write',
  'products:archive',
  'stock:read',
  'stock:write',
  'orders:read',
  'orders:write',
  'orders:cancel',
  'orders:return',
  'payments:write',
  'refunds:write',
  'customers:read',
  'customers:write',
  'customers:export',
  'customers:erase',
  'reports:read',
  'bot:preview',
  'team:read',
  'team:write',
  'settings:write',
  'sessions:read-all',
  'sessions:manage',
  'admin:read',
] as const
export type Permission = (typeof PERMISSIONS)[number]

/** Who is asking: read from the database on each request, never from a token. */
export interface Actor {
  readonly id: UserId
  readonly orgId: OrgId
  readonly role: Role
}

const EMPLOYEE: readonly Permission[] = [
  'profile:read',
  'whatsapp:connect',
  'whatsapp:send',
  'conversations:read',
  'contacts:read',
  'contacts:write',
  'products:write',
  'stock:read',
  'orders:read',
  'orders:write',
  'orders:cancel',
  'payments:write',
  'customers:read',
  'customers:write',
  'reports:read',
  'bot:preview',
]

const MANAGER: readonly Permission[] = [
  ...EMPLOYEE,
  'products:archive',
  'stock:write',
  'orders:return',
  'refunds:write',
  'customers:export',
  'customers:erase',
  'team:read',
  'team:write',
]

const GRANTS: Record<Role, readonly Permission[]> = {
  customer: ['profile:read', 'orders:read', 'orders:cancel', 'customers:read', 'customers:write'],
  employee: EMPLOYEE,
  manager: MANAGER,
  admin: PERMISSIONS,
}

/** What a role may do, in a stable order. */
export function permissionsOf(role: Role): readonly Permission[] {
  return GRANTS[role]
}

/** What an employee does only while the shop lets them: its setting `employeesEditCatalog`, read anew each time. */
export function asksSettings(actor: Pick<Actor, 'role'>, permission: Permission): boolean {
  return actor.role === 'employee' && permission === 'products:write'
}

/** True when the actor's role holds the permission. Says nothing about whose rows: that is the scope. */
export function can(actor: Pick<Actor, 'role'>, permission: Permission): boolean {
  return GRANTS[actor.role].includes(permission)
}

/** The rows a person sees: everything, those of some accounts, or those of one customer (`null`: of nobody). */
export type Scope =
  | { readonly kind: 'all' }
  | { readonly kind: 'users'; readonly ids: readonly UserId[] }
  | { readonly kind: 'customer'; readonly customerId: CustomerId | null }

/**
 * The scope of a person. `teamIds` are the users below them (see persistence/scope.ts `teamOf`); only a manager's count.
 * `customerId` is the customer a customer account is known to be: until an account is linked to one, it sees nothing.
 */
export function scopeOf(actor: Actor, teamIds: readonly UserId[], customerId: CustomerId | null = null): Scope {
  switch (actor.role) {
    case 'admin':
      return { kind: 'all' }
    case 'manager':
      return { kind: 'users', ids: [actor.id, ...teamIds.filter((id) => id !== actor.id)] }
    case 'employee':
      return { kind: 'users', ids: [actor.id] }
    case 'customer':
      return { kind: 'customer', customerId }
  }
}

/** True when a row of this account (and customer) lies within the scope: the same rule as the SQL, for single values. */
export function inScope(scope: Scope, row: { readonly userId: UserId; readonly customerId?: CustomerId }): boolean {
  switch (scope.kind) {
    case 'all':
      return true
    case 'users':
      return scope.ids.includes(row.userId)
    case 'customer':
      return scope.customerId !== null && row.customerId === scope.customerId
  }
}
