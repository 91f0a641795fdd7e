// The file of a message, when somebody asks for it: from the outbox, or fetched from WhatsApp at that moment. Who may ask is decided
// before.

import { imageType } from '../domain/conversation/image.ts'
import type { MessageId } from '../domain/ids.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import type { Logger } from '../log.ts'
import type { Database } from '../persistence/database.ts'
import { fileOf } from '../persistence/media.ts'
import type { Sealer } from '../persistence/sealer.ts'
import { downloadFile } from './whatsapp/media-download.ts'
import type { MediaPolicy } from './whatsapp/media-host.ts'

export interface MediaFile {
  /** `image/…` when the bytes are those of a picture, whatever the sender said; else only bytes. */
  readonly mime: string
  readonly bytes: Buffer
}

export type MediaRefusal = 'not-found' | 'media-gone' | 'media-unavailable' | 'payload-too-large'

export interface MediaReader {
  read(id: MessageId): Promise<Result<MediaFile, MediaRefusal>>
}

export interface MediaDeps {
  readonly db: Database
  readonly sealer: Sealer
  readonly log: Logger
  readonly maxBytes: number
  readonly policy: MediaPolicy
}

const PLAIN = 'application/octet-stream'
const NONE = refuse('not-found', 'This message has no file.')
const GONE = refuse('media-gone', 'WhatsApp does not have the file of this message any more.')

export function makeMediaReader({ db, sealer, log, maxBytes, policy }: MediaDeps): MediaReader {
  return {
    async read(id) {
      const file = await fileOf(db, sealer, id)
      if (file === null || file.kind === 'none') return NONE
      if (file.kind === 'lost') return GONE
      if (file.kind === 'here') return ok({ mime: file.mime, bytes: file.bytes })
      const fetched = await downloadFile(file.source, file.media, maxBytes, policy)
      switch (fetched.kind) {
        case 'ok':
          return ok({ mime: imageType(fetched.bytes) ?? PLAIN, bytes: fetched.bytes })
        case 'gone':
          return GONE
        case 'too-large':
          return refuse('payload-too-large', `The file is larger than the ${maxBytes} bytes this server fetches.`)
        case 'failed':
          log.warn({ messageId: id, why: fetched.why }, 'a file could not be fetched')
          return refuse('media-unavailable', 'WhatsApp did not give the file. Try again later.', {
            retryAfterSeconds: 30,
          })
      }
    },
  }
}
