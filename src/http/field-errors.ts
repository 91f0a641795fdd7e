// Checks requests by the schemas of their routes and says which field is wrong, in the request's own path notation. Values are never repeated:
// they may be secrets.

import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'
import { z } from 'zod'
import type { FieldError } from '../domain/result.ts'

const CODES: Readonly<Record<string, string>> = {
  too_big: 'too-large',
  too_small: 'too-small',
  unrecognized_keys: 'unknown-field',
  invalid_value: 'not-allowed',
}

/** Checks a part of a request; what is wrong with it comes in the form `fieldErrors` takes. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema }) =>
  (given: unknown) => {
    const { data, error } = schema.safeParse(given, { error: namingKnown })
    if (error === undefined) return { value: data }
    return {
      error: error.issues.map(({ code, path, message, ...params }) => ({
        keyword: code,
        instancePath: path.map((part) => `/${String(part)}`).join(''),
        schemaPath: '#',
        message,
        params,
      })),
    }
  }

/** A field nobody knows is told with those that are known in its place; all else is said by zod. */
function namingKnown({ code, inst }: z.core.$ZodRawIssue): string | undefined {
  if (code !== 'unrecognized_keys') return undefined
  const known = inst instanceof z.ZodObject ? Object.keys(inst.shape) : []
  return known.length === 0 ? 'is not known here' : `is not known here; known are: ${known.join(', ')}`
}

/** The field errors of a failed validation. A path is written `items[0].quantity`; the whole body is `body`. */
export function fieldErrors(found: readonly FastifySchemaValidationError[]): FieldError[] {
  return found.flatMap(({ keyword, instancePath, message, params }) => {
    const path = notation(instancePath)
    const code = CODES[keyword] ?? keyword.replaceAll('_', '-')
    const unknown = params['keys']
    if (keyword === 'unrecognized_keys' && Array.isArray(unknown))
      return unknown.map((key) => ({
        path: path === 'body' ? String(key) : `${path}.${key}`,
        code,
        message: message ?? 'is not known here',
      }))
    if (keyword === 'invalid_type' && message?.endsWith('received undefined') === true)
      return [{ path, code: 'missing', message: 'is missing' }]
    return [{ path, code, message: message?.replace(/^Invalid input: /, '') ?? 'is not valid' }]
  })
}

function notation(pointer: string): string {
  const parts = pointer.split('/').filter((part) => part !== '')
  const path = parts.map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`)).join('')
  return path === '' ? 'body' : path.replace(/^\./, '')
}
