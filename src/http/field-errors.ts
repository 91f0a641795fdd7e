// Says which field of a request is wrong, in the request's own path notation. Values are never repeated: they may be secrets.

import type { FastifySchemaValidationError } from 'fastify'
import type { FieldError } from '../domain/result.ts'

const CODES: Readonly<Record<string, string>> = {
  too_big: 'too-large',
  too_small: 'too-small',
  unrecognized_keys: 'unknown-field',
  invalid_value: 'not-allowed',
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
        message: 'is not known here',
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
