// Shapes of products and categories. The rules of names, prices and options are the domain's; here are types and sizes.

import { z } from 'zod'
import { MAX_CATEGORY_NAME_CHARS } from '../../domain/catalogue/category.ts'
import {
  MAX_PRODUCT_NAME_CHARS,
  MAX_SKU_CHARS,
  MAX_STOCK,
  MAX_VARIANTS,
  PRODUCT_STATUSES,
} from '../../domain/catalogue/product.ts'
import { AVAILABILITIES } from '../../domain/stock/level.ts'
import { PRODUCT_SORTS } from '../../persistence/catalogue-views.ts'
import { flag, id, money, moneyInput, pageQuery } from './common.ts'
import { imageShape } from './images.ts'

export const productsQuery = z.strictObject({
  ...pageQuery,
  q: z.string().trim().min(1).max(100).optional(),
  categoryId: id.optional().meta({ description: 'Products of this category and of those below it.' }),
  inStock: flag.optional(),
  status: z.enum(PRODUCT_STATUSES).optional().meta({ description: 'Other than `active` for staff only.' }),
  minPrice: z.string().max(40).optional(),
  maxPrice: z.string().max(40).optional(),
  sort: z.enum(PRODUCT_SORTS).default('name'),
})

const availability = z.enum(AVAILABILITIES)
const stock = z.object({ onHand: z.number().int(), reserved: z.number().int(), available: z.number().int() })

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
    variants: z.array(
      z.object({
        id,
        sku: z.string(),
        name: z.string(),
        options: z.record(z.string(), z.string()),
        price: money,
        availability,
        stock: stock.optional().meta({ description: 'For staff only.' }),
      }),
    ),
    version: z.number().int(),
  })
  .meta({ id: 'Product' })

const sku = z.string().trim().min(1).max(MAX_SKU_CHARS)
const quantity = z.number().int().min(0).max(MAX_STOCK)
const aliases = z.array(z.string().max(MAX_PRODUCT_NAME_CHARS)).max(50)

export const productBody = z.strictObject({
  name: z.string().max(MAX_PRODUCT_NAME_CHARS * 2),
  description: z.string().max(10_000).optional(),
  categoryId: id.nullable().optional(),
  status: z.enum(PRODUCT_STATUSES).optional(),
  price: moneyInput.optional(),
  sku: sku.optional(),
  stock: quantity.optional(),
  lowStockThreshold: quantity.optional(),
  aliases: aliases.optional(),
  taxRate: z
    .union([z.string().max(10), z.number()])
    .optional()
    .meta({ description: 'Percent, contained in the price.' }),
  variants: z
    .array(
      z.strictObject({
        name: z.string().max(MAX_PRODUCT_NAME_CHARS * 2),
        sku: sku.optional(),
        options: z.record(z.string().max(40), z.string().max(80)).optional(),
        price: moneyInput,
        stock: quantity.optional(),
        lowStockThreshold: quantity.optional(),
        aliases: aliases.optional(),
      }),
    )
    .max(MAX_VARIANTS)
    .optional()
    .meta({ description: 'In place of price, sku, stock and aliases of the product itself.' }),
})
export const productAnswer = z.object({ product: productView })

export const categoriesQuery = z.strictObject({ tree: flag.optional() })

const categoryFields = {
  id,
  name: z.string(),
  slug: z.string(),
  parentId: id.nullable(),
  position: z.number().int(),
  productCount: z.number().int(),
}
export const categoryView = z.object(categoryFields).meta({ id: 'Category' })

interface Node {
  id: string
  name: string
  slug: string
  parentId: string | null
  position: number
  productCount: number
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
export const categoryAnswer = z.object({ category: categoryView })
