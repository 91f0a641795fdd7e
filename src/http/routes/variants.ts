// Variants of products: staff add them, change their price and terms, and take away those that nobody has ordered. Each has a version of its
// own; the product's goes up with it.

import { z } from 'zod'
import { asId, type ProductId, type VariantId } from '../../domain/ids.ts'
import { createVariant, updateVariant } from '../../persistence/catalogue.ts'
import { removeVariant } from '../../persistence/catalogue-removal.ts'
import type { ProductView, VariantView } from '../../persistence/catalogue-views.ts'
import type { Api } from '../api.ts'
import type { AppDeps } from '../deps.ts'
import { etag, ifMatch } from '../if-match.ts'
import { callerOf } from '../plugins/auth.ts'
import { productOut, variantOut } from '../product-view.ts'
import { variantAnswer, variantBody, variantPatch } from '../schemas/catalogue.ts'
import { idParams } from '../schemas/common.ts'
import { PRODUCT_REFUSALS } from './products.ts'

export function variantRoutes(api: Api, deps: AppDeps): void {
  const { organization: org } = deps

  api.post(
    '/api/products/:id/variants',
    {
      config: {
        access: 'products:write',
        idempotent: true,
        refusals: [...PRODUCT_REFUSALS, 'stale-version', 'invalid-parameter'],
      },
      schema: {
        tags: ['Catalogue'],
        summary: 'Add a variant',
        description: 'Its full name is the product’s and its own. `If-Match` takes the version of the product.',
        params: idParams,
        body: variantBody,
        response: { 201: variantAnswer },
      },
    },
    async (request, reply) => {
      const expected = ifMatch(request)
      if (!expected.ok) return reply.refuse(expected.refusal)
      const id = asId<ProductId>(request.params.id)
      const actor = callerOf(request).id
      const made = await createVariant(deps.db, org, id, request.body, expected.value, actor, deps.newId)
      if (!made.ok) return reply.refuse(made.refusal)
      const variant = only(made.value.variants.at(-1))
      etag(reply, variant.terms?.version ?? 0)
      return reply.code(201).header('location', `/api/products/${id}`).send(answer(made.value, variant))
    },
  )

  api.patch(
    '/api/variants/:id',
    {
      config: {
        access: 'products:write',
        refusals: [...PRODUCT_REFUSALS, 'stale-version', 'invalid-parameter'],
      },
      schema: {
        tags: ['Catalogue'],
        summary: 'Change a variant',
        description:
          'What is not given stays; a new price is noted in the price history. Orders keep what they were placed with. `If-Match` takes the version of the variant.',
        params: idParams,
        body: variantPatch,
        response: { 200: variantAnswer },
      },
    },
    async (request, reply) => {
      const expected = ifMatch(request)
      if (!expected.ok) return reply.refuse(expected.refusal)
      const id = asId<VariantId>(request.params.id)
      const actor = callerOf(request).id
      const changed = await updateVariant(deps.db, org, id, request.body, expected.value, actor, deps.newId)
      if (!changed.ok) return reply.refuse(changed.refusal)
      const variant = only(changed.value.variants.find((each) => each.id === id))
      etag(reply, variant.terms?.version ?? 0)
      return answer(changed.value, variant)
    },
  )

  api.delete(
    '/api/variants/:id',
    {
      config: {
        access: 'products:archive',
        refusals: ['variant-in-use', 'last-variant', 'stale-version', 'invalid-parameter'],
      },
      schema: {
        tags: ['Catalogue'],
        summary: 'Remove a variant',
        description: 'One that no order refers to, and that is not the only one of its product.',
        params: idParams,
        response: { 204: z.undefined().meta({ description: 'It is gone.' }) },
      },
    },
    async (request, reply) => {
      const expected = ifMatch(request)
      if (!expected.ok) return reply.refuse(expected.refusal)
      const id = asId<VariantId>(request.params.id)
      const removed = await removeVariant(deps.db, org.id, id, expected.value, callerOf(request).id, deps.newId)
      return removed.ok ? reply.code(204).send() : reply.refuse(removed.refusal)
    },
  )

  function answer(product: ProductView, variant: VariantView) {
    return { variant: variantOut(variant, org.locale), product: productOut(product, org.locale) }
  }
}

function only(variant: VariantView | undefined): VariantView {
  if (variant === undefined) throw new Error('the variant just written is not there')
  return variant
}
