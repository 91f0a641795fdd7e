// Pictures and forms for tests of uploads.

import sharp from 'sharp'

interface Wanted {
  readonly width?: number
  readonly height?: number
  readonly format?: 'jpeg' | 'png' | 'webp' | 'gif'
}

/** A picture: red on the left, blue on the right. */
export async function aPicture({ width = 60, height = 40, format = 'png' }: Wanted = {}): Promise<Buffer> {
  const right = { width: Math.floor(width / 2), height, channels: 3, background: '#0000ff' } as const
  return sharp({ create: { width, height, channels: 3, background: '#ff0000' } })
    .composite([{ input: { create: right }, left: Math.ceil(width / 2), top: 0 }])
    .toFormat(format)
    .toBuffer()
}

export interface FormPart {
  readonly name: string
  readonly value: Buffer | string
  /** Makes it a file. */
  readonly filename?: string
  readonly type?: string
}

/** The body and header of a multipart form. */
export function form(parts: readonly FormPart[]): {
  readonly payload: Buffer
  readonly headers: { 'content-type': string }
} {
  const boundary = 'a-boundary-that-no-picture-holds'
  const chunks = parts.flatMap(({ name, value, filename, type }) => [
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}\r\n`,
    type === undefined ? '\r\n' : `Content-Type: ${type}\r\n\r\n`,
    value,
    '\r\n',
  ])
  const payload = Buffer.concat([...chunks, `--${boundary}--\r\n`].map((chunk) => Buffer.from(chunk)))
  return { payload, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } }
}
