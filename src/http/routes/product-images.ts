// /api/products/:id/images: pictures are added, put in order and removed by staff, and shown to whoever may see the product. What is kept of
// a picture is decided by pictures.ts.

import { z } from 'zod'
import { asId, type ProductId } from '../../domain/ids.ts'
import { addImage, changeImage, type ImageChange, readImage, removeImage } from '../../persistence/product-images.ts'
import type { User } from '../../persistence/users.ts'
import type { Api } from '../api.ts'
import type { AppDeps } from '../deps.ts'
import { etag, ifMatch } from '../if-match.ts'
import { imageView } from '../image-view.ts'
import { makePictures } from '../pictures.ts'
import { callerOf } from '../plugins/auth.ts'
import { fileOf } from '../plugins/uploads.ts'
import { idParams } from '../schemas/common.ts'
import { imageAnswer, imageForm, imageParams, imagePatch, imageQuery } from '../schemas/images.ts'

const DAY_S = 86_400
const ABSENT = { code: 'not-found', message: 'There is no such picture.' } as const
const BYTES = z.unknown().meta({ type: 'string', format: 'binary' })

export function productImageRoutes(api: Api, deps: AppDeps): void {
  const { organization: org } = deps
  const change = (caller: User, productId: string, expectedVersion: number | null): ImageChange => ({
    orgId: org.id,
    productId: asId<ProductId>(productId),
    expectedVersion,
    actor: caller.id,
  })

  api.get(
    '/api/products/:id/images/:imageId',
    {
      config: { access: 'optional' },
      schema: {
        tags: ['Catalogue'],
        summary: 'A picture of a product',
        description:
          'Public for active products. A picture never changes under its address, so it may be kept for ever.',
        params: imageParams,
        querystring: imageQuery,
        response: {
          200: { description: 'The picture.', content: { 'image/jpeg': { schema: BYTES } } },
          304: z.undefined().meta({ description: 'It is the one of `If-None-Match`.' }),
        },
      },
    },
    async (request, reply) => {
      const { id, imageId } = request.params
      const { size } = request.query
      const staff = request.caller !== null && request.caller.role !== 'customer'
      const found = await readImage(deps.db, org.id, { productId: asId<ProductId>(id), imageId, size }, { staff })
      if (found === null) return reply.refuse(ABSENT)
      const tag = `"${found.hash.slice(0, 32)}-${size}"`
      reply
        .header('etag', tag)
        .header('cache-control', found.isPublic ? `public, max-age=${365 * DAY_S}, immutable` : 'private, no-cache')
        .header('x-content-type-options', 'nosniff')
        .header('content-security-policy', "sandbox; default-src 'none'")
        // Pages of other origins may show it: it is a shop's picture.
        .header('cross-origin-resource-policy', 'cross-origin')
      if (isKnown(request.headers['if-none-match'], tag)) return reply.code(304).send()
      return reply.header('content-type', found.mime).send(found.bytes)
    },
  )

  api.patch(
    '/api/products/:id/images/:imageId',
    {
      config: { access: 'products:write', refusals: ['stale-version'] },
      schema: {
        tags: ['Catalogue'],
        summary: 'Describe a picture, or put it elsewhere',
        description: '`If-Match` takes the version of the product.',
        params: imageParams,
        body: imagePatch,
        response: { 200: imageAnswer },
      },
    },
    async (request, reply) => {
      const expected = ifMatch(request)
      if (!expected.ok) return reply.refuse(expected.refusal)
      const { id, imageId } = request.params
      const by = change(callerOf(request), id, expected.value)
      const done = await changeImage(deps.db, by, imageId, request.body, deps.newId)
      if (!done.ok) return reply.refuse(done.refusal)
      etag(reply, done.value.version)
      return { image: imageView(id, done.value.image) }
    },
  )

  api.delete(
    '/api/products/:id/images/:imageId',
    {
      config: { access: 'products:write', refusals: ['stale-version'] },
      schema: {
        tags: ['Catalogue'],
        summary: 'Remove a picture',
        description: '`If-Match` takes the version of the product.',
        params: imageParams,
        response: { 204: z.undefined().meta({ description: 'Removed.' }) },
      },
    },
    async (request, reply) => {
      const expected = ifMatch(request)
      if (!expected.ok) return reply.refuse(expected.refusal)
      const { id, imageId } = request.params
      const done = await removeImage(deps.db, change(callerOf(request), id, expected.value), imageId, deps.newId)
      if (!done.ok) return reply.refuse(done.refusal)
      etag(reply, done.value)
      return reply.code(204).send()
    },
  )
}

/** The route that takes a file; registered where such bodies are read (plugins/uploads.ts). */
export function imageUploadRoutes(api: Api, deps: AppDeps): void {
  const pictures = makePictures(deps.policy.files)

  api.post(
    '/api/products/:id/images',
    {
      config: {
        access: 'products:write',
        idempotent: true,
        upload: { names: ['image', 'file'] },
        refusals: ['unsupported-image', 'invalid-image', 'too-many-images', 'stale-version', 'malformed-request'],
      },
      schema: {
        tags: ['Catalogue'],
        summary: 'Add a picture to a product',
        description:
          'A form with one file. It is decoded and encoded anew as JPEG, upright, without place and camera; at most 8 a product. `If-Match` takes the version of the product.',
        consumes: ['multipart/form-data'],
        params: idParams,
        body: imageForm,
        response: { 201: imageAnswer },
      },
    },
    async (request, reply) => {
      const expected = ifMatch(request)
      if (!expected.ok) return reply.refuse(expected.refusal)
      const picture = await pictures.make(fileOf(request), 'image')
      if (!picture.ok) return reply.refuse(picture.refusal)
      const by: ImageChange = {
        orgId: deps.organization.id,
        productId: asId<ProductId>(request.params.id),
        expectedVersion: expected.value,
        actor: callerOf(request).id,
      }
      const made = { alt: request.body.alt ?? '', picture: picture.value }
      const added = await addImage(deps.db, by, made, deps.newId)
      if (!added.ok) return reply.refuse(added.refusal)
      const image = imageView(request.params.id, added.value.image)
      etag(reply, added.value.version)
      return reply.code(201).header('location', image.url).send({ image })
    },
  )
}

function isKnown(header: string | undefined, tag: string): boolean {
  return (
    header !== undefined &&
    (header.trim() === '*' || header.split(',').some((each) => each.trim().replace(/^W\//, '') === tag))
  )
}
