// What is known of a file in a WhatsApp message without having it: its kind, what it says of itself, and where and under which key
// WhatsApp keeps it. The file itself is fetched by media-download.ts, when somebody asks for it.

import type { proto } from '@whiskeysockets/baileys'
import type { MediaDetails, MediaKind, MediaSource, MessageContent } from '../../domain/conversation/message.ts'

type Message = proto.IMessage
/** All fields a file may have; each kind has some of them. */
type File = Partial<proto.Message.IImageMessage & proto.Message.IVideoMessage & proto.Message.IDocumentMessage> & {
  readonly isAnimated?: boolean | null
}

const FILE_NAME_CHARS = 255
const KEY_BYTES = 32

export function mediaOf(message: Message): MessageContent | null {
  const found: readonly (readonly [MediaKind, File | null | undefined])[] = [
    ['image', message.imageMessage as File],
    ['video', (message.videoMessage ?? message.ptvMessage) as File],
    [message.audioMessage?.ptt ? 'voice' : 'audio', message.audioMessage as File],
    ['document', message.documentMessage as File],
    ['sticker', message.stickerMessage as File],
  ]
  for (const [media, file] of found) if (file) return contentOfFile(media, file)
  return null
}

function contentOfFile(media: MediaKind, file: File): MessageContent {
  const details = detailsOf(file)
  const quotedId = file.contextInfo?.stanzaId
  const source = sourceOf(file)
  return {
    kind: 'media',
    media,
    mime: file.mimetype ?? null,
    bytes: file.fileLength == null ? null : Number(file.fileLength),
    caption: file.caption || null,
    ...(Object.keys(details).length === 0 ? {} : { details }),
    ...(quotedId ? { quotedId } : {}),
    ...(source === null ? {} : { source }),
  }
}

function detailsOf(file: File): MediaDetails {
  const { fileName, seconds, width, height, pageCount } = file
  return {
    ...(fileName ? { fileName: fileName.slice(0, FILE_NAME_CHARS) } : {}),
    ...(seconds ? { seconds } : {}),
    ...(width ? { width } : {}),
    ...(height ? { height } : {}),
    ...(pageCount ? { pages: pageCount } : {}),
    ...(file.gifPlayback || file.isAnimated ? { animated: true } : {}),
  }
}

/** Null when something of it is missing: then nobody can ever read the file. */
function sourceOf({ url, directPath, mediaKey, fileSha256, fileEncSha256 }: File): MediaSource | null {
  const from = url ? URL.parse(url) : null
  const path = directPath || (from === null ? '' : from.pathname + from.search)
  if (!path.startsWith('/') || mediaKey?.length !== KEY_BYTES || !fileSha256?.length || !fileEncSha256?.length)
    return null
  return {
    host: from?.protocol === 'https:' ? from.host : null,
    path,
    key: base64(mediaKey),
    encryptedSha256: base64(fileEncSha256),
    sha256: base64(fileSha256),
  }
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
