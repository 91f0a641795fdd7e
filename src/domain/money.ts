// Money: integer minor units beside an ISO currency. Decides how amounts are read and shown; totals are order/totals.ts.
// Nothing here does float arithmetic: what is typed is read through its text, what is shown is written from its digits.
import { Decimal } from 'decimal.js'
import { ok, type Result, refuse } from './result.ts'

/** An amount in the smallest unit of its currency (cents for USD, yen for JPY, fils for KWD). Always a safe integer. */
export type Minor = number

/** What a caller may write for an amount: major units as text or number, or the object that lists give out. */
export type MoneyInput = string | number | { readonly amount: number; readonly currency: string }

/** The largest amount that may be typed, in minor units: far above any price, far below what a double holds exactly. */
export const MAX_MINOR = 1_000_000_000_000

const NO_DECIMALS = new Set('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' '))
const THREE_DECIMALS = new Set('BHD IQD JOD KWD LYD OMR TND'.split(' '))

/**
 * Decimals of a currency by ISO 4217. A table of our own: the one inside Node changes with its version, and stored
 * amounts must not change their meaning with it.
 */
export function currencyDecimals(currency: string): number {
  if (NO_DECIMALS.has(currency)) return 0
  return THREE_DECIMALS.has(currency) ? 3 : 2
}

/** The amount in major units with all its decimals, as plain text: `129900` USD is `1299.00`. */
export function majorText(minor: Minor, currency: string): string {
  const decimals = currencyDecimals(currency)
  return new Decimal(minor).div(new Decimal(10).pow(decimals)).toFixed(decimals)
}

const formats = new Map<string, Intl.NumberFormat>()

/** Amounts written lately: lists show the same prices again and again, and writing one costs more than all else of a row. */
const written = new Map<string, string>()
const MAX_WRITTEN = 20_000

/** The amount as people write it: `formatMoney(129900, 'USD', 'en-US')` is `$1,299.00`. */
export function formatMoney(minor: Minor, currency: string, locale: string): string {
  const name = `${locale}|${currency}|${minor}`
  const known = written.get(name)
  if (known !== undefined) return known
  if (written.size >= MAX_WRITTEN) written.clear()
  const text = writeMoney(minor, currency, locale)
  written.set(name, text)
  return text
}

function writeMoney(minor: Minor, currency: string, locale: string): string {
  const key = `${locale}|${currency}`
  let format = formats.get(key)
  if (format === undefined) {
    const decimals = currencyDecimals(currency)
    format = new Intl.NumberFormat(locale, {
      style: 'currency',
      currency,
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    })
    formats.set(key, format)
  }
  return format.format(majorText(minor, currency) as `${number}`)
}

/** A number as people write it there: `formatNumber(1250, 'de')` is `1.250`. */
export function formatNumber(value: number, locale: string): string {
  let format = formats.get(locale)
  if (format === undefined) {
    format = new Intl.NumberFormat(locale)
    formats.set(locale, format)
  }
  return format.format(value)
}

const PLAIN_DECIMAL = /^(-?)(\d{1,15})(?:\.(\d{1,20}))?$/

/**
 * Reads an amount. Text and numbers are major units (`"1299.00"`, `1299`); the object is minor units and must name the
 * same currency. Refuses with `invalid-money` what is not a plain decimal, negative, too large, or finer than the
 * currency's smallest unit.
 */
export function parseMoney(input: MoneyInput, currency: string): Result<Minor, 'invalid-money'> {
  if (typeof input === 'object') return parseMoneyObject(input, currency)
  const match = PLAIN_DECIMAL.exec(String(input).trim())
  if (match === null) return refuse('invalid-money', 'Write the amount as a plain decimal, like 1299.00.')
  const [, sign = '', whole = '', fraction = ''] = match
  if (sign === '-') return refuse('invalid-money', 'The amount must not be negative.')
  const decimals = currencyDecimals(currency)
  if (fraction.length > decimals) {
    return refuse('invalid-money', `${currency} has ${decimals} decimals; the amount has ${fraction.length}.`)
  }
  const minor = new Decimal(`${whole}${fraction.padEnd(decimals, '0')}`)
  if (minor.greaterThan(MAX_MINOR)) return refuse('invalid-money', 'The amount is too large.')
  return ok(minor.toNumber())
}

function parseMoneyObject(
  input: { readonly amount: number; readonly currency: string },
  currency: string,
): Result<Minor, 'invalid-money'> {
  if (input.currency !== currency) return refuse('invalid-money', `Prices here are in ${currency}.`)
  if (!Number.isSafeInteger(input.amount) || input.amount < 0 || input.amount > MAX_MINOR) {
    return refuse('invalid-money', `Write the amount as a whole number of the smallest unit of ${currency}.`)
  }
  return ok(input.amount)
}
