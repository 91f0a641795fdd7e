import t from 'tap'
import { z } from 'zod'
import { InvalidRequest, validatorCompiler } from '../../src/http/field-errors.ts'

const schema = z.strictObject({ name: z.string().min(1), items: z.array(z.strictObject({ quantity: z.int() })) })

/** As the routes have it. */
function errorsOf(body: unknown, shape: z.ZodType = schema) {
  const checked = validatorCompiler({ schema: shape, method: 'POST', url: '/', httpPart: 'body' })(body)
  const error = typeof checked === 'object' && 'error' in checked ? checked.error : null
  return error instanceof InvalidRequest ? error.errors : []
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

t.test(
  'what is too long, too small or no such word is said in plain words, and the value is not repeated',
  async (t) => {
    const of = (shape: z.ZodType, value: unknown) => errorsOf({ it: value }, z.object({ it: shape }))[0]?.message
    t.equal(of(z.string().min(8), 'short'), 'must have at least 8 characters')
    t.equal(of(z.number().max(100), 100_000), 'must be at most 100')
    t.equal(of(z.number().positive(), 0), 'must be more than 0')
    t.equal(of(z.array(z.string()).max(1), ['a', 'b']), 'must have at most 1 entries')
    t.equal(of(z.enum(['qr', 'events']), 'foo'), 'must be one of "qr", "events"')
    t.equal(of(z.literal(true), false), 'must be true')
    t.equal(of(z.email(), 'x'), 'is not an e-mail address')
    t.equal(of(z.uuid(), 'x'), 'is not an id')
    t.equal(of(z.iso.date(), 'x'), 'is not a date such as 2026-01-31')
    t.equal(of(z.iso.datetime(), 'x'), 'is not a time such as 2026-01-31T09:30:00Z')
    t.equal(of(z.union([z.enum(['a', 'b']), z.array(z.enum(['a', 'b']))]), 'c'), 'must be one of "a", "b"')
    t.equal(
      of(z.union([z.iso.date(), z.iso.datetime()]), 'x'),
      'is not a date such as 2026-01-31, nor a time such as 2026-01-31T09:30:00Z',
    )
    t.equal(
      of(z.union([z.number(), z.boolean()]), 'x'),
      'expected number, received string, or expected boolean, received string',
    )
    t.equal(of(z.coerce.number(), 'x'), 'is not a number')
    t.equal(of(z.string().min(8, 'is too short for this'), 'x'), 'is too short for this')
  },
)

t.test('of several ways to write something the one that was taken is told what is wrong in it', async (t) => {
  const money = z.union([z.string(), z.number(), z.object({ amount: z.int(), currency: z.string() })])
  t.same(errorsOf({ price: { amount: 'x' } }, z.object({ price: money })), [
    { path: 'price.amount', code: 'invalid-type', message: 'expected number, received string' },
    { path: 'price.currency', code: 'missing', message: 'is missing' },
  ])
})

t.test('a body that was left out is missing', async (t) => {
  t.same(errorsOf(null), [{ path: 'body', code: 'missing', message: 'is missing' }])
  t.match(errorsOf({ name: null, items: [] }), [{ path: 'name', code: 'invalid-type' }])
})
