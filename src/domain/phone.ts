// Phone numbers: reads what people type into E.164, lists the forms under which WhatsApp may know the same number, and
// masks numbers for logs and lists. Whether a number is on WhatsApp is nobody's guess here.
import { parsePhoneNumberFromString } from 'libphonenumber-js/min'
import { ok, type Result, refuse } from './result.ts'

/** `+` and 7 to 15 digits. */
export type E164 = string & { readonly __e164: unique symbol }

/** Longest text that is looked at: a number with generous punctuation. */
const MAX_INPUT_CHARS = 40

const E164_FORM = /^\+[1-9]\d{6,14}$/

/**
 * Reads an international number. Tolerates spaces, dashes, dots, brackets and a leading `00`; refuses with
 * `invalid-phone` what has no assigned country code or is too short or too long for any country. Numbering plans are not
 * held against it: WhatsApp itself uses forms that they do not know (`+52 1 …`), and plans change faster than libraries.
 */
export function parsePhone(input: string): Result<E164, 'invalid-phone'> {
  const hint = 'Write the number with its country code, like +1 555 010 0100.'
  if (input.length > MAX_INPUT_CHARS) return refuse('invalid-phone', hint)
  const compact = input
    .normalize('NFKC')
    .trim()
    .replace(/[\s().\-/]/gu, '')
  const international = compact.replace(/^00/, '+')
  if (!E164_FORM.test(international)) return refuse('invalid-phone', hint)
  const parsed = parsePhoneNumberFromString(international)
  if (parsed === undefined) return refuse('invalid-phone', hint)
  return ok(parsed.number as string as E164)
}

/** Takes digits as WhatsApp writes them in a chat address (`15550100`, no plus) for a number; null when they are none. */
export function phoneOfDigits(digits: string): E164 | null {
  const text = `+${digits.replace(/^\+/, '')}`
  return E164_FORM.test(text) ? (text as E164) : null
}

/**
 * All forms under which the same mobile number may arrive, the given one first. Brazil added a ninth digit that
 * WhatsApp often leaves out, Mexico once had a `1` and Argentina has a `9` after the country code. Landlines have one
 * form. Look up every variant; never rewrite a stored number (chatwoot #14048, waha #1974).
 */
export function phoneVariants(phone: E164): readonly E164[] {
  const other = otherForm(phone)
  return other === null ? [phone] : [phone, other as E164]
}

function otherForm(phone: string): string | null {
  const brazil = /^\+55([1-9]\d)(9?)([6-9]\d{7})$/.exec(phone)
  if (brazil !== null) {
    const [, area = '', ninth = '', number = ''] = brazil
    return ninth === '9' ? `+55${area}${number}` : `+55${area}9${number}`
  }
  const mexico = /^\+52(1?)([2-9]\d{9})$/.exec(phone)
  if (mexico !== null) return mexico[1] === '1' ? `+52${mexico[2]}` : `+521${mexico[2]}`
  const argentina = /^\+54(9?)([1-8]\d{9})$/.exec(phone)
  if (argentina !== null) return argentina[1] === '9' ? `+54${argentina[2]}` : `+549${argentina[2]}`
  return null
}

/** For logs and lists: country code, five dots, the last four digits (`+1•••••0100`). */
export function maskPhone(phone: string): string {
  const code = parsePhoneNumberFromString(phone)?.countryCallingCode ?? phone.replace(/\D/g, '').slice(0, 1)
  return `+${code}•••••${phone.slice(-4)}`
}
