import t from 'tap'
import { makeDoorman } from '../../../scripts/fleet/doorman.ts'

const ANNA = '15550001001'
const BEN = '15550001002'

t.test('a handshake lasts from the connection until the client says that it is there', async (t) => {
  const doorman = makeDoorman()
  doorman.note({ kind: 'connected' })
  doorman.note({ kind: 'connected' })
  doorman.note({ kind: 'login', number: ANNA })
  doorman.note({ kind: 'online', number: ANNA })
  doorman.note({ kind: 'connected' })
  t.equal(doorman.most(), 2, 'the third began when the first was there')
  t.same([...doorman.open], [ANNA])
  t.equal(doorman.connections(), 3)
})

t.test('one that ends before it is there was no opening, whether it said who it is or not', async (t) => {
  const doorman = makeDoorman()
  doorman.note({ kind: 'connected' })
  doorman.note({ kind: 'disconnected' })
  doorman.note({ kind: 'connected' })
  doorman.note({ kind: 'login', number: ANNA })
  doorman.note({ kind: 'disconnected', number: ANNA })
  t.equal(doorman.connections(), 0)
  t.equal(doorman.open.size, 0)
  t.equal(doorman.most(), 1)
})

t.test('one that was open and is gone is not open', async (t) => {
  const doorman = makeDoorman()
  for (const kind of ['connected', 'login', 'online', 'disconnected'] as const)
    doorman.note(kind === 'connected' ? { kind } : { kind, number: ANNA })
  t.equal(doorman.open.size, 0)
  t.equal(doorman.connections(), 0)
})

t.test('the most begins anew with those under way, and every QR counts', async (t) => {
  const doorman = makeDoorman()
  for (const number of [ANNA, BEN]) {
    doorman.note({ kind: 'connected' })
    doorman.note({ kind: 'login', number })
  }
  doorman.note({ kind: 'online', number: ANNA })
  doorman.forget()
  t.equal(doorman.most(), 1)
  doorman.note({ kind: 'pairing-offered' })
  t.equal(doorman.qrs(), 1)
})
