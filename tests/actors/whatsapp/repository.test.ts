import t from 'tap'
import { decodeJournal, hashOf } from '../../../src/actors/whatsapp/journal.ts'
import { introduce, type Sealed, signalPeer } from '../../support/signal-peers.ts'

const ANN = '15550002000@s.whatsapp.net'
const SHOP = '15550001000@s.whatsapp.net'
const ANN_LID = '777000111@lid'

const strangers = async () => {
  const shop = signalPeer(SHOP)
  const ann = signalPeer(ANN)
  await introduce(ann, shop)
  return { shop, ann }
}

const acquainted = async () => {
  const { shop, ann } = await strangers()
  await shop.open(ANN, await ann.seal(SHOP, 'hello'))
  await ann.open(SHOP, await shop.seal(ANN, 'welcome'))
  return { shop, ann }
}

t.test('the ratchet step and the plaintext are one commit, made before the message is handed on', async (t) => {
  const { shop, ann } = await strangers()
  const before = shop.store.commits.length
  t.equal(await shop.open(ANN, await ann.seal(SHOP, 'hello'), { id: 'X1', notify: 'Ann' }), 'hello')
  t.equal(shop.store.commits.length, before + 1)
  const [commit] = shop.store.commits.slice(-1)
  t.ok(commit?.keys?.some(({ type, value }) => type === 'session' && value !== null))
  t.ok(
    commit?.keys?.some(({ type, value }) => type === 'pre-key' && value === null),
    'the used pre-key is gone',
  )
  t.equal(commit?.journal?.messageKey, `${ANN}|${ANN}|X1`)
  const journaled = decodeJournal(commit?.journal?.payload ?? Buffer.alloc(0))
  t.match(journaled, { phone: '15550002000', lid: null, attrs: { id: 'X1', notify: 'Ann', from: ANN } })
  t.equal(Buffer.from(journaled.plaintext).toString(), 'hello\u0001')
  t.equal(shop.bells(), 1)
})

t.test('an encrypted message is committed before it is returned', async (t) => {
  const { shop, ann } = await acquainted()
  const sessions = () => shop.store.commits.filter(({ keys }) => keys?.some(({ type }) => type === 'session')).length
  const before = sessions()
  const sealed = await shop.seal(ANN, 'one')
  t.equal(sessions(), before + 1)
  const second = await shop.restarted().seal(ANN, 'two')
  t.equal(await ann.open(SHOP, sealed), 'one')
  t.equal(await ann.open(SHOP, second), 'two', 'a crash after the wire does not use a key twice')
})

for (const kind of ['pkmsg', 'msg'] as const) {
  t.test(`a ${kind} that comes again after a crash is answered from the journal`, async (t) => {
    const { shop, ann } = kind === 'pkmsg' ? await strangers() : await acquainted()
    const sealed = await ann.seal(SHOP, 'order')
    t.equal(sealed.type, kind)
    await shop.open(ANN, sealed)
    const later = shop.restarted()
    const commits = later.store.commits.length
    t.equal(await later.open(ANN, sealed, { offline: '1' }), 'order')
    t.equal(await later.open(ANN, sealed), 'order', 'also when it does not say that it waited')
    t.equal(later.store.commits.length, commits, 'nothing is journaled twice')
    t.equal(later.bells(), 0)
  })
}

t.test('once its text was erased, it is answered with nothing', async (t) => {
  const { shop, ann } = await strangers()
  const sealed = await ann.seal(SHOP, 'private')
  await shop.open(ANN, sealed)
  shop.store.finish(hashOf(sealed.ciphertext), false)
  t.equal(await shop.restarted().open(ANN, sealed, { offline: '1' }), '')
})

t.test('a message of an unknown stanza is refused before the ratchet moves', async (t) => {
  const { shop, ann } = await strangers()
  const { type, ciphertext } = await ann.seal(SHOP, 'hello')
  await t.rejects(shop.repository.decryptMessage({ jid: ANN, type, ciphertext }), /without its stanza/)
  t.equal(await shop.open(ANN, { type, ciphertext }), 'hello')
})

t.test('a failed commit cuts the connection before anything is thrown, and the message comes again', async (t) => {
  const { shop, ann } = await strangers()
  const sealed = await ann.seal(SHOP, 'hello')
  shop.store.before = async (access) => {
    if (access === 'commit') throw new Error('the database is away')
  }
  let cutsWhenThrown = 0
  await shop.open(ANN, sealed).catch(() => {
    cutsWhenThrown = shop.cuts.length
  })
  t.equal(cutsWhenThrown, 1)
  t.same(shop.cuts, [901])
  shop.store.before = async () => undefined
  t.equal(await shop.restarted().open(ANN, sealed), 'hello')
})

t.test('a failed read is not mistaken for a missing session', async (t) => {
  const { shop, ann } = await acquainted()
  const sealed = await ann.seal(SHOP, 'again')
  const later = shop.restarted()
  later.store.before = async (access) => {
    if (access === 'loadKeys:session') throw new Error('the database is away')
  }
  await t.rejects(later.open(ANN, sealed))
  t.same(later.cuts, [901])
})

t.test('without the lease nothing is read or written', async (t) => {
  const { shop, ann } = await acquainted()
  const sealed = await ann.seal(SHOP, 'again')
  const commits = shop.store.commits.length
  shop.guard.fence('told dead')
  await t.rejects(shop.open(ANN, sealed))
  await t.rejects(shop.seal(ANN, 'answer'))
  t.same(shop.cuts, [904])
  t.equal(shop.store.commits.length, commits)
})

t.test('a failed trial decryption does not damage the sessions of the contact', async (t) => {
  const { shop, ann } = await acquainted()
  // A second session, as after a reinstall on one side: the first is kept, closed, for what is still on the way.
  const late = await ann.seal(SHOP, 'sent on the first session')
  await introduce(ann, shop, 2)
  await shop.open(ANN, await ann.seal(SHOP, 'sent on the second session'))
  await ann.open(SHOP, await shop.seal(ANN, 'both ways'))
  const rows = new Map(shop.store.keys)
  const damaged: Sealed = { type: 'msg', ciphertext: Buffer.from(late.ciphertext) }
  damaged.ciphertext[damaged.ciphertext.length - 1] = (damaged.ciphertext.at(-1) ?? 0) ^ 1
  await t.rejects(shop.open(ANN, damaged))
  t.same(shop.store.keys, rows, 'nothing is stored')
  t.equal(await shop.open(ANN, late), 'sent on the first session')
  t.equal(await shop.open(ANN, await ann.seal(SHOP, 'still fine')), 'still fine')
  t.equal(await ann.open(SHOP, await shop.seal(ANN, 'and back')), 'and back')
})

t.test('a hundred in and a hundred out at once, with a slow store, lose nothing', async (t) => {
  const { shop, ann } = await acquainted()
  shop.store.before = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 3))
  const inbound: Sealed[] = []
  for (let n = 0; n < 100; n++) inbound.push(await ann.seal(SHOP, `in ${n}`))
  const arriving = Promise.all(inbound.map((sealed) => shop.open(ANN, sealed)))
  const leaving = Promise.all(Array.from({ length: 100 }, (_, n) => shop.seal(ANN, `out ${n}`)))
  t.same(
    await arriving,
    Array.from({ length: 100 }, (_, n) => `in ${n}`),
  )
  const texts = new Set<string>()
  for (const sealed of await leaving) texts.add(await ann.open(SHOP, sealed))
  t.equal(texts.size, 100)
})

t.test('customers do not wait for each other', async (t) => {
  const shop = signalPeer(SHOP)
  const ann = signalPeer(ANN)
  const bob = signalPeer('15550003000@s.whatsapp.net')
  await introduce(ann, shop, 1)
  await introduce(bob, shop, 2)
  const gate = Promise.withResolvers<void>()
  let held = 0
  shop.store.before = async (access) => {
    if (access === 'commit' && held++ === 0) await gate.promise
  }
  const slow = shop.open(ann.jid, await ann.seal(SHOP, 'slow'))
  t.equal(await shop.open(bob.jid, await bob.seal(SHOP, 'quick')), 'quick')
  gate.resolve()
  t.equal(await slow, 'slow')
})

t.test('accounts of one process do not wait for each other over the same customer', async (t) => {
  const shop = signalPeer(SHOP)
  const other = signalPeer('15550009000@s.whatsapp.net')
  const ann = signalPeer(ANN)
  await introduce(ann, shop, 1)
  await introduce(ann, other, 2)
  const gate = Promise.withResolvers<void>()
  shop.store.before = async (access) => {
    if (access === 'loadKeys:session') await gate.promise
  }
  const stuck = introduce(shop, ann, 3)
  await introduce(other, ann, 4)
  t.ok(
    other.store.commits.at(-1)?.keys?.some(({ type }) => type === 'session'),
    'and write to their own store',
  )
  gate.resolve()
  await stuck
  t.ok(shop.store.commits.at(-1)?.keys?.some(({ type }) => type === 'session'))
})

t.test('a session moves from the number to the LID and nothing is lost on the way', async (t) => {
  const { shop, ann } = await acquainted()
  const sealed = await ann.seal(SHOP, 'by lid now')
  await shop.repository.lidMapping.storeLIDPNMappings([{ lid: ANN_LID, pn: ANN }])
  t.match(await shop.repository.migrateSession(ANN, ANN_LID), { migrated: 1 })
  t.notOk(shop.store.keys.has('session/15550002000.0'))
  t.ok(shop.store.keys.has('session/777000111_1.0'))
  t.equal(await shop.open(ANN_LID, sealed), 'by lid now')
  t.equal(await ann.open(SHOP, await shop.seal(ANN, 'addressed by number')), 'addressed by number')
  const [row] = [...shop.store.journal.values()].slice(-1)
  t.match(
    decodeJournal(row?.payload ?? Buffer.alloc(0)),
    { phone: '15550002000', lid: '777000111' },
    'the number is known',
  )
})

t.test('a session that was opened under the LID meanwhile is kept beside the one that moves there', async (t) => {
  const { shop, ann } = await acquainted()
  const onOld = await ann.seal(SHOP, 'old session')
  await introduce(shop, { ...ann, jid: ANN_LID }, 9)
  const onNew = await shop.seal(ANN_LID, 'new session')
  await shop.repository.lidMapping.storeLIDPNMappings([{ lid: ANN_LID, pn: ANN }])
  await shop.repository.migrateSession(ANN, ANN_LID)
  t.equal(await shop.open(ANN_LID, onOld), 'old session')
  t.equal(await ann.open(SHOP, onNew), 'new session')
  t.equal(await shop.open(ANN_LID, await ann.seal(SHOP, 'reply')), 'reply')
})

t.test('a bundle does not replace a session that still fits, unless it is meant to', async (t) => {
  const { shop, ann } = await acquainted()
  const session = () => Buffer.from(shop.store.keys.get('session/15550002000.0') ?? []).toString()
  const before = session()
  await shop.repository.keepingSessions(() => introduce(shop, ann, 5))
  t.equal(session(), before)
  await introduce(shop, ann, 6)
  t.not(session(), before)
})

t.test('a number without a LID is asked about once', async (t) => {
  const { shop } = await acquainted()
  for (let n = 0; n < 3; n++) await shop.seal(ANN, `${n}`)
  t.same(shop.asked, [ANN])
})

t.test('counts what was encrypted for whom', async (t) => {
  const { shop } = await acquainted()
  t.equal(shop.repository.encryptedFor('15550002000'), 1)
  t.equal(shop.repository.encryptedFor('15550004000'), 0)
})
