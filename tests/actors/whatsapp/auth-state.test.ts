import { initAuthCreds, proto } from '@whiskeysockets/baileys'
import t from 'tap'
import { decodeCreds, decodeKey, encodeCreds, encodeKey, paired } from '../../../src/actors/whatsapp/auth-state.ts'

const ME = { id: '15550001000:1@s.whatsapp.net', name: '~' }

t.test('credentials survive as bytes', async (t) => {
  const creds = { ...initAuthCreds(), me: ME, account: { details: Buffer.from([1, 2]) }, routingInfo: Buffer.from([3]) }
  const read = decodeCreds(encodeCreds(creds))
  t.same(read.signedIdentityKey, creds.signedIdentityKey)
  t.ok(Buffer.isBuffer(read.noiseKey.private))
  t.same(read.routingInfo, creds.routingInfo)
  t.same(read.account?.details, creds.account.details)
  t.equal(read.me?.id, ME.id)
})

t.test('no row means fresh credentials, never the same twice', async (t) => {
  t.notSame(decodeCreds(null).noiseKey, decodeCreds(null).noiseKey)
  t.notOk(paired(decodeCreds(null)))
  t.throws(() => decodeCreds(Buffer.from('rubbish')), 'rubbish is not "no credentials"')
})

t.test('a pairing by code that was given up does not try to log in', async (t) => {
  const creds = { ...initAuthCreds(), me: ME, pairingCode: 'ABCD1234' }
  const read = decodeCreds(encodeCreds(creds))
  t.equal(read.me, undefined)
  t.equal(read.pairingCode, undefined)
  t.same(read.noiseKey.public, creds.noiseKey.public)
  t.equal(decodeCreds(encodeCreds({ ...creds, registered: true })).me?.id, ME.id)
})

t.test('keys survive as bytes, each in the shape of its type', async (t) => {
  const pair = { public: Buffer.from('pub'), private: Buffer.from('priv') }
  t.same(decodeKey('pre-key', encodeKey('pre-key', pair)), pair)
  t.equal(decodeKey('lid-mapping', encodeKey('lid-mapping', '77')), '77')
  t.same(decodeKey('device-list', encodeKey('device-list', ['0', '7'])), ['0', '7'])
  t.same(Buffer.from(decodeKey('identity-key', encodeKey('identity-key', new Uint8Array([5, 6])))), Buffer.from([5, 6]))
  const key = { keyData: Buffer.from('secret'), timestamp: 5 }
  const sync = decodeKey('app-state-sync-key', encodeKey('app-state-sync-key', key))
  t.ok(sync instanceof proto.Message.AppStateSyncKeyData)
  t.same(Buffer.from(sync.keyData ?? []), key.keyData)
})
