import fc from 'fast-check'
import t from 'tap'
import { currencyDecimals, formatMoney, MAX_MINOR, majorText, parseMoney } from '../../src/domain/money.ts'

t.test('amounts are read through their text, exactly', (t) => {
  t.same(parseMoney('1299.00', 'USD'), { ok: true, value: 129_900 })
  t.same(parseMoney(1299, 'USD'), { ok: true, value: 129_900 })
  t.same(parseMoney(0.29, 'USD'), { ok: true, value: 29 })
  t.same(parseMoney(' 4.5 ', 'USD'), { ok: true, value: 450 })
  t.same(parseMoney('500', 'JPY'), { ok: true, value: 500 })
  t.same(parseMoney('1.234', 'KWD'), { ok: true, value: 1_234 })
  t.same(parseMoney({ amount: 129_900, currency: 'USD' }, 'USD'), { ok: true, value: 129_900 })
  t.same(parseMoney(0, 'USD'), { ok: true, value: 0 })
  t.end()
})

t.test('what is no amount of the currency is refused', (t) => {
  const wrong = ['', '-1', '1.999', '1,50', '1e3', 'abc', '0x10', '.5', '1.', '9'.repeat(16), '٣', '+1']
  for (const input of [...wrong, Number.NaN, 1e21, -0.01, Number.POSITIVE_INFINITY]) {
    t.match(parseMoney(input, 'USD'), { ok: false, refusal: { code: 'invalid-money' } }, String(input))
  }
  t.match(parseMoney('1.5', 'JPY'), { ok: false })
  t.match(parseMoney({ amount: 1, currency: 'EUR' }, 'USD'), { ok: false })
  t.match(parseMoney({ amount: 1.5, currency: 'USD' }, 'USD'), { ok: false })
  t.match(parseMoney({ amount: MAX_MINOR + 1, currency: 'USD' }, 'USD'), { ok: false })
  t.end()
})

t.test('amounts are written with the decimals of their currency', (t) => {
  t.equal(formatMoney(129_900, 'USD', 'en-US'), '$1,299.00')
  t.equal(formatMoney(500, 'JPY', 'en-US'), '¥500')
  t.match(formatMoney(1_234, 'KWD', 'en-US'), /1\.234$/)
  t.equal(majorText(5, 'USD'), '0.05')
  t.end()
})

t.test('what was written is read back as the same amount', (t) => {
  const currency = fc.constantFrom('USD', 'JPY', 'KWD', 'EUR')
  fc.assert(
    fc.property(fc.integer({ min: 0, max: MAX_MINOR }), currency, (minor, code) => {
      const text = majorText(minor, code)
      t.same(parseMoney(text, code), { ok: true, value: minor }, text)
      t.equal((text.split('.')[1] ?? '').length, currencyDecimals(code))
    }),
  )
  t.end()
})
