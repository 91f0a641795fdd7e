import t from 'tap'
import { z } from 'zod'
import { fieldErrors, validatorCompiler } from '../../src/http/field-errors.ts'

const schema = z.strictObject({ name: z.string().min(1), items: z.array(z.strictObject({ quantity: z.int() })) })

/** As the routes have it. */
function errorsOf(body: unknown) {
  const checked = validatorCompiler({ schema, method: 'POST', url: '/', httpPart: 'body' })(body)
  return fieldErrors(
    typeof checked === 'object' && 'error' in checked && Array.isArray(checked.error) ? checked.error : [],
  )
}

t.test('a field that is missing, wrong or unknown is named where it is, with what to do', async (t) => {
  t.same(errorsOf({ name: 'x' }), [{ path: 'items', code: 'missing', message: 'is missing' }])
  t.same(errorsOf({ name: 'x', items: [{ quantity: 'two' }] }), [
    { path: 'items[0].quantity', code: 'invalid-type', message: 'expected number, received string' },
  ])
  t.same(errorsOf({ name: 'x', items: [], lines: [] }), [
    { path: 'lines', code: 'unknown-field', message: 'is not known here; known are: name, items' },
  ])
  t.same(errorsOf({ name: 'x', items: [{ quantity: 1, size: 'L', toString: 1 }] }), [
    { path: 'items[0].size', code: 'unknown-field', message: 'is not known here; known are: quantity' },
    { path: 'items[0].toString', code: 'unknown-field', message: 'is not known here; known are: quantity' },
  ])
  t.match(errorsOf(7), [{ path: 'body', code: 'invalid-type' }])
})
