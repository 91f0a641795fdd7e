import t from 'tap'
import { jidOf, lidOf, parseJid, toNumber } from '../../simulator/jid.ts'

t.test('a phone number in any usual writing becomes digits, anything else is refused', (t) => {
  t.equal(toNumber('+1 (555) 000-1000'), '15550001000')
  t.throws(() => toNumber('Anna'), /is not a phone number/)
  t.throws(() => toNumber('1234'), /is not a phone number/)
  t.end()
})

t.test('a LID is the same in every run, another for another number or seed, and shows nothing of the number', (t) => {
  const lid = lidOf('15550001000', 'a')
  t.equal(lid, lidOf('15550001000', 'a'))
  t.not(lid, lidOf('15550001001', 'a'))
  t.not(lid, lidOf('15550001000', 'b'))
  t.match(lid, /^\d{15}$/)
  t.end()
})

t.test('addresses are written and read back; groups and servers name nobody', (t) => {
  for (const [user, addressing, device] of [
    ['1', 'lid', 0],
    ['2', 'pn', 3],
  ] as const) {
    t.same(parseJid(jidOf(user, addressing, device)), { user, addressing, device })
  }
  for (const jid of [undefined, '1@g.us', '@s.whatsapp.net', 'status@broadcast']) t.equal(parseJid(jid), undefined)
  t.end()
})
