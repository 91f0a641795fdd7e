import t from 'tap'
import { CheckFailed, makeChecks } from '../../../scripts/demo/checks.ts'
import { until } from '../../../scripts/demo/until.ts'

function failure(run: () => void): CheckFailed | null {
  try {
    run()
    return null
  } catch (error) {
    return error instanceof CheckFailed ? error : null
  }
}

t.test('what holds is counted', async (t) => {
  const check = makeChecks()
  check.equal('two', { a: [1] }, { a: [1] })
  check.matches('a greeting', 'Welcome, Amal', /Amal/)
  t.equal(check.passed(), 2)
})

t.test('what does not hold says what was expected and what was seen', async (t) => {
  const check = makeChecks()
  t.match(
    failure(() => check.equal('orders', 2, 3)),
    { message: 'orders', expected: '3', seen: '2' },
  )
  t.match(
    failure(() => check.matches('a reply', 'Sold out', /Thank you/)),
    {
      message: 'a reply',
      expected: 'a text like /Thank you/',
      seen: 'Sold out',
    },
  )
  t.equal(check.passed(), 0)
})

t.test('a condition that never comes ends with what was seen last', async (t) => {
  const never = until(
    'it is read',
    async () => 'sent',
    (status) => status === 'read',
    { deadlineMs: 0 },
  )
  const seen = await never.catch((error: unknown) => error)
  t.match(seen, { name: 'CheckFailed', message: 'it is read', seen: 'sent' })
})
