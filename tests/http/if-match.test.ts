import t from 'tap'
import { ifMatch } from '../../src/http/if-match.ts'

const read = (text: string | undefined) => ifMatch({ headers: text === undefined ? {} : { 'if-match': text } })

t.test('a version is read from its tag, strong or weak; none is any', (t) => {
  t.same(read('"3"'), { ok: true, value: 3 })
  t.same(read(' W/"12" '), { ok: true, value: 12 })
  t.same(read('*'), { ok: true, value: null })
  t.same(read(undefined), { ok: true, value: null })
  t.end()
})

t.test('what is no tag is refused, and never taken for any', (t) => {
  for (const text of ['3', '""', '"x"', '"1", "2"', '', '"-1"', '"99999999999"'])
    t.match(read(text), { ok: false, refusal: { code: 'invalid-parameter', errors: [{ path: 'if-match' }] } }, text)
  t.end()
})
