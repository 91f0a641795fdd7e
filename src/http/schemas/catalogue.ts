// Shapes of products and categories. The rules of names, prices and options are the domain's; here are types and sizes.

import { z } from 'zod'
import { MAX_QUANTITY } from '../../domain/bot/quantity.ts'
import { MAX_CATEGORY_NAME_CHARS } from '../../domain/catalogue/category.ts'
import { MAX_ALIASES, MAX_PRODUCT_NAME_CHARS, MAX_SKU_CHARS } from '../../domain/catalogue/names.ts'
import { MAX_STOCK, MAX_VARIANTS, PRODUCT_STATUSES } from '../../domain/catalogue/product.ts'
import { AVAILABILITIES } from '../../domain/stock/level.ts'
import { PRODUCT_SORTS } from '../../persistence/catalogue-views.ts'
import { changes, flag, id, isoTime, money, moneyInput, pageQuery } from './common.ts'
import { imageShape } from './images.ts'

export const productsQuery = z.strictObject({
  ...pageQuery,
  q: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Part of a name, an alias or a SKU; case, accents and spaces do not count.' }),
  categoryId: id.optional().meta({ description: 'Products of this category and of those below it.' }),
  inStock: flag.optional(),
  status: z.enum(PRODUCT_STATUSES).optional().meta({ description: 'Other than `active` for staff only.' }),
  minPrice: z.string().max(40).optional(),
  maxPrice: z.string().max(40).optional(),
  sort: z.enum(PRODUCT_SORTS).default('name'),
  count: flag.optional().meta({ description: '`true`: `page.total` says how many there are on all pages.' }),
})

const availability = z.enum(AVAILABILITIES)
const stock = z.object({ onHand: z.number().int(), reserved: z.number().int(), available: z.number().int() })

const variantView = z
  .object({
    id,
    sku: z.string(),
    name: z.string(),
    options: z.record(z.string(), z.string()),
    price: money,
    availability,
    stock: stock.optional().meta({ description: 'For staff only, like all that follows.' }),
    aliases: z.array(z.string()).optional(),
    taxRate: z.number().optional().meta({ description: 'Percent.' }),
    taxIncluded: z.boolean().optional(),
    trackStock: z.boolean().optional(),
    lowStockThreshold: z.number().int().optional(),
    maxPerOrder: z.number().int().optional(),
    version: z.number().int().optional().meta({ description: 'For `If-Match` of PATCH and DELETE /api/variants/:id.' }),
  })
  .meta({ id: 'Variant' })

export const productView = z
  .object({
    id,
    name: z.string(),
    slug: z.string(),
    description: z.string(),
    category: z.object({ id, name: z.string() }).nullable(),
    status: z.enum(PRODUCT_STATUSES),
    price: money,
    priceTo: money.optional().meta({ description: 'The highest price, when variants differ.' }),
    availability,
    sku: z.string().nullable().meta({ description: 'Of a product without variants.' }),
    stock: stock.optional().meta({ description: 'For staff, of a product without variants.' }),
    images: z.array(imageShape),
    variants: z.array(variantView),
    version: z.number().int(),
  })
  .meta({ id: 'Product' })

const sku = z.string().trim().min(1).max(MAX_SKU_CHARS)
const quantity = z.number().int().min(0).max(MAX_STOCK)
const aliases = z.array(z.string().max(MAX_PRODUCT_NAME_CHARS)).max(MAX_ALIASES)
const name = z.string().max(MAX_PRODUCT_NAME_CHARS * 2)
const options = z.record(z.string().max(40), z.string().max(80))

/** What may be said of a variant beside its name and price, when it is made and later. */
const terms = {
  sku: sku.optional(),
  aliases: aliases.optional().meta({ description: 'Other names by which customers order it.' }),
  taxRate: z
    .union([z.string().max(10), z.number()])
    .optional()
    .meta({ description: 'Percent, at most two decimals.' }),
  taxIncluded: z
    .boolean()
    .optional()
    .meta({ description: 'The price contains the tax; it does when nothing is said.' }),
  trackStock: z.boolean().optional().meta({ description: '`false`: there is always some.' }),
  lowStockThreshold: quantity.optional(),
  maxPerOrder: z.number().int().min(1).max(MAX_QUANTITY).optional(),
}

export const variantBody = z.strictObject({
  name,
  options: options.optional(),
  price: moneyInput,
  stock: quantity.optional(),
  ...terms,
})
export const variantPatch = changes({ name, options, price: moneyInput, ...terms })
export const variantAnswer = z.object({ variant: variantView, product: productView })

const about = {
  description: z.string().max(10_000).optional(),
  categoryId: id.nullable().optional(),
  status: z.enum(PRODUCT_STATUSES).optional(),
}
export const productBody = z.strictObject({
  name,
  ...about,
  price: moneyInput.optional(),
  stock: quantity.optional(),
  ...terms,
  variants: z.array(variantBody).max(MAX_VARIANTS).optional().meta({
    description: 'In place of price, sku, stock and aliases of the product itself; its other terms are theirs.',
  }),
})
export const productPatch = changes({ name, ...about, price: moneyInput, ...terms })
export const productAnswer = z.object({ product: productView })

export const pricesQuery = z.strictObject({ ...pageQuery, variantId: id.optional() })
export const priceView = z
  .object({
    variantId: id,
    sku: z.string(),
    price: money,
    validFrom: isoTime,
    changedBy: z.object({ id, name: z.string() }).nullable(),
  })
  .meta({ id: 'Price' })

export const categoriesQuery = z.strictObject({ tree: flag.optional() })

const categoryFields = {
  id,
  name: z.string(),
  slug: z.string(),
  parentId: id.nullable(),
  position: z.number().int(),
  productCount: z.number().int().meta({ description: 'Active products in it and in the categories below it.' }),
  version: z.number().int(),
}
const categoryView = z.object(categoryFields).meta({ id: 'Category' })

interface Node {
  id: string
  name: string
  slug: string
  parentId: string | null
  position: number
  productCount: number
  version: number
  children?: Node[] | undefined
}
/** A category with those below it, when the tree was asked for. */
export const categoryNode: z.ZodType<Node, Node> = z
  .object({
    ...categoryFields,
    get children() {
      return z.array(categoryNode).optional()
    },
  })
  .meta({ id: 'CategoryNode' })

export const categoryBody = z.strictObject({
  name: z.string().max(MAX_CATEGORY_NAME_CHARS * 2),
  slug: z.string().trim().min(1).max(MAX_CATEGORY_NAME_CHARS).optional(),
  parentId: id.nullable().optional(),
  position: z.number().int().min(0).max(1_000_000).optional(),
})
export const categoryPatch = changes({
  name: z.string().max(MAX_CATEGORY_NAME_CHARS * 2),
  slug: z.string().trim().min(1).max(MAX_CATEGORY_NAME_CHARS),
  parentId: id.nullable().meta({ description: '`null`: to the top.' }),
  position: z.number().int().min(0).max(1_000_000),
})
export const categoryDeletion = z.strictObject({
  moveTo: z
    .union([id, z.literal('none')])
    .optional()
    .meta({ description: 'Where its products and categories go: a category, or `none` for no category and the top.' }),
})
export const categoryAnswer = z.object({ category: categoryView })
