import { initAuthCreds } from '@whiskeysockets/baileys'
import t from 'tap'
import { decodeCreds } from '../../../src/actors/whatsapp/auth-state.ts'
import { makeCredsSaver } from '../../../src/actors/whatsapp/creds-saver.ts'
import { memoryAuthStore } from '../../support/auth-store.ts'

/** Of an account that is linked and stored. */
function paired() {
  const store = memoryAuthStore()
  const creds = { ...initAuthCreds(), account: {}, nextPreKeyId: 1 }
  const saver = makeCredsSaver(creds, store)
  return { store, creds, saver }
}

t.test('one write at a time, the newest state last', async (t) => {
  const { store, creds, saver } = paired()
  const gate = Promise.withResolvers<void>()
  store.before = () => gate.promise
  t.equal(saver.pending(), null)
  creds.nextPreKeyId = 4
  saver.changed()
  for (const nextPreKeyId of [5, 6, 7]) {
    creds.nextPreKeyId = nextPreKeyId
    saver.changed()
  }
  const pending = saver.pending()
  gate.resolve()
  t.equal(await pending, true)
  t.equal(store.commits.length, 2, 'three changes during a write are one more')
  t.equal(decodeCreds(store.creds).nextPreKeyId, 7)
  t.equal(saver.pending(), null)
})

t.test('nothing is stored of an account that is not paired', async (t) => {
  const store = memoryAuthStore()
  const creds = initAuthCreds()
  const saver = makeCredsSaver(creds, store)
  saver.changed()
  creds.registered = true
  saver.changed()
  t.equal(store.commits.length, 0, 'nor of one that is half-way')
  creds.account = {}
  saver.changed()
  await saver.pending()
  t.equal(store.commits.length, 1)
})

t.test('a failed write says so and is not repeated by itself', async (t) => {
  const { store, creds, saver } = paired()
  let attempts = 0
  store.before = async () => {
    attempts += 1
    throw new Error('away')
  }
  creds.nextPreKeyId = 2
  saver.changed()
  t.equal(await saver.pending(), false)
  t.equal(attempts, 1)
})

t.test('what is stored already is not written again, and nothing waits for it', async (t) => {
  const { store, creds, saver } = paired()
  saver.changed()
  t.equal(saver.pending(), null, 'as it was loaded')
  for (const nextPreKeyId of [2, 1]) {
    creds.nextPreKeyId = nextPreKeyId
    saver.changed()
    t.equal(await saver.pending(), true)
    saver.changed()
    t.equal(saver.pending(), null)
  }
  t.equal(store.commits.length, 2, 'back again is a change as well')
  t.equal(decodeCreds(store.creds).nextPreKeyId, 1)
})

t.test('a change back while the other is being written is written too', async (t) => {
  const { store, creds, saver } = paired()
  const gate = Promise.withResolvers<void>()
  store.before = () => gate.promise
  creds.nextPreKeyId = 2
  saver.changed()
  creds.nextPreKeyId = 1
  saver.changed()
  gate.resolve()
  t.equal(await saver.pending(), true)
  t.equal(decodeCreds(store.creds).nextPreKeyId, 1)
})
