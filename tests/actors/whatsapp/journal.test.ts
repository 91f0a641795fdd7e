import t from 'tap'
import { decodeJournal, encodeJournal, hashOf, makeStanzaIndex } from '../../../src/actors/whatsapp/journal.ts'

const ENTRY = { attrs: { id: 'A', from: '77@lid', notify: 'Ånn 🙂' }, phone: '15550100', lid: '77' }

t.test('what is written is read again, whatever is in it', async (t) => {
  for (const plaintext of [Buffer.alloc(0), Buffer.from([0, 1, 2, 255]), Buffer.alloc(70_000, 'x')]) {
    const read = decodeJournal(new Uint8Array(encodeJournal({ ...ENTRY, plaintext })))
    t.same({ ...read, plaintext: Buffer.from(read.plaintext) }, { ...ENTRY, plaintext })
  }
})

t.test('what was not written by us is refused', async (t) => {
  const bytes = Buffer.from(encodeJournal({ ...ENTRY, plaintext: Buffer.from('x') }))
  bytes[0] = 2
  t.throws(() => decodeJournal(bytes), /version/)
  t.throws(() => decodeJournal(Buffer.alloc(0)), /version/)
  t.throws(() => decodeJournal(Buffer.from([1, 0, 0, 0, 9, 1])))
})

t.test('a ciphertext leads to its stanza, by identity and not by its bytes', async (t) => {
  const index = makeStanzaIndex()
  const [first, second] = [Buffer.from('same'), Buffer.from('same')]
  const stanza = (id: string, content: Uint8Array) => ({
    tag: 'message',
    attrs: { id },
    content: [
      { tag: 'enc', attrs: {}, content },
      { tag: 'device-identity', attrs: {}, content: Buffer.from('no') },
    ],
  })
  index.note(stanza('A', first))
  index.note(stanza('B', second))
  t.same(index.find(first), { id: 'A' })
  t.same(index.find(second), { id: 'B' })
  t.equal(index.find(Buffer.from('same')), undefined)
  for (const other of [{ tag: 'receipt', attrs: {} }, { tag: 'message', attrs: {} }, Buffer.from('raw')])
    index.note(other)
})

t.test('the hash is of the ciphertext', async (t) => {
  t.equal(
    Buffer.from(hashOf(Buffer.from('abc')))
      .toString('hex')
      .slice(0, 8),
    'ba7816bf',
  )
})
