import fc from 'fast-check'
import t from 'tap'
import {
  asciiDigits,
  MAX_LINES,
  MAX_TEXT_CHARS,
  normalise,
  plainCharacters,
} from '../../../src/domain/bot/normalise.ts'

t.test('what keyboards produce becomes one plain form', (t) => {
  const forms: readonly (readonly [string, string])[] = [
    ['ＯＲＤＥＲ　Ｍｕｇ：２', 'ORDER Mug:2'],
    ['a\u200b\u00a0\u200e b', 'a b'],
    ['Mug ∶ ٣', 'Mug : 3'],
    ['أ، ب؛ ج', 'أ, ب; ج'],
    ['‘a’ “b” c—d', `'a' "b" c-d`],
    ['Mug × 2, 2х Mug, Mug Х2', 'Mug x 2, 2x Mug, Mug x2'],
    ['*bold* _it_ ~x~ *_both_*', 'bold it x both'],
    ['2 * 3 snake_case *', '2 * 3 snake_case *'],
    ['  a \r\n\n  b\u2028c  ', 'a\nb\nc'],
    ['1️⃣ mug 👍🏽 🇩🇪 ☕️', '1 mug'],
    ['½', '1/2'],
  ]
  for (const [input, plain] of forms) t.same(normalise(input), { text: plain, cut: false }, plain)
  t.end()
})

t.test('digits of every script are digits', (t) => {
  const zeros = [0x660, 0x6f0, 0x7c0, 0x966, 0xe50, 0x1040, 0x1810, 0xff10, 0x1d7ce, 0x1d7d8, 0x1d7f6, 0x1e950, 0x1fbf0]
  for (const zero of zeros) {
    const all = Array.from({ length: 10 }, (_, value) => String.fromCodePoint(zero + value)).join('')
    t.equal(asciiDigits(all), '0123456789', zero.toString(16))
  }
  t.end()
})

t.test('the plain form is bounded, and says when something was left out', (t) => {
  t.same(normalise('x'.repeat(999)).cut, false)
  t.same(normalise('x'.repeat(MAX_TEXT_CHARS + 1)).cut, true)
  t.same(normalise('x\n'.repeat(MAX_LINES)).cut, false)
  t.same(normalise('x\n'.repeat(MAX_LINES + 1)).cut, true)
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 5_000 }), (input) => {
      const { text } = normalise(input)
      t.ok(text.length <= MAX_TEXT_CHARS && text.split('\n').length <= MAX_LINES)
    }),
  )
  t.end()
})

t.test('the same words in another Unicode form read the same', (t) => {
  for (const input of ['Café Grinder:2', 'Ågren & Söhne', 'कॉफ़ी']) {
    t.same(normalise(input.normalize('NFD')), normalise(input.normalize('NFC')))
  }
  t.end()
})

t.test('plain texts take a shorter way to the same form', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii', maxLength: 100 }), (input) => {
      t.equal(`${plainCharacters(input)}é`, plainCharacters(`${input}é`))
    }),
    { examples: [['`a`\r\n\r"b"'], ["'2 x'"]] },
  )
  t.end()
})
