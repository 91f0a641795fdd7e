// /api/products: the list is public (active products, a word for what is left); staff see numbers, make products, change them and take
// them away. Their variants are variants.ts, their pictures product-images.ts.

import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { can } from '../../domain/access.ts'
import { asId, type CategoryId, type ProductId, type VariantId } from '../../domain/ids.ts'
import { type Minor, parseMoney } from '../../domain/money.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { createProduct, updateProduct } from '../../persistence/catalogue.ts'
import { removeProduct } from '../../persistence/catalogue-removal.ts'
import { countProducts, findProduct, listProducts } from '../../persistence/catalogue-views.ts'
import { listPrices } from '../../persistence/price-history.ts'
import { type Api, asItIs } from '../api.ts'
import type { Cursors } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { etag, ifMatch } from '../if-match.ts'
import { readPage, writePage } from '../pages.ts'
import { callerOf } from '../plugins/auth.ts'
import { categoryIn, productOut } from '../product-view.ts'
import {
  pricesQuery,
  priceView,
  productAnswer,
  productBody,
  productPatch,
  productsQuery,
  productView,
} from '../schemas/catalogue.ts'
import { idParams, listOf } from '../schemas/common.ts'
import { iso, moneyView } from '../views.ts'

const ABSENT = { code: 'not-found', message: 'There is no such product.' } as const
/** With what a product, or a variant, is refused for what it says. */
export const PRODUCT_REFUSALS = [
  'invalid-product',
  'invalid-money',
  'name-is-command',
  'name-taken',
  'duplicate-options',
  'sku-taken',
] as const

export function productRoutes(api: Api, deps: AppDeps, cursors: Cursors): void {
  const { organization: org } = deps

  api.get(
    '/api/products',
    {
      config: { access: 'optional', refusals: ['invalid-cursor'] },
      serializerCompiler: asItIs,
      schema: {
        tags: ['Catalogue'],
        summary: 'Products',
        description: 'Public. Numbers of stock, and products that are not active, are for staff.',
        querystring: productsQuery,
        response: { 200: listOf(productView) },
      },
    },
    async (request, reply) => {
      const { q, categoryId, inStock, status, minPrice, maxPrice, sort, count, ...query } = request.query
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
      const viewer = { staff: isStaff(request) }
      const found = await listProducts(deps.db, org.id, filter, page.value, viewer)
      const answer = writePage(cursors, list, page.value, found, (row) => productOut(row, org.locale))
      if (count !== true) return answer
      const total = await countProducts(deps.db, org.id, filter, viewer)
      return { ...answer, page: { ...answer.page, total } }
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
      if (found === null) return reply.refuse(ABSENT)
      etag(reply, found.version)
      return { product: productOut(found, org.locale) }
    },
  )

  api.post(
    '/api/products',
    {
      config: { access: 'products:write', idempotent: true, refusals: [...PRODUCT_REFUSALS, 'category-not-found'] },
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
      const product = { ...input, categoryId: categoryIn(categoryId) }
      const made = await createProduct(deps.db, org, product, callerOf(request).id, deps.newId)
      if (!made.ok) return reply.refuse(made.refusal)
      etag(reply, made.value.version)
      return reply
        .code(201)
        .header('location', `/api/products/${made.value.id}`)
        .send({ product: productOut(made.value, org.locale) })
    },
  )

  api.patch(
    '/api/products/:id',
    {
      config: {
        access: 'products:write',
        refusals: [...PRODUCT_REFUSALS, 'category-not-found', 'stale-version', 'invalid-parameter'],
      },
      schema: {
        tags: ['Catalogue'],
        summary: 'Change a product',
        description:
          'What is not given stays. Price, SKU and the like are for a product with one variant; of others each variant is changed by itself. ' +
          'A draft that becomes active takes its names: they must be free. Archiving is for managers.',
        params: idParams,
        body: productPatch,
        response: { 200: productAnswer },
      },
    },
    async (request, reply) => {
      const expected = ifMatch(request)
      if (!expected.ok) return reply.refuse(expected.refusal)
      const { categoryId, ...input } = request.body
      const caller = callerOf(request)
      if (input.status === 'archived' && !can(caller, 'products:archive'))
        return reply.refuse({ code: 'forbidden', message: `Your role (${caller.role}) may not archive products.` })
      const change = { ...input, categoryId: categoryIn(categoryId) }
      const id = asId<ProductId>(request.params.id)
      const changed = await updateProduct(deps.db, org, id, change, expected.value, caller.id, deps.newId)
      if (!changed.ok) return reply.refuse(changed.refusal)
      etag(reply, changed.value.version)
      return { product: productOut(changed.value, org.locale) }
    },
  )

  api.delete(
    '/api/products/:id',
    {
      config: { access: 'products:archive', refusals: ['stale-version', 'invalid-parameter'] },
      schema: {
        tags: ['Catalogue'],
        summary: 'Delete or archive a product',
        description: 'Deletes it with its variants; when orders refer to it, it is archived instead and answered.',
        params: idParams,
        response: { 200: productAnswer, 204: z.undefined().meta({ description: 'It is deleted.' }) },
      },
    },
    async (request, reply) => {
      const expected = ifMatch(request)
      if (!expected.ok) return reply.refuse(expected.refusal)
      const id = asId<ProductId>(request.params.id)
      const removed = await removeProduct(deps.db, org.id, id, expected.value, callerOf(request).id, deps.newId)
      if (!removed.ok) return reply.refuse(removed.refusal)
      if (removed.value === null) return reply.code(204).send()
      etag(reply, removed.value.version)
      return { product: productOut(removed.value, org.locale) }
    },
  )

  api.get(
    '/api/products/:id/price-history',
    {
      config: { access: 'stock:read', refusals: ['invalid-cursor'] },
      schema: {
        tags: ['Catalogue'],
        summary: 'What a product has cost',
        description: 'Each price of each of its variants, the latest first.',
        params: idParams,
        querystring: pricesQuery,
        response: { 200: listOf(priceView) },
      },
    },
    async (request, reply) => {
      const id = asId<ProductId>(request.params.id)
      const { variantId, ...query } = request.query
      const list = `prices:${id}`
      const page = readPage(cursors, list, query)
      if (!page.ok) return reply.refuse(page.refusal)
      if ((await findProduct(deps.db, org.id, id, { staff: true })) === null) return reply.refuse(ABSENT)
      const variant = variantId === undefined ? undefined : asId<VariantId>(variantId)
      const found = await listPrices(deps.db, org.id, id, variant, page.value)
      return writePage(cursors, list, page.value, found, ({ priceMinor, currency, validFrom, ...row }) => ({
        ...row,
        price: moneyView(priceMinor, currency, org.locale),
        validFrom: iso(validFrom),
      }))
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
