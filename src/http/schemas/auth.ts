// Bodies and answers of /api/auth. Unknown fields of a body are ignored here and only here.

import { z } from 'zod'
import { PERMISSIONS, ROLES, USER_STATUSES } from '../../domain/access.ts'
import { SESSION_STATES } from '../../domain/session/state.ts'
import { PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS } from '../passwords.ts'
import { STREAMS } from '../tickets.ts'
import { id, isoTime, nullableTime } from './common.ts'

const EMAIL_MAX_CHARS = 254
export const NAME_MAX_CHARS = 120

export const email = z
  .string()
  .max(EMAIL_MAX_CHARS)
  .transform((text) => text.trim().toLowerCase())
  .pipe(z.email())

export const signupBody = z.object({
  email,
  password: z.string().min(PASSWORD_MIN_CHARS).max(PASSWORD_MAX_CHARS),
  role: z.enum(ROLES).optional().meta({ description: 'Left out: the invite’s, else employee.' }),
  name: z.string().trim().max(NAME_MAX_CHARS).default(''),
  inviteToken: z.string().max(200).optional(),
})

export const signupHeaders = z.looseObject({
  'x-setup-token': z.string().optional().meta({ description: 'SETUP_TOKEN, for the first admin.' }),
})

export const loginBody = z.object({
  email: z
    .string()
    .max(EMAIL_MAX_CHARS)
    .transform((text) => text.trim().toLowerCase()),
  password: z.string().max(1000),
})

export const userView = z
  .object({
    id,
    email: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    /** The role that was asked for and waits for an admin; null when there is none. */
    requestedRole: z.enum(ROLES).nullable(),
    status: z.enum(USER_STATUSES),
    approval: z.literal('pending').nullable(),
    managerId: id.nullable(),
    customerId: id.nullable().meta({ description: 'The customer this account is (role customer).' }),
    version: z.number().int(),
    createdAt: isoTime,
    lastLoginAt: nullableTime,
  })
  .meta({ id: 'User' })

export const signupAnswer = z.object({
  user: userView,
  token: z.string().optional(),
  tokenType: z.literal('Bearer').optional(),
  expiresIn: z.number().int().optional(),
})

export const loginAnswer = z.object({
  token: z.string(),
  tokenType: z.literal('Bearer'),
  expiresIn: z.number().int().meta({ description: 'Seconds.' }),
  user: userView,
})

export const profileAnswer = z.object({
  user: userView.extend({
    permissions: z.array(z.enum(PERMISSIONS)),
    whatsapp: z
      .object({ state: z.enum(SESSION_STATES), phoneNumber: z.string().nullable(), message: z.string() })
      .nullable(),
  }),
})

export const profileBody = z.strictObject({ name: z.string().trim().max(NAME_MAX_CHARS) })
export const passwordBody = z.strictObject({
  currentPassword: z.string().max(1000),
  newPassword: z.string().min(PASSWORD_MIN_CHARS).max(PASSWORD_MAX_CHARS),
})

export const ticketBody = z.object({ stream: z.enum(STREAMS).default('qr') })
export const ticketAnswer = z.object({ ticket: z.string(), expiresIn: z.number().int() })
