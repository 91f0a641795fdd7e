// Files as a phone handles them: encrypted under a key of their own, kept by the media server, and told of in a message.
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto'
import { getMediaKeys, type proto } from '@whiskeysockets/baileys'
import type { World } from './world.ts'

const KEY_BYTES = 32
const MAC_BYTES = 10

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

export interface FileOptions {
  readonly mimetype?: string
  readonly caption?: string
}

/** Encrypts a picture, puts it where WhatsApp keeps files and answers the message about it. */
export const pictureMessage = async (
  world: World,
  bytes: Uint8Array,
  options: FileOptions = {},
): Promise<proto.IMessage> => {
  const mediaKey = randomBytes(KEY_BYTES)
  const { iv, cipherKey, macKey } = await getMediaKeys(mediaKey, 'image')
  const cipher = createCipheriv('aes-256-cbc', cipherKey, iv)
  const encrypted = Buffer.concat([cipher.update(bytes), cipher.final()])
  const mac = createHmac('sha256', macKey ?? '')
    .update(iv)
    .update(encrypted)
    .digest()
    .subarray(0, MAC_BYTES)
  const file = Buffer.concat([encrypted, mac])
  const directPath = `/v/t62.7118-24/${sha256(file).toString('hex')}`
  world.files.set(directPath, file)
  return {
    imageMessage: {
      url: `https://${world.mediaHost}${directPath}`,
      directPath,
      mediaKey,
      fileEncSha256: sha256(file),
      fileSha256: sha256(bytes),
      fileLength: bytes.length,
      mimetype: options.mimetype ?? 'image/jpeg',
      ...(options.caption === undefined ? {} : { caption: options.caption }),
    },
  }
}

/** The picture of a message, fetched and decrypted. Throws if it is not there or was tampered with. */
export const pictureOf = async (world: World, { imageMessage }: proto.IMessage): Promise<Buffer> => {
  const file = world.files.get(imageMessage?.directPath ?? '')
  if (file === undefined || !imageMessage?.mediaKey) throw new Error('there is no picture of this message')
  const { iv, cipherKey, macKey } = await getMediaKeys(imageMessage.mediaKey, 'image')
  const encrypted = file.subarray(0, -MAC_BYTES)
  const mac = createHmac('sha256', macKey ?? '')
    .update(iv)
    .update(encrypted)
    .digest()
    .subarray(0, MAC_BYTES)
  if (!mac.equals(file.subarray(-MAC_BYTES))) throw new Error('the picture was tampered with')
  const decipher = createDecipheriv('aes-256-cbc', cipherKey, iv)
  const bytes = Buffer.concat([decipher.update(encrypted), decipher.final()])
  if (!sha256(bytes).equals(Buffer.from(imageMessage.fileSha256 ?? []))) throw new Error('the picture is another one')
  if (!sha256(file).equals(Buffer.from(imageMessage.fileEncSha256 ?? []))) throw new Error('the file is another one')
  return bytes
}
