// Shapes of the people of a shop and of invites.

import { z } from 'zod'
import { ROLES, USER_STATUSES } from '../../domain/access.ts'
import { PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS } from '../passwords.ts'
import { email, NAME_MAX_CHARS, userView } from './auth.ts'
import { changes, id, isoTime, nullableTime, pageQuery } from './common.ts'

const name = z.string().trim().max(NAME_MAX_CHARS)
const role = z.enum(ROLES)

export const usersQuery = z.strictObject({
  ...pageQuery,
  q: z.string().trim().min(1).max(100).optional(),
  role: role.optional(),
  status: z.enum(USER_STATUSES).optional(),
})
export const userAnswer = z.object({ user: userView })

export const userCreateBody = z.strictObject({
  email,
  password: z.string().min(PASSWORD_MIN_CHARS).max(PASSWORD_MAX_CHARS),
  name: name.default(''),
  role: role.default('employee'),
})

export const userBody = changes({
  name,
  role,
  status: z.enum(['active', 'disabled']),
  managerId: id.nullable(),
  customerId: id.nullable().meta({ description: 'The customer an account of this role is: it sees its own orders.' }),
})

export const approveBody = z.strictObject({
  role: role.optional().meta({ description: 'Left out: the role that was asked for.' }),
})

export const userDeleteQuery = z.strictObject({
  moveTo: id.optional().meta({ description: 'Who gets their conversations, contacts and orders.' }),
})
export const userDeleteAnswer = z.object({
  deleted: z.object({ userId: id, conversationsMoved: z.number().int() }),
})

const MAX_DAYS = 60
const USUAL_DAYS = 7

export const inviteBody = z.strictObject({
  role: role.default('employee'),
  email: email.optional().meta({ description: 'For this address alone.' }),
  expiresInDays: z.number().int().min(1).max(MAX_DAYS).default(USUAL_DAYS),
})
const inviteView = z
  .object({
    id,
    role,
    email: z.string().nullable(),
    expiresAt: isoTime,
    usedAt: nullableTime,
    usedBy: id.nullable(),
    createdBy: id,
    createdAt: isoTime,
  })
  .meta({ id: 'Invite' })
export const inviteAnswer = z.object({
  invite: inviteView,
  token: z.string().meta({ description: 'Shown this once. Goes as `inviteToken` into POST /api/auth/signup.' }),
})
export const invitesAnswer = z.object({ data: z.array(inviteView) })
