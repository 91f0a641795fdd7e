import t from 'tap'
import { makeKeyStore, transactionOwner } from '../../../src/actors/whatsapp/key-store.ts'
import { memoryAuthStore } from '../../support/auth-store.ts'

const PAIR = { public: Buffer.from('pub'), private: Buffer.from('priv') }
const ENTRY = { hash: Buffer.from('hash'), messageKey: 'a|b|c', payload: Buffer.from('payload') }

t.test('a transaction is one commit, at its end, with the journal', async (t) => {
  const store = memoryAuthStore()
  const keys = makeKeyStore(store)
  await keys.transaction(async () => {
    t.ok(keys.isInTransaction())
    await keys.set({ 'lid-mapping': { a: '1', b: '2' } })
    await keys.transaction(() => Promise.resolve(keys.set({ 'lid-mapping': { b: '3' } })))
    keys.journal(ENTRY)
    t.same(await keys.get('lid-mapping', ['a', 'b', 'c']), { a: '1', b: '3' }, 'it sees its own changes')
    t.equal(store.commits.length, 0)
  })
  t.notOk(keys.isInTransaction())
  t.equal(store.commits.length, 1)
  t.equal(store.commits[0]?.journal, ENTRY)
  t.equal(store.commits[0]?.keys?.length, 2)
})

t.test('what fails leaves nothing, not even in the cache', async (t) => {
  const store = memoryAuthStore()
  const keys = makeKeyStore(store)
  await keys.set({ 'lid-mapping': { a: 'old' } })
  const work = keys.transaction(async () => {
    await keys.set({ 'lid-mapping': { a: 'new' } })
    throw new Error('no')
  })
  await t.rejects(work, /no/)
  t.same(await keys.get('lid-mapping', ['a']), { a: 'old' })
  store.before = async () => {
    throw new Error('away')
  }
  await t.rejects(Promise.resolve(keys.set({ 'lid-mapping': { a: 'newer' } })), /away/)
  store.before = async () => undefined
  t.same(await keys.get('lid-mapping', ['a']), { a: 'old' })
  t.throws(() => keys.journal(ENTRY), /within a transaction/)
})

t.test('a record is read once, an absent one too; pre-keys are not kept', async (t) => {
  const store = memoryAuthStore()
  const keys = makeKeyStore(store)
  await keys.set({ 'pre-key': { 1: PAIR } })
  for (let n = 0; n < 3; n++) {
    t.same(await keys.get('session', ['x']), {})
    t.same(await keys.get('pre-key', ['1']), { 1: PAIR })
  }
  t.equal(store.reads.get('loadKeys:session'), 1)
  t.equal(store.reads.get('loadKeys:pre-key'), 3)
})

t.test('deleted is gone, inside the transaction and after', async (t) => {
  const store = memoryAuthStore()
  const keys = makeKeyStore(store)
  await keys.set({ 'lid-mapping': { a: '1' } })
  await keys.transaction(async () => {
    await keys.set({ 'lid-mapping': { a: null } })
    t.same(await keys.get('lid-mapping', ['a']), {})
  })
  t.same(await keys.get('lid-mapping', ['a']), {})
  t.notOk(store.keys.has('lid-mapping/a'))
})

t.test('a read that was overtaken by a commit does not bring the old value back', async (t) => {
  const store = memoryAuthStore()
  const keys = makeKeyStore({
    commit: store.commit,
    loadKeys: async (type, ids) => {
      const found = await store.loadKeys(type, ids)
      await keys.set({ 'lid-mapping': { a: 'new' } })
      return found
    },
  })
  await store.commit({ keys: [{ type: 'lid-mapping', id: 'a', value: Buffer.from('"old"') }] })
  await keys.get('lid-mapping', ['a'])
  t.same(await keys.get('lid-mapping', ['a']), { a: 'new' })
})

t.test('what a caller does to a value does not reach the cache', async (t) => {
  const keys = makeKeyStore(memoryAuthStore())
  await keys.set({ 'device-list': { a: ['0'] } })
  const read = await keys.get('device-list', ['a'])
  read['a']?.push('7')
  t.same(await keys.get('device-list', ['a']), { a: ['0'] })
})

t.test("one account's transaction is not another's", async (t) => {
  const [mine, other] = [memoryAuthStore(), memoryAuthStore()]
  const [keys, theirs] = [makeKeyStore(mine), makeKeyStore(other)]
  await keys.transaction(async () => {
    t.ok(transactionOwner())
    t.notOk(theirs.isInTransaction())
    await theirs.set({ 'lid-mapping': { a: '1' } })
    t.equal(other.commits.length, 1)
  })
  t.equal(mine.commits.length, 0, 'nothing to commit')
  t.equal(transactionOwner(), undefined)
})

t.test('which records exist is asked of the store once, the changes of a transaction included', async (t) => {
  const store = memoryAuthStore()
  await makeKeyStore(store).set({ session: { a: Buffer.from('a'), b: Buffer.from('b') } })
  const keys = makeKeyStore(store)
  await keys.transaction(async () => {
    t.same(await keys.holds('session', ['a', 'b', 'c']), new Set(['a', 'b']))
    await keys.set({ session: { a: null, c: Buffer.from('c') } })
    t.same(await keys.holds('session', ['a', 'b', 'c']), new Set(['b', 'c']))
  })
  store.before = async () => {
    throw new Error('away')
  }
  t.same(await keys.holds('session', ['a', 'b', 'c']), new Set(['b', 'c']), 'from memory')
})
