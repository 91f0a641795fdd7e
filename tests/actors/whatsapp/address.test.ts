import t from 'tap'
import { chatOf, ignored, messageKeyOf, parseJid, plainJid } from '../../../src/actors/whatsapp/address.ts'

t.test('a JID is read without device and agent', async (t) => {
  t.same(parseJid('15550100:0@s.whatsapp.net'), { user: '15550100', kind: 'phone', server: 's.whatsapp.net' })
  t.same(parseJid('1234_1:7@lid'), { user: '1234', kind: 'lid', server: 'lid' })
  t.match(parseJid('15550100:99@hosted'), { user: '15550100', kind: 'phone' })
  t.match(parseJid('12036300@g.us'), { kind: 'other' })
  for (const none of ['', '@lid', 'nobody', undefined, null]) t.equal(parseJid(none), null)
  t.equal(plainJid('15550100:12@c.us'), '15550100@s.whatsapp.net')
  t.equal(plainJid('99:3@hosted.lid'), '99@lid')
  t.equal(plainJid('12036300@g.us'), '12036300@g.us')
})

const cases: readonly [string, Record<string, string>, object][] = [
  [
    'by LID with the number',
    { from: '77:2@lid', sender_pn: '15550100@s.whatsapp.net' },
    { jid: '77@lid', phone: '15550100', lid: '77' },
  ],
  ['by LID without', { from: '77@lid', addressing_mode: 'lid' }, { jid: '77@lid', phone: null, lid: '77' }],
  [
    'by number with the LID',
    { from: '15550100:0@s.whatsapp.net', sender_lid: '77@lid' },
    { jid: '15550100@s.whatsapp.net', phone: '15550100', lid: '77' },
  ],
  [
    'by number without',
    { from: '15550100@s.whatsapp.net', participant: '' },
    { jid: '15550100@s.whatsapp.net', phone: '15550100', lid: null },
  ],
  [
    'ours by LID: the other side is the recipient, and sender_pn is ourselves',
    {
      from: '1@lid',
      recipient: '77@lid',
      sender_pn: '15550001@s.whatsapp.net',
      peer_recipient_pn: '15550100@s.whatsapp.net',
    },
    { jid: '77@lid', phone: '15550100', lid: '77' },
  ],
  [
    'ours by number, the LID unknown',
    { from: '15550001@s.whatsapp.net', recipient: '15550100@s.whatsapp.net', sender_lid: '1@lid' },
    { jid: '15550100@s.whatsapp.net', phone: '15550100', lid: null },
  ],
  ['an erased LID', { from: '@lid' }, { jid: '@lid', phone: null, lid: null }],
]
for (const [name, attrs, expected] of cases) {
  t.test(`a chat addressed ${name}`, async (t) => t.same(chatOf(attrs), expected))
}

t.test('a message is known by chat, sender and id', async (t) => {
  t.equal(messageKeyOf({ from: '77:2@lid', id: 'A' }), '77@lid|77@lid|A')
  t.equal(messageKeyOf({ from: '77:2@lid', id: 'A', participant: '' }), '77@lid|77@lid|A')
  t.equal(messageKeyOf({ from: '1:0@lid', recipient: '77@lid', id: 'A' }), '77@lid|1@lid|A')
})

t.test('groups, status, lists, channels and bots are ignored, people and the server are not', async (t) => {
  for (const jid of ['1-2@g.us', 'status@broadcast', '5@broadcast', '6@newsletter', '7@bot']) t.ok(ignored(jid), jid)
  for (const jid of ['15550100@s.whatsapp.net', '77@lid', '@s.whatsapp.net', '1@hosted']) t.notOk(ignored(jid), jid)
})
