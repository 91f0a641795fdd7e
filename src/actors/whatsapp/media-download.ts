// Fetches the file of a message from WhatsApp and decrypts it. Nothing of it is kept here.

import type { MediaKind, MediaSource } from '../../domain/conversation/message.ts'
import { decryptFile, OVERHEAD_BYTES } from './media-crypto.ts'
import { askMediaHost, type Fetched, type MediaPolicy, mediaHost } from './media-host.ts'

export type Downloaded = Exclude<Fetched, { kind: 'ok' }> | { readonly kind: 'ok'; readonly bytes: Buffer }

/** @param maxBytes the largest file that is fetched. Never rejects. */
export async function downloadFile(
  source: MediaSource,
  kind: MediaKind,
  maxBytes: number,
  policy: MediaPolicy,
): Promise<Downloaded> {
  const host = mediaHost(source.host, policy)
  const fetched = await askMediaHost({ host, path: source.path, maxBytes: maxBytes + OVERHEAD_BYTES }, policy)
  if (fetched.kind !== 'ok') return fetched
  const bytes = decryptFile(fetched.body, kind, source)
  return bytes === null ? { kind: 'failed', why: 'not the file of the message' } : { kind: 'ok', bytes }
}
