// Another server than WhatsApp's own, for tests: where it is, and the certificates under which it serves files.

import { readFileSync } from 'node:fs'
import type { SessionDeps } from './actors/session/deps.ts'
import type { Config } from './config.ts'
import { CannotStart } from './ground.ts'

/** @returns the certificates of WHATSAPP_MEDIA_CA as PEM; null when it is not set. @throws CannotStart when they cannot be read */
export function mediaCertificates({ whatsappMediaCa: path }: Config): string | null {
  if (path === null) return null
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : ''
    throw new CannotStart(`WHATSAPP_MEDIA_CA cannot be read${code}: give the path of a PEM file, or leave it out.`)
  }
}

/** @returns null: there is none */
export function otherServer(
  { whatsappSocketUrl: socketUrl, whatsappTrustRoot: trustRoot }: Config,
  mediaCa: string | null,
): SessionDeps['server'] {
  if (socketUrl === null || trustRoot === null) return null
  return { socketUrl, trustRoot, ...(mediaCa === null ? {} : { mediaCa }) }
}
