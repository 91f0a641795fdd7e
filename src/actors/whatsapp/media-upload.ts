// Puts a picture where WhatsApp keeps files and says what a message tells of it. Each try encrypts anew and uploads anew: a resend
// needs nothing of an earlier one.

import type { MediaConnInfo, proto } from '@whiskeysockets/baileys'
import { encryptFile } from './media-crypto.ts'
import { askMediaHost, type MediaPolicy } from './media-host.ts'
import type { OutboundContent } from './socket.ts'

export type Picture = Extract<OutboundContent, { kind: 'image' }>

export interface Uploading {
  /** Asks WhatsApp where files go, and with which right. */
  readonly mediaConn: (fresh: boolean) => Promise<Pick<MediaConnInfo, 'hosts' | 'auth'>>
  readonly policy: MediaPolicy
}

const PATH = '/mms/image'
const ANSWER_BYTES = 64_000

/** No media host took the file; the message is what the last one said. */
export class UploadFailed extends Error {
  override readonly name = 'UploadFailed'
}

/** @throws UploadFailed, and whatever the question for the hosts throws */
export async function uploadPicture(
  picture: Picture,
  { mediaConn, policy }: Uploading,
): Promise<proto.Message.IImageMessage> {
  const bytes = Buffer.from(picture.data, 'base64')
  const encrypted = encryptFile(bytes, 'image')
  const place = await upload(encrypted.file, encrypted.encryptedSha256, { mediaConn, policy })
  return {
    ...place,
    mediaKey: encrypted.key,
    mediaKeyTimestamp: Math.floor(Date.now() / 1000),
    fileSha256: encrypted.sha256,
    fileEncSha256: encrypted.encryptedSha256,
    fileLength: bytes.length,
    mimetype: picture.mime,
    ...(picture.caption === '' ? {} : { caption: picture.caption }),
  }
}

async function upload(
  file: Buffer,
  hash: Buffer,
  { mediaConn, policy }: Uploading,
): Promise<{ url: string; directPath: string }> {
  const token = hash.toString('base64url')
  let why = 'no host'
  for (const fresh of [false, true]) {
    const { hosts, auth } = await mediaConn(fresh)
    const path = `${PATH}/${token}?auth=${encodeURIComponent(auth)}&token=${token}`
    for (const { hostname } of hosts) {
      const answer = await askMediaHost({ host: hostname, path, body: file, maxBytes: ANSWER_BYTES }, policy)
      const place = answer.kind === 'ok' ? placeIn(answer.body, hostname) : null
      if (place !== null) return place
      why = answer.kind === 'failed' ? answer.why : answer.kind
    }
  }
  throw new UploadFailed(why)
}

function placeIn(body: Buffer, host: string): { url: string; directPath: string } | null {
  try {
    const { url, direct_path: directPath } = JSON.parse(body.toString()) as { url?: unknown; direct_path?: unknown }
    if (typeof directPath !== 'string' || !directPath.startsWith('/')) return null
    return { directPath, url: typeof url === 'string' ? url : `https://${host}${directPath}` }
  } catch {
    return null
  }
}
