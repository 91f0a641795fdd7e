// The languages of the bot, and which of them a customer is answered in. A new one is its file and its line here.
import { ar } from './ar.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import type { Language } from './language.ts'

export type { Language } from './language.ts'

export const LANGUAGES = { en, ar, es } as const satisfies Readonly<Record<string, Language>>
export type LanguageCode = keyof typeof LANGUAGES
export const LANGUAGE_CODES = Object.keys(LANGUAGES) as readonly LanguageCode[]

/** How many of the customer's last messages say which script they write. */
export const TEXTS_FOR_SCRIPT = 3

/** The language of a code or locale (`es`, `es-MX`); null for one the bot does not speak. */
function languageCode(tag: string | null): LanguageCode | null {
  const code = tag?.toLowerCase().split(/[-_]/)[0]
  return LANGUAGE_CODES.find((each) => each === code) ?? null
}

/**
 * In which language a customer is answered: the one they or the shop chose, else one of the script of their last messages (the shop's own where
 * it is of that script), else the shop's.
 * @param recent their last texts, newest first; only the first three count
 * @param locale the organisation's
 */
export function languageFor(chosen: string | null, recent: readonly string[], locale: string): LanguageCode {
  const explicit = languageCode(chosen)
  if (explicit !== null) return explicit
  const fallback = languageCode(locale) ?? 'en'
  const script = scriptOf(recent.slice(0, TEXTS_FOR_SCRIPT))
  if (script === null || LANGUAGES[fallback].script === script) return fallback
  return LANGUAGE_CODES.find((code) => LANGUAGES[code].script === script) ?? fallback
}

/** The script most letters are of; null without letters of one we know. */
function scriptOf(texts: readonly string[]): Language['script'] | null {
  const text = texts.map((each) => each.slice(0, 1_000)).join(' ')
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0
  const arabic = text.match(/\p{Script=Arabic}/gu)?.length ?? 0
  if (latin === 0 && arabic === 0) return null
  return arabic > latin ? 'Arabic' : 'Latin'
}

/** The locale in which numbers and money are written: the shop's, or the customer's language in the shop's region. */
export function localeFor(code: LanguageCode, locale: string): string {
  if (languageCode(locale) === code) return locale
  const region = /[-_]([A-Za-z]{2}|\d{3})(?:[-_]|$)/.exec(locale)?.[1]
  return region === undefined ? code : `${code}-${region.toUpperCase()}`
}
