import t from 'tap'
import { contactName, contactTags } from '../../src/domain/contact.ts'
import { dayIn } from '../../src/domain/day.ts'
import { identitiesOf } from '../../src/domain/identity.ts'
import type { E164 } from '../../src/domain/phone.ts'

t.test('a name is one line that says something', (t) => {
  t.same(contactName('  Amal \n\t N. '), { ok: true, value: 'Amal N.' })
  for (const name of ['', ' \n ', 'x'.repeat(121)]) {
    t.match(contactName(name), { ok: false, refusal: { code: 'invalid-name' } })
  }
  t.end()
})

t.test('tags are trimmed, without repeats', (t) => {
  t.same(contactTags([' vip ', 'vip', '', 'new\ncustomer']), ['vip', 'new customer'])
  t.end()
})

t.test('an address has all the identities it may be saved under, numbers first', (t) => {
  t.same(identitiesOf({ phone: '+525512345678' as E164, lid: '42' }), [
    { kind: 'phone', value: '+525512345678' },
    { kind: 'phone', value: '+5215512345678' },
    { kind: 'lid', value: '42' },
  ])
  t.same(identitiesOf({ phone: null, lid: null }), [])
  t.end()
})

t.test('a day is that of the organisation', (t) => {
  const at = new Date('2026-03-01T23:30:00Z')
  t.equal(dayIn('Europe/Berlin', at), '2026-03-02')
  t.equal(dayIn('UTC', at), '2026-03-01')
  t.end()
})
