// Checks requests by the schemas of their routes and says which field is wrong, in the request's own path notation and in our words where the
// schema has none of its own. Values are never repeated: they may be secrets.

import type { FastifySchemaCompiler } from 'fastify'
import { z } from 'zod'
import type { FieldError } from '../domain/result.ts'

/** A part of a request is not as its schema says. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest'
  readonly errors: readonly FieldError[]
  /** Which part; set by the framework. */
  validationContext?: 'body' | 'headers' | 'params' | 'querystring'

  constructor(errors: readonly FieldError[]) {
    super('the request is not as its schema says')
    this.errors = errors
  }
}

/** Checks a part of a request; what is wrong with it is an InvalidRequest. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema }) =>
  (given: unknown) => {
    const { data, error } = schema.safeParse(given, { error: words })
    if (error === undefined) return { value: data }
    // A body that was left out is null, or undefined where there is none.
    const errors =
      given == null ? [{ path: 'body', code: 'missing', message: MISSING }] : error.issues.flatMap(fieldErrors)
    return { error: new InvalidRequest(errors) }
  }

const MISSING = 'is missing'

const CODES: Readonly<Record<string, string>> = {
  too_big: 'too-large',
  too_small: 'too-small',
  unrecognized_keys: 'unknown-field',
  invalid_value: 'not-allowed',
}

/** A path is written `items[0].quantity`; the whole body is `body`. */
function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const { path, message } = issue
  const meant =
    issue.code === 'invalid_union' ? issue.errors.filter((way) => way.every(({ path }) => path.length > 0)) : []
  // Of several ways to write it this one was taken, and something in it is wrong.
  if (meant.length === 1)
    return (meant[0] ?? []).flatMap((each) => fieldErrors({ ...each, path: [...path, ...each.path] }))
  const code = message === MISSING ? 'missing' : (CODES[issue.code] ?? issue.code.replaceAll('_', '-'))
  if (issue.code !== 'unrecognized_keys') return [{ path: notation(path), code, message }]
  return issue.keys.map((key) => ({ path: notation([...path, key]), code, message }))
}

function notation(path: readonly PropertyKey[]): string {
  const parts = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')
  return parts === '' ? 'body' : parts.replace(/^\./, '')
}

/** What a person is told of an issue whose schema has no words of its own; undefined: what the library says. */
function words(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownField(issue.inst)
    case 'too_small':
      return bound(issue.origin, `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`)
    case 'too_big':
      return bound(issue.origin, `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`)
    case 'invalid_value':
      return `must be ${oneOf(issue.values)}`
    case 'invalid_union':
      return alternatives(issue.errors)
    case 'invalid_format':
      return FORMATS[issue.format]
    case 'invalid_type':
      return anotherType(issue.expected, issue.input)
    default:
      return undefined
  }
}

/** Told with the fields that are known in its place. */
function unknownField(inst: unknown): string {
  const known = inst instanceof z.ZodObject ? Object.keys(inst.shape) : []
  return known.length === 0 ? 'is not known here' : `is not known here; known are: ${known.join(', ')}`
}

function bound(origin: string, limit: string): string {
  if (origin === 'string') return `must have ${limit} characters`
  return origin === 'array' ? `must have ${limit} entries` : `must be ${limit}`
}

/** The values are the schema's, not the caller's. */
function oneOf(values: readonly z.core.util.Primitive[]): string {
  const shown = values.map((value) => JSON.stringify(value))
  return shown.length === 1 ? `${shown[0]}` : `one of ${shown.join(', ')}`
}

/** What would have been right, of each way it may be written; another type is said only where nothing else is wrong. */
function alternatives(errors: readonly (readonly z.core.$ZodIssue[])[]): string {
  const found = errors.flat().filter(({ path }) => path.length === 0)
  const right = found.filter(({ code }) => code !== 'invalid_type')
  const said = (right.length > 0 ? right : found).map(({ message }) => message)
  return [...new Set(said)].join(', or ').replaceAll(', or is not ', ', nor ') || 'is not valid'
}

const FORMATS: Readonly<Record<string, string>> = {
  email: 'is not an e-mail address',
  uuid: 'is not an id',
  date: 'is not a date such as 2026-01-31',
  datetime: 'is not a time such as 2026-01-31T09:30:00Z',
}

function anotherType(expected: string, given: unknown): string {
  if (given === undefined) return MISSING
  if (Number.isNaN(given)) return 'is not a number'
  return `expected ${expected}, received ${z.core.util.parsedType(given)}`
}
