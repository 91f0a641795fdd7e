import t from 'tap'
import { z } from 'zod'
import { fieldErrors } from '../../src/http/field-errors.ts'

const schema = z.strictObject({ name: z.string().min(1), items: z.array(z.strictObject({ quantity: z.int() })) })

/** As the validator of the routes hands them on. */
function errorsOf(body: unknown) {
  const issues = schema.safeParse(body).error?.issues ?? []
  return fieldErrors(
    issues.map(({ code, path, message, ...params }) => ({
      keyword: code,
      instancePath: path.map((part) => `/${String(part)}`).join(''),
      schemaPath: '#',
      message,
      params: params as Record<string, unknown>,
    })),
  )
}

t.test('a field that is missing, wrong or unknown is named where it is, with what to do', async (t) => {
  t.same(errorsOf({ name: 'x' }), [{ path: 'items', code: 'missing', message: 'is missing' }])
  t.same(errorsOf({ name: 'x', items: [{ quantity: 'two' }] }), [
    { path: 'items[0].quantity', code: 'invalid-type', message: 'expected number, received string' },
  ])
  t.same(errorsOf({ name: 'x', items: [], lines: [] }), [
    { path: 'lines', code: 'unknown-field', message: 'is not known here' },
  ])
  t.match(errorsOf(7), [{ path: 'body', code: 'invalid-type' }])
})
