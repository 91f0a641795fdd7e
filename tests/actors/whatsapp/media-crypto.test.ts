import { createDecipheriv, createHash } from 'node:crypto'
import { getMediaKeys } from '@whiskeysockets/baileys'
import t from 'tap'
import { decryptFile, encryptFile } from '../../../src/actors/whatsapp/media-crypto.ts'

const BYTES = Buffer.from('a picture of a mug')

const sourceOf = ({ key, sha256, encryptedSha256 }: ReturnType<typeof encryptFile>) => ({
  host: null,
  path: '/x',
  key: key.toString('base64'),
  sha256: sha256.toString('base64'),
  encryptedSha256: encryptedSha256.toString('base64'),
})

t.test('what was encrypted is decrypted, also by another implementation', async (t) => {
  const encrypted = encryptFile(BYTES, 'image')
  t.ok(decryptFile(encrypted.file, 'image', sourceOf(encrypted))?.equals(BYTES))
  const { iv, cipherKey } = await getMediaKeys(encrypted.key, 'image')
  const decipher = createDecipheriv('aes-256-cbc', cipherKey, iv)
  t.ok(Buffer.concat([decipher.update(encrypted.file.subarray(0, -10)), decipher.final()]).equals(BYTES))
  t.not(encryptFile(BYTES, 'image').key.toString('hex'), encrypted.key.toString('hex'), 'a new key each time')
})

t.test('what is not the file of the message is no file', async (t) => {
  const encrypted = encryptFile(BYTES, 'image')
  const source = sourceOf(encrypted)
  const other = encryptFile(BYTES, 'image')
  const changed = Buffer.from(encrypted.file)
  changed[0] = (changed[0] ?? 0) ^ 1
  t.equal(decryptFile(changed, 'image', source), null, 'changed on the way')
  t.equal(decryptFile(other.file, 'image', source), null, 'another file')
  const rehashed = { ...sourceOf(other), key: source.key }
  t.equal(decryptFile(other.file, 'image', rehashed), null, 'under another key')
  const forged = Buffer.from(encrypted.file)
  forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
  const encryptedSha256 = createHash('sha256').update(forged).digest('base64')
  t.equal(decryptFile(forged, 'image', { ...source, encryptedSha256 }), null, 'without the right HMAC')
  t.equal(decryptFile(encrypted.file, 'video', source), null, 'of another kind')
  t.equal(decryptFile(encrypted.file, 'image', { ...source, sha256: source.encryptedSha256 }), null, 'another content')
  t.equal(decryptFile(Buffer.alloc(0), 'image', source), null)
})
