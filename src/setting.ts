// How the text of one setting becomes a value: comments, numbers, durations, sizes, lists, URLs. Each parser refuses rubbish with a
// sentence that names the variable and never repeats a secret. Which settings there are is config.ts.

import { isIP } from 'node:net'

/** Thrown when a setting cannot be used. The message names the variable, what was found and what is wanted; secrets are not repeated. */
export class BadSetting extends Error {
  override readonly name = 'BadSetting'
}

/** Turns the text of a variable into its value. @throws BadSetting */
export type Parse<T> = (text: string, variable: string) => T

/** One setting as the documentation shows it. */
export interface Setting {
  readonly variable: string
  readonly sentence: string
  /** What the text means: `ms`, `bytes`, `port`, `text`, `list`, `hex`, … */
  readonly unit: string
  /** The text that stands for it when nothing is given; null where leaving it out has a meaning of its own (see the sentence). */
  readonly default: string | null
}

export interface Entry<T> extends Setting {
  readonly parse: Parse<T>
}

export function setting<T>(
  variable: string,
  unit: string,
  fallback: string,
  sentence: string,
  parse: Parse<T>,
): Entry<T> {
  return { variable, unit, default: fallback, sentence, parse }
}

export function optional<T>(variable: string, unit: string, sentence: string, parse: Parse<T>): Entry<T | null> {
  return { variable, unit, default: null, sentence, parse }
}

/** A value as people write it in `.env`: `300000  # 5 minutes` is 300000. A `#` counts as a comment only after white space. */
export function withoutComment(text: string): string {
  const trimmed = text.trim()
  const quoted = /^(["'])(.*)\1(?:\s+#.*)?$/.exec(trimmed)
  if (quoted) return quoted[2] ?? ''
  return trimmed.replace(/(^|\s+)#.*$/, '').trim()
}

function wrong(variable: string, found: string | null, wanted: string): BadSetting {
  const what = found === null ? 'has a value that cannot be used' : `is ${JSON.stringify(found)}`
  return new BadSetting(`${variable} ${what}. Give ${wanted}, or leave it out.`)
}

export function integer(min: number, max: number, what: string): Parse<number> {
  return (text, variable) => {
    const value = Number(text.replaceAll('_', ''))
    if (text === '' || !Number.isInteger(value) || value < min || value > max)
      throw wrong(variable, text, `${what}, a whole number from ${min} to ${max}`)
    return value
  }
}

export function oneOf<const T extends string>(...values: readonly T[]): Parse<T> {
  return (text, variable) => {
    const found = values.find((value) => value === text.toLowerCase())
    if (found === undefined) throw wrong(variable, text, `one of ${values.join(', ')}`)
    return found
  }
}

export const anyText: Parse<string> = (text) => text

const DURATION = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)?$/
const DURATION_UNIT_S = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const

/** `24h`, `30m`, `7d` or plain seconds. @returns whole seconds, at least 1 */
export const seconds: Parse<number> = (text, variable) => {
  const match = DURATION.exec(text.toLowerCase())
  const value = match
    ? Number(match[1]) * DURATION_UNIT_S[(match[2] ?? 's') as keyof typeof DURATION_UNIT_S]
    : Number.NaN
  if (!(value >= 1 && value <= 366 * 86_400)) throw wrong(variable, text, 'a duration such as 30m, 24h or 7d')
  return Math.floor(value)
}

const SIZE = /^(\d+(?:\.\d+)?)\s*(b|kb|mb|gb)?$/
const SIZE_UNIT = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 } as const

export const bytes: Parse<number> = (text, variable) => {
  const match = SIZE.exec(text.toLowerCase())
  const value = match ? Number(match[1]) * SIZE_UNIT[(match[2] ?? 'b') as keyof typeof SIZE_UNIT] : Number.NaN
  if (!(value >= 1024 && value <= SIZE_UNIT.gb)) throw wrong(variable, text, 'a size from 1kb to 1gb, such as 10mb')
  return Math.floor(value)
}

export const origins: Parse<readonly string[]> = (text, variable) => {
  const list = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  for (const origin of list) {
    const url = URL.parse(origin)
    if (url === null || url.origin !== origin.replace(/\/$/, ''))
      throw wrong(variable, origin, 'a comma-separated list of origins such as http://localhost:3000 (no path, no *)')
  }
  return list.map((origin) => origin.replace(/\/$/, ''))
}

export function url(what: string, ...protocols: readonly string[]): Parse<string> {
  return (text, variable) => {
    // The value is not repeated: it may hold a password.
    if (!protocols.includes(URL.parse(text)?.protocol ?? '')) throw wrong(variable, null, what)
    return text
  }
}

export const host: Parse<string> = (text, variable) => {
  if (isIP(text) === 0 && text !== 'localhost')
    throw wrong(variable, text, 'an IP address such as 127.0.0.1 or 0.0.0.0')
  return text
}

export const hex32: Parse<Uint8Array> = (text, variable) => {
  if (!/^[0-9a-f]{64}$/i.test(text)) throw wrong(variable, null, '32 bytes as 64 hex digits')
  return Uint8Array.from(Buffer.from(text, 'hex'))
}

export const currency: Parse<string> = (text, variable) => {
  const code = text.toUpperCase()
  if (!Intl.supportedValuesOf('currency').includes(code))
    throw wrong(variable, text, 'an ISO 4217 currency code such as USD')
  return code
}

export const timezone: Parse<string> = (text, variable) => {
  // The first date format of a process takes longer than all other settings together.
  if (text === 'UTC') return text
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone
  } catch {
    throw wrong(variable, text, 'an IANA time zone such as Europe/Berlin')
  }
}

export const locale: Parse<string> = (text, variable) => {
  try {
    return new Intl.Locale(text).toString()
  } catch {
    throw wrong(variable, text, 'a language tag such as en-US')
  }
}

export const secret: Parse<string> = (text, variable) => {
  if (text.length < 16) throw wrong(variable, null, 'at least 16 characters (32 in production)')
  return text
}

export const setupToken: Parse<string> = (text, variable) => {
  if (text.length < 8) throw wrong(variable, null, 'at least 8 characters')
  return text
}

export const sharedSecret: Parse<string> = (text, variable) => {
  if (text.length < 32)
    throw wrong(variable, null, 'at least 32 characters (openssl rand -hex 32), the same on every node')
  return text
}

export const bearerToken: Parse<string> = (text, variable) => {
  if (!/^\S{16,}$/.test(text)) throw wrong(variable, null, 'at least 16 characters without white space')
  return text
}

export const nodeName: Parse<string> = (text, variable) => {
  if (!/^[\w.:-]{1,64}$/.test(text)) throw wrong(variable, text, 'up to 64 letters, digits, dots, colons, dashes')
  return text
}

/** Where others reach a listener: scheme, host and port. @returns it without a slash at the end */
export const base: Parse<string> = (text, variable) => {
  const found = URL.parse(text)
  const plain = found !== null && /^https?:$/.test(found.protocol) && found.username === '' && found.password === ''
  if (!plain || found.origin !== text.replace(/\/$/, '').toLowerCase())
    throw wrong(variable, null, 'an address such as http://10.0.0.7:5001, with nothing behind the port')
  return found.origin
}

/** Whether a proxy stands before this node: `off`, how many, or the addresses and networks it calls from. */
export const proxies: Parse<false | number | readonly string[]> = (text, variable) => {
  if (text === 'off') return false
  if (/^[1-9]\d?$/.test(text)) return Number(text)
  const list = text.split(',').map((part) => part.trim())
  const known = (part: string) => {
    const [address = '', bits, more] = part.split('/')
    const most = isIP(address) === 4 ? 32 : 128
    return (
      isIP(address) !== 0 &&
      more === undefined &&
      (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
    )
  }
  if (!list.every(known))
    throw wrong(variable, text, 'off, a number of proxies such as 1, or their addresses such as 10.0.0.2,10.1.0.0/16')
  return list
}
