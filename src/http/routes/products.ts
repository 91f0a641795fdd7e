// /api/products: the list is public (active products, a word for what is left); staff see numbers and make products.

import type { FastifyRequest } from 'fastify'
import { asId, type CategoryId, type ProductId } from '../../domain/ids.ts'
import { type Minor, parseMoney } from '../../domain/money.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { createProduct } from '../../persistence/catalogue.ts'
import { findProduct, listProducts, type ProductView } from '../../persistence/catalogue-views.ts'
import type { Api } from '../api.ts'
import type { Cursors } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { imageView } from '../image-view.ts'
import { readPage, writePage } from '../pages.ts'
import { callerOf } from '../plugins/auth.ts'
import { productAnswer, productBody, productsQuery, productView } from '../schemas/catalogue.ts'
import { idParams, listOf } from '../schemas/common.ts'
import { moneyView } from '../views.ts'

export function productRoutes(api: Api, deps: AppDeps, cursors: Cursors): void {
  const { organization: org } = deps

  api.get(
    '/api/products',
    {
      config: { access: 'optional', refusals: ['invalid-cursor'] },
      schema: {
        tags: ['Catalogue'],
        summary: 'Products',
        description: 'Public. Numbers of stock, and products that are not active, are for staff.',
        querystring: productsQuery,
        response: { 200: listOf(productView) },
      },
    },
    async (request, reply) => {
      const { q, categoryId, inStock, status, minPrice, maxPrice, sort, ...query } = request.query
      const list = `products:${sort}`
      const page = readPage(cursors, list, query)
      if (!page.ok) return reply.refuse(page.refusal)
      const low = price('minPrice', minPrice)
      if (!low.ok) return reply.refuse(low.refusal)
      const high = price('maxPrice', maxPrice)
      if (!high.ok) return reply.refuse(high.refusal)
      const filter = {
        q,
        categoryId: categoryId === undefined ? undefined : asId<CategoryId>(categoryId),
        inStock,
        status,
        minPriceMinor: low.value,
        maxPriceMinor: high.value,
        sort,
      }
      const found = await listProducts(deps.db, org.id, filter, page.value, { staff: isStaff(request) })
      return writePage(cursors, list, page.value, found, (row) => product(row, org.locale))
    },
  )

  api.get(
    '/api/products/:id',
    {
      config: { access: 'optional' },
      schema: { tags: ['Catalogue'], summary: 'One product', params: idParams, response: { 200: productAnswer } },
    },
    async (request, reply) => {
      const found = await findProduct(deps.db, org.id, asId<ProductId>(request.params.id), { staff: isStaff(request) })
      if (found === null) return reply.refuse({ code: 'not-found', message: 'There is no such product.' })
      return { product: product(found, org.locale) }
    },
  )

  api.post(
    '/api/products',
    {
      config: {
        access: 'products:write',
        idempotent: true,
        refusals: [
          'invalid-product',
          'invalid-money',
          'name-is-command',
          'name-taken',
          'duplicate-options',
          'sku-taken',
          'category-not-found',
        ],
      },
      schema: {
        tags: ['Catalogue'],
        summary: 'Make a product',
        description:
          'Either price, sku, stock and aliases of the product itself, or `variants`. Chat must be able to tell its name from every other.',
        body: productBody,
        response: { 201: productAnswer },
      },
    },
    async (request, reply) => {
      const { categoryId, ...input } = request.body
      const made = await createProduct(
        deps.db,
        org,
        {
          ...input,
          categoryId: categoryId === undefined || categoryId === null ? categoryId : asId<CategoryId>(categoryId),
        },
        callerOf(request).id,
        deps.newId,
      )
      if (!made.ok) return reply.refuse(made.refusal)
      return reply
        .code(201)
        .header('location', `/api/products/${made.value.id}`)
        .send({ product: product(made.value, org.locale) })
    },
  )

  function price(name: string, text: string | undefined): Result<Minor | undefined, 'invalid-parameter'> {
    if (text === undefined) return ok(undefined)
    const parsed = parseMoney(text, org.currency)
    if (parsed.ok) return parsed
    const { code, message } = parsed.refusal
    return refuse('invalid-parameter', `${name}: ${message}`, { errors: [{ path: name, code, message }] })
  }
}

function isStaff({ caller }: FastifyRequest): boolean {
  return caller !== null && caller.role !== 'customer'
}

function product(row: ProductView, locale: string) {
  const { id, name, slug, description, category, status, availability, sku, stock, version, currency } = row
  return {
    id,
    name,
    slug,
    description,
    category,
    status,
    price: moneyView(row.priceMinor, currency, locale),
    ...(row.priceToMinor === null ? {} : { priceTo: moneyView(row.priceToMinor, currency, locale) }),
    availability,
    sku,
    ...(stock === null ? {} : { stock }),
    images: row.images.map((each) => imageView(id, each)),
    variants: row.variants.map((variant) => ({
      id: variant.id,
      sku: variant.sku,
      name: variant.name,
      options: { ...variant.options },
      price: moneyView(variant.priceMinor, variant.currency, locale),
      availability: variant.availability,
      ...(variant.stock === null ? {} : { stock: variant.stock }),
    })),
    version,
  }
}
