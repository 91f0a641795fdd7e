// A product as it is entered: checks it, names its variants, and makes what was left out. Whether a name or SKU is
// already taken is asked by persistence/catalogue.ts, under a lock.
import { parseCommand } from '../bot/command.ts'
import { MAX_QUANTITY } from '../bot/quantity.ts'
import { oneLine } from '../contact.ts'
import type { CategoryId } from '../ids.ts'
import { type Minor, type MoneyInput, parseMoney } from '../money.ts'
import { ok, type Result, refuse } from '../result.ts'
import { fullName, nameKey, normalName, searchKeys } from './search.ts'

export const PRODUCT_STATUSES = ['draft', 'active', 'archived'] as const
export type ProductStatus = (typeof PRODUCT_STATUSES)[number]

export const MAX_PRODUCT_NAME_CHARS = 120
export const MAX_SKU_CHARS = 64
export const MAX_VARIANTS = 100
export const MAX_STOCK = 1_000_000

export interface VariantInput {
  readonly name: string
  readonly sku?: string | undefined
  readonly options?: Readonly<Record<string, string>> | undefined
  readonly price: MoneyInput
  readonly stock?: number | undefined
  readonly lowStockThreshold?: number | undefined
  readonly aliases?: readonly string[] | undefined
}

/** Either the top-level `price` (with `sku`, `stock`, `aliases`, `lowStockThreshold`) or `variants`, never both. */
export interface ProductInput {
  readonly name: string
  readonly description?: string | undefined
  readonly categoryId?: CategoryId | null | undefined
  readonly status?: ProductStatus | undefined
  readonly price?: MoneyInput | undefined
  readonly sku?: string | undefined
  readonly stock?: number | undefined
  readonly lowStockThreshold?: number | undefined
  readonly aliases?: readonly string[] | undefined
  /** Percent, at most two decimals: `19`, `"7.5"`. Prices contain the tax. */
  readonly taxRate?: string | number | undefined
  readonly variants?: readonly VariantInput[] | undefined
}

export interface VariantDraft {
  /** The variant's own part of the name; empty for the single variant. */
  readonly name: string
  readonly fullName: string
  /** Null: make one from `skuBase`. */
  readonly sku: string | null
  readonly skuBase: string
  readonly options: Readonly<Record<string, string>>
  readonly priceMinor: Minor
  readonly stock: number
  readonly lowStockThreshold: number
  readonly aliases: readonly string[]
  /** Where the caller wrote it, for error paths: empty or `variants[0].`. */
  readonly path: string
}

export interface ProductDraft {
  readonly name: string
  readonly slugBase: string
  readonly description: string
  readonly categoryId: CategoryId | null
  readonly status: ProductStatus
  readonly taxRateBp: number
  readonly currency: string
  readonly variants: readonly VariantDraft[]
}

export type ProductCode = 'invalid-product' | 'invalid-money' | 'name-is-command' | 'name-taken' | 'duplicate-options'
type Checked<T> = Result<T, ProductCode>

/** Checks what was entered for a product and completes it. `currency` is the organisation's. */
export function draftProduct(input: ProductInput, currency: string): Checked<ProductDraft> {
  const name = oneLine(input.name)
  const named = checkName(name, 'name', input.variants === undefined)
  if (!named.ok) return named
  const taxRateBp = readTaxRate(input.taxRate ?? 0)
  if (taxRateBp === null) return fault('taxRate', 'Write the tax as percent between 0 and 100, like 19 or 7.5.')
  const variants = draftVariants(input, name, currency)
  if (!variants.ok) return variants
  const own = distinct(variants.value)
  if (!own.ok) return own
  return ok({
    name,
    slugBase: slugOf(name),
    description: (input.description ?? '').trim(),
    categoryId: input.categoryId ?? null,
    status: input.status ?? 'active',
    taxRateBp,
    currency,
    variants: variants.value,
  })
}

function draftVariants(input: ProductInput, productName: string, currency: string): Checked<readonly VariantDraft[]> {
  if (input.variants === undefined) {
    if (input.price === undefined) return fault('price', 'Give the product a price, or variants with prices.')
    const single = draftVariant({ ...input, name: '', price: input.price }, productName, currency, '')
    return single.ok ? ok([single.value]) : single
  }
  if ([input.price, input.sku, input.stock, input.aliases].some((field) => field !== undefined)) {
    return fault('variants', 'Give price, SKU, stock and aliases either on the product or on its variants, not both.')
  }
  if (input.variants.length === 0 || input.variants.length > MAX_VARIANTS) {
    return fault('variants', `A product has 1 to ${MAX_VARIANTS} variants.`)
  }
  const drafts: VariantDraft[] = []
  for (const [index, each] of input.variants.entries()) {
    const draft = draftVariant(each, productName, currency, `variants[${index}].`)
    if (!draft.ok) return draft
    drafts.push(draft.value)
  }
  return ok(drafts)
}

function draftVariant(input: VariantInput, productName: string, currency: string, path: string): Checked<VariantDraft> {
  const full = fullName(productName, oneLine(input.name))
  const own = full === productName ? '' : full.slice(productName.length).trim()
  if (path !== '') {
    const named = checkName(full, `${path}name`, true)
    if (!named.ok) return named
  }
  const price = parseMoney(input.price, currency)
  if (!price.ok) {
    const { code, message } = price.refusal
    return refuse(code, message, { errors: [{ path: `${path}price`, code, message }] })
  }
  const sku = input.sku === undefined ? null : oneLine(input.sku)
  if (sku !== null && (nameKey(sku) === '' || sku.length > MAX_SKU_CHARS)) {
    return fault(`${path}sku`, `A SKU has letters or digits and at most ${MAX_SKU_CHARS} characters.`)
  }
  const stock = input.stock ?? 0
  if (!Number.isInteger(stock) || stock < 0 || stock > MAX_STOCK) {
    return fault(`${path}stock`, `Stock is a whole number from 0 to ${MAX_STOCK}.`)
  }
  const lowStockThreshold = input.lowStockThreshold ?? 0
  if (!Number.isInteger(lowStockThreshold) || lowStockThreshold < 0 || lowStockThreshold > MAX_STOCK) {
    return fault(`${path}lowStockThreshold`, `The low-stock threshold is a whole number from 0 to ${MAX_STOCK}.`)
  }
  const aliases = (input.aliases ?? []).map(oneLine)
  for (const [index, alias] of aliases.entries()) {
    const named = checkName(alias, `${path}aliases[${index}]`, true)
    if (!named.ok) return named
  }
  const options = input.options ?? {}
  const skuBase = skuOf(full)
  return ok({
    name: own,
    fullName: full,
    sku,
    skuBase,
    options,
    priceMinor: price.value,
    stock,
    lowStockThreshold,
    aliases,
    path,
  })
}

/** Words the bot listens to, or will: a product of that name could not be told from them. */
const RESERVED = new Set(
  'yes no ok cancel stop start agent human more next back menu language unsubscribe thanks thank you'.split(' '),
)

/** Chat must be able to say the name, and must not take it for a command. */
function checkName(name: string, path: string, orderable: boolean): Checked<void> {
  if (name === '' || name.length > MAX_PRODUCT_NAME_CHARS) {
    return fault(path, `A name has 1 to ${MAX_PRODUCT_NAME_CHARS} characters.`)
  }
  const key = nameKey(name)
  if (key === '') return fault(path, 'A name needs a letter or a digit, so that customers can type it.')
  if (RESERVED.has(key) || /^\d{1,3}$/.test(key) || parseCommand(name).kind !== 'unknown') {
    const message = `"${name}" is something customers say to the bot. Choose another name.`
    return refuse('name-is-command', message, { errors: [{ path, code: 'name-is-command', message }] })
  }
  if (orderable && !sayable(name, key)) {
    return fault(
      path,
      `Customers could not order "${name}" by chat: it reads like several items. Leave out ; and "x 2".`,
    )
  }
  return ok(undefined)
}

/** True when `ORDER name:qty` reads back as one item of this name. */
function sayable(name: string, key: string): boolean {
  const command = parseCommand(`ORDER ${name}:${MAX_QUANTITY}`)
  if (command.kind !== 'order' || command.items.length !== 1) return false
  const readings = command.items[0]?.readings ?? []
  return readings.some((each) => each.nameKey === key && each.quantity.ok && each.quantity.count === MAX_QUANTITY)
}

/** Variants of one product must differ in options and in every name they are called by. */
function distinct(variants: readonly VariantDraft[]): Checked<void> {
  const options = new Set<string>()
  const keys = new Set<string>()
  for (const variant of variants) {
    const entries = Object.entries(variant.options).map(([name, value]) => [normalName(name), normalName(value)])
    const option = JSON.stringify(entries.sort())
    if (entries.length > 0 && options.has(option)) {
      const message = `"${variant.fullName}" has the same options as another variant.`
      const errors = [{ path: `${variant.path}options`, code: 'duplicate-options', message }]
      return refuse('duplicate-options', message, { errors })
    }
    options.add(option)
    for (const key of searchKeys({ ...variant, sku: variant.sku ?? '' })) {
      if (keys.has(key)) return nameTaken(variant)
      keys.add(key)
    }
  }
  return ok(undefined)
}

/** The refusal for a variant whose name, alias or SKU chat could not tell from another's. */
export function nameTaken(variant: Pick<VariantDraft, 'fullName' | 'path'>) {
  const message = `Chat could not tell "${variant.fullName}" from another product. Change its name, SKU or aliases.`
  return refuse('name-taken', message, { errors: [{ path: `${variant.path}name`, code: 'name-taken', message }] })
}

function fault(path: string, message: string) {
  return refuse('invalid-product', message, { errors: [{ path, code: 'invalid', message }] })
}

/** Percent to hundredths of a percent, read through its text; null when it is none. */
function readTaxRate(input: string | number): number | null {
  const match = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(String(input).trim())
  if (match === null) return null
  const bp = Number(`${match[1]}${(match[2] ?? '').padEnd(2, '0')}`)
  return bp <= 10_000 ? bp : null
}

/** `Café Grinder` → `cafe-grinder`; `item` when nothing is left. Letters of other scripts stay. */
export function slugOf(name: string): string {
  return normalName(name).replaceAll(' ', '-').slice(0, 80).replace(/-+$/, '') || 'item'
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
