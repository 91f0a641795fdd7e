// A variant as it is entered or changed: checks what was given, and keeps or makes the rest. Whether its names and SKU are still free is
// asked by persistence.
import { MAX_QUANTITY } from '../bot/quantity.ts'
import { oneLine } from '../contact.ts'
import type { VariantId } from '../ids.ts'
import { type Minor, type MoneyInput, parseMoney } from '../money.ts'
import { ok, type Result, refuse } from '../result.ts'
import { checkName, checkSku, fault, MAX_ALIASES } from './names.ts'
import { fullName, nameKey, normalName, searchKeys } from './search.ts'

export const MAX_STOCK = 1_000_000
const MAX_OPTIONS = 10

/** What may be said of a variant beside its price, when it is made and later. */
export interface VariantTerms {
  readonly sku?: string | undefined
  readonly aliases?: readonly string[] | undefined
  /** Percent, at most two decimals: `19`, `"7.5"`. */
  readonly taxRate?: string | number | undefined
  /** The price contains the tax; it does when nothing is said. */
  readonly taxIncluded?: boolean | undefined
  /** Without tracking there is always some. */
  readonly trackStock?: boolean | undefined
  readonly lowStockThreshold?: number | undefined
  /** The most of it in one order. */
  readonly maxPerOrder?: number | undefined
}

export interface VariantInput extends VariantTerms {
  readonly name: string
  readonly price: MoneyInput
  readonly options?: Readonly<Record<string, string>> | undefined
  readonly stock?: number | undefined
}

/** What is not given stays as it is. Stock is moved, never set: see `POST /api/stock/adjustments`. */
export interface VariantChange extends VariantTerms {
  readonly name?: string | undefined
  readonly price?: MoneyInput | undefined
  readonly options?: Readonly<Record<string, string>> | undefined
}

export interface VariantDraft {
  /** Null: a new one. */
  readonly id: VariantId | null
  /** The variant's own part of the name; empty for the single variant. */
  readonly name: string
  readonly fullName: string
  /** Null: make one from `skuBase`. */
  readonly sku: string | null
  readonly skuBase: string
  readonly options: Readonly<Record<string, string>>
  readonly priceMinor: Minor
  readonly currency: string
  /** Hundredths of a percent. */
  readonly taxRateBp: number
  readonly taxIncluded: boolean
  readonly trackStock: boolean
  /** What there is at first; nothing for one that is there already. */
  readonly stock: number
  readonly lowStockThreshold: number
  readonly maxPerOrder: number
  readonly aliases: readonly string[]
  /** Where the caller wrote it, for error paths: empty or `variants[0].`. */
  readonly path: string
}

/** A variant that is stored. */
export type KnownVariant = VariantDraft & { readonly id: VariantId; readonly sku: string; readonly version: number }

export type VariantCode =
  | 'invalid-product'
  | 'invalid-money'
  | 'name-is-command'
  | 'name-taken'
  | 'sku-taken'
  | 'duplicate-options'
export type Checked<T> = Result<T, VariantCode>

export interface VariantPlace {
  readonly productName: string
  /** The organisation's. */
  readonly currency: string
  readonly path: string
  /** What it was; null for a new one. Names that it had are not judged again. */
  readonly before: VariantDraft | null
}

export function draftVariant(
  input: VariantChange & { stock?: number | undefined },
  place: VariantPlace,
): Checked<VariantDraft> {
  const { productName, before, path } = place
  const named = nameOf(input.name ?? before?.name ?? '', place)
  if (!named.ok) return named
  const price = priceOf(input.price, place)
  if (!price.ok) return price
  const sku = input.sku === undefined ? (before?.sku ?? null) : oneLine(input.sku)
  if (sku !== null && sku !== before?.sku) {
    const checked = checkSku(sku, `${path}sku`)
    if (!checked.ok) return checked
  }
  const aliases = aliasesOf(input.aliases, place)
  if (!aliases.ok) return aliases
  const options = input.options ?? before?.options ?? {}
  if (Object.keys(options).length > MAX_OPTIONS) return fault(`${path}options`, `At most ${MAX_OPTIONS} options.`)
  const taxRateBp = input.taxRate === undefined ? (before?.taxRateBp ?? 0) : readTaxRate(input.taxRate)
  if (taxRateBp === null) return fault(`${path}taxRate`, 'Write the tax as percent between 0 and 100, like 19 or 7.5.')
  const stock = input.stock ?? 0
  if (!whole(stock, 0, MAX_STOCK)) return fault(`${path}stock`, `Stock is a whole number from 0 to ${MAX_STOCK}.`)
  const lowStockThreshold = input.lowStockThreshold ?? before?.lowStockThreshold ?? 0
  if (!whole(lowStockThreshold, 0, MAX_STOCK))
    return fault(`${path}lowStockThreshold`, `The low-stock threshold is a whole number from 0 to ${MAX_STOCK}.`)
  const maxPerOrder = input.maxPerOrder ?? before?.maxPerOrder ?? MAX_QUANTITY
  if (!whole(maxPerOrder, 1, MAX_QUANTITY))
    return fault(`${path}maxPerOrder`, `The limit per order is a whole number from 1 to ${MAX_QUANTITY}.`)
  return ok({
    id: before?.id ?? null,
    ...named.value,
    sku,
    skuBase: skuOf(fullName(productName, named.value.name)),
    options,
    ...price.value,
    taxRateBp,
    taxIncluded: input.taxIncluded ?? before?.taxIncluded ?? true,
    trackStock: input.trackStock ?? before?.trackStock ?? true,
    stock,
    lowStockThreshold,
    maxPerOrder,
    aliases: aliases.value,
    path,
  })
}

function nameOf(input: string, { productName, before, path }: VariantPlace) {
  const full = fullName(productName, oneLine(input))
  const name = full === productName ? '' : full.slice(productName.length).trim()
  if (full !== before?.fullName) {
    const checked = checkName(full, `${path}name`)
    if (!checked.ok) return checked
  }
  return ok({ name, fullName: full })
}

function priceOf(input: MoneyInput | undefined, { currency, path, before }: VariantPlace) {
  if (input === undefined) {
    if (before === null) return fault(`${path}price`, 'Give it a price.')
    return ok({ priceMinor: before.priceMinor, currency: before.currency })
  }
  const price = parseMoney(input, currency)
  if (price.ok) return ok({ priceMinor: price.value, currency })
  const { code, message } = price.refusal
  return refuse(code, message, { errors: [{ path: `${path}price`, code, message }] })
}

function aliasesOf(input: readonly string[] | undefined, { before, path }: VariantPlace) {
  const aliases = input === undefined ? (before?.aliases ?? []) : [...new Set(input.map(oneLine))]
  if (aliases.length > MAX_ALIASES) return fault(`${path}aliases`, `A variant has at most ${MAX_ALIASES} aliases.`)
  for (const [index, alias] of aliases.entries()) {
    if (before?.aliases.includes(alias) === true) continue
    const checked = checkName(alias, `${path}aliases[${index}]`)
    if (!checked.ok) return checked
  }
  return ok(aliases)
}

/** Variants of one product must differ in options and in every name they are called by. */
export function distinct(variants: readonly VariantDraft[]): Checked<void> {
  const options = new Map<string, VariantDraft>()
  const keys = new Map<string, VariantDraft>()
  for (const variant of variants) {
    const entries = Object.entries(variant.options).map(([name, value]) => [normalName(name), normalName(value)])
    const option = JSON.stringify(entries.sort())
    const same = entries.length > 0 ? options.get(option) : undefined
    if (same !== undefined) {
      const message = `"${variant.fullName}" has the same options as "${same.fullName}".`
      const errors = [{ path: `${variant.path}options`, code: 'duplicate-options', message }]
      return refuse('duplicate-options', message, { errors })
    }
    options.set(option, variant)
    for (const key of searchKeys({ ...variant, sku: variant.sku ?? '' })) {
      const other = keys.get(key)
      if (other !== undefined) {
        const sku = variant.sku?.toLowerCase() === other.sku?.toLowerCase() ? variant.sku : null
        return sku === null ? nameTaken(variant, other.fullName, key) : skuTaken(variant, sku, other.fullName)
      }
      keys.set(key, variant)
    }
  }
  return ok(undefined)
}

/**
 * The refusal for a variant whose name, alias or SKU chat could not tell from another's.
 * @param other what it collides with, in words
 * @param key the form in which the two are the same
 */
export function nameTaken(
  variant: Pick<VariantDraft, 'fullName' | 'path' | 'sku' | 'aliases'>,
  other: string,
  key: string,
) {
  const { word, path } = wordOf(variant, key)
  const message = `Chat could not tell "${word}" from "${other}". Change the name, SKU or alias.`
  return refuse('name-taken', message, { errors: [{ path, code: 'name-taken', message }] })
}

/** @param other whose it is, in words */
export function skuTaken({ path }: Pick<VariantDraft, 'path'>, sku: string, other: string) {
  const message = `The SKU ${sku} is taken by "${other}". Choose another.`
  return refuse('sku-taken', message, { errors: [{ path: `${path}sku`, code: 'sku-taken', message }] })
}

/** Which of its names has this key. One that has none of its own is called by the product's. */
function wordOf({ fullName, sku, aliases, path }: Parameters<typeof nameTaken>[0], key: string) {
  if (nameKey(fullName) === key) return { word: fullName, path: `${path}name` }
  const alias = aliases.findIndex((each) => nameKey(each) === key)
  const found = aliases[alias]
  if (found !== undefined) return { word: found, path: `${path}aliases[${alias}]` }
  if (sku !== null && nameKey(sku) === key) return { word: sku, path: `${path}sku` }
  return { word: fullName, path: 'name' }
}

/** Percent to hundredths of a percent, read through its text; null when it is none. */
function readTaxRate(input: string | number): number | null {
  const match = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(String(input).trim())
  if (match === null) return null
  const bp = Number(`${match[1]}${(match[2] ?? '').padEnd(2, '0')}`)
  return bp <= 10_000 ? bp : null
}

function whole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}

/** A SKU made from a name: `Gaming Laptop` → `GAMING-LAPTOP`. */
export function skuOf(name: string): string {
  const ascii = normalName(name)
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '-')
  return (
    ascii
      .replace(/^-+|-+$/g, '')
      .slice(0, 40)
      .replace(/-+$/, '') || 'ITEM'
  )
}
