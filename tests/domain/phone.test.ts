import fc from 'fast-check'
import t from 'tap'
import { type E164, maskPhone, parsePhone, phoneOfDigits, phoneVariants } from '../../src/domain/phone.ts'

t.test('numbers are read as people write them', (t) => {
  for (const input of [
    '+1 555 010 0100',
    '+1-555-010-0100',
    '001 (555) 010.0100',
    ' +15550100100 ',
    '＋１５５５０１００１００',
  ]) {
    t.same(parsePhone(input), { ok: true, value: '+15550100100' }, input)
  }
  t.same(parsePhone('+49 1511 2345678'), { ok: true, value: '+4915112345678' })
  t.same(parsePhone('+52 1 55 1234 5678'), { ok: true, value: '+5215512345678' })
  t.same(parsePhone('+1234567890'), { ok: true, value: '+1234567890' })
  t.end()
})

t.test('what is no international number is refused', (t) => {
  const wrong = [
    '',
    '12345',
    '555 0100',
    '+0123456789',
    '+1',
    '+1 555 abc',
    'tel:+15550100100',
    `+1${'5'.repeat(50)}`,
    '++15550100100',
    '+999 123 456 789',
    '+210 123 456 789',
  ]
  for (const input of wrong) t.match(parsePhone(input), { ok: false, refusal: { code: 'invalid-phone' } }, input)
  t.end()
})

t.test('mobile numbers of three countries have two forms, each leading to the other', (t) => {
  const pairs = [
    ['+5511987654321', '+551187654321'],
    ['+525512345678', '+5215512345678'],
    ['+541112345678', '+5491112345678'],
  ] as const
  for (const [a, b] of pairs) {
    t.same(phoneVariants(a as E164), [a, b])
    t.same(phoneVariants(b as E164), [b, a])
  }
  t.end()
})

t.test('landlines and other countries have one form', (t) => {
  for (const phone of ['+551133334444', '+15550100100', '+4915112345678']) {
    t.same(phoneVariants(phone as E164), [phone])
  }
  t.end()
})

t.test('a masked number shows its country and its end only', (t) => {
  t.equal(maskPhone('+15550100'), '+1•••••0100')
  t.equal(maskPhone('+15550100100'), '+1•••••0100')
  t.equal(maskPhone('+4915112345678'), '+49•••••5678')
  t.end()
})

t.test('digits of a chat address are a number only when they can be one', (t) => {
  t.equal(phoneOfDigits('15550100100'), '+15550100100')
  for (const digits of ['', '0', '12', 'abc', '0123456789', '1'.repeat(20)])
    t.equal(phoneOfDigits(digits), null, digits)
  t.end()
})

t.test('whatever the number, its forms lead to each other, and the given one comes first', async (t) => {
  const digits = (count: number) =>
    fc.array(fc.integer({ min: 0, max: 9 }), { minLength: count, maxLength: count }).map((all) => all.join(''))
  const number = fc
    .tuple(
      fc.constantFrom(
        '+55',
        '+559',
        '+5511',
        '+55119',
        '+52',
        '+521',
        '+5255',
        '+54',
        '+549',
        '+5411',
        '+1',
        '+49',
        '+351',
      ),
      fc.integer({ min: 6, max: 11 }),
    )
    .chain(([code, count]) => digits(count).map((rest) => `${code}${rest}` as E164))
  fc.assert(
    fc.property(number, (phone) => {
      const forms = phoneVariants(phone)
      t.equal(forms[0], phone)
      t.ok(forms.length <= 2 && new Set(forms).size === forms.length)
      for (const form of forms) t.same([...phoneVariants(form)].sort(), [...forms].sort(), `${phone} and ${form}`)
      if (!/^\+5[245]/.test(phone)) t.equal(forms.length, 1)
    }),
    { numRuns: 300 },
  )
})

t.test('a landline of Brazil has one form in every area, a mobile number two', async (t) => {
  for (const area of ['11', '21', '48', '85', '99']) {
    for (const first of ['2', '3', '4', '5']) t.equal(phoneVariants(`+55${area}${first}1234567` as E164).length, 1)
    for (const first of ['6', '7', '8', '9'])
      t.same(phoneVariants(`+55${area}${first}1234567` as E164)[1], `+55${area}9${first}1234567`)
  }
})
