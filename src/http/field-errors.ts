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
    // A body that was left out is null.
    const absent = path === 'body' ? /received (undefined|null)$/ : /received undefined$/
    if (keyword === 'invalid_type' && absent.test(message ?? ''))
      return [{ path, code: 'missing', message: 'is missing' }]
    return [{ path, code, message: sentence(keyword, message ?? 'is not valid', params) }]
  })
}

/** What a person is told. What a schema says in words of its own stays; what the library says is said in ours. */
function sentence(keyword: string, message: string, params: Readonly<Record<string, unknown>>): string {
  switch (keyword) {
    case 'too_small':
      return /^Too small/.test(message) ? bound('at least', 'more than', params['minimum'], params) : message
    case 'too_big':
      return /^Too big/.test(message) ? bound('at most', 'less than', params['maximum'], params) : message
    case 'invalid_value':
      return Array.isArray(params['values']) ? `must be ${oneOf(params['values'])}` : message
    case 'invalid_union':
      return /^Invalid input/.test(message) ? alternatives(params['errors']) : message
    case 'invalid_type':
      return message.endsWith('received NaN') ? 'is not a number' : message.replace(/^Invalid input: /, '')
    case 'invalid_format':
      return /^Invalid /.test(message) ? (FORMATS[String(params['format'])] ?? message) : message
    default:
      return message.replace(/^Invalid input: /, '')
  }
}

const branches = z.array(z.array(z.looseObject({ code: z.string(), path: z.array(z.unknown()), message: z.string() })))

/** What would have been right, of each way it may be written; another type is said only where nothing else is wrong. */
function alternatives(errors: unknown): string {
  const found = (branches.safeParse(errors).data ?? []).flat().filter(({ path }) => path.length === 0)
  const right = found.filter(({ code }) => code !== 'invalid_type')
  const said = (right.length > 0 ? right : found).map(({ code, message, ...params }) => sentence(code, message, params))
  return [...new Set(said)].join(', or ').replaceAll(', or is not ', ', nor ') || 'is not valid'
}

const FORMATS: Readonly<Record<string, string>> = {
  email: 'is not an e-mail address',
  uuid: 'is not an id',
  date: 'is not a date such as 2026-01-31',
  datetime: 'is not a time such as 2026-01-31T09:30:00Z',
}

function bound(
  inclusive: string,
  exclusive: string,
  limit: unknown,
  params: Readonly<Record<string, unknown>>,
): string {
  const often = `${params['inclusive'] === false ? exclusive : inclusive} ${String(limit)}`
  if (params['origin'] === 'string') return `must have ${often} characters`
  return params['origin'] === 'array' ? `must have ${often} entries` : `must be ${often}`
}

/** The values are the schema's, not the caller's. */
function oneOf(values: readonly unknown[]): string {
  const shown = values.map((value) => JSON.stringify(value))
  return shown.length === 1 ? `${shown[0]}` : `one of ${shown.join(', ')}`
}

function notation(pointer: string): string {
  const parts = pointer.split('/').filter((part) => part !== '')
  const path = parts.map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`)).join('')
  return path === '' ? 'body' : path.replace(/^\./, '')
}
