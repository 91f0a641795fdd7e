// /api/categories: public to read, flat or as a tree; staff make, rename and move them, managers delete them.

import { z } from 'zod'
import { type CategoryNode, type CategoryView, treeOf } from '../../domain/catalogue/category.ts'
import { asId, type CategoryId } from '../../domain/ids.ts'
import {
  createCategory,
  deleteCategory,
  findCategory,
  listCategories,
  updateCategory,
} from '../../persistence/categories.ts'
import type { Api } from '../api.ts'
import type { AppDeps } from '../deps.ts'
import { etag, ifMatch } from '../if-match.ts'
import { callerOf } from '../plugins/auth.ts'
import { categoryIn } from '../product-view.ts'
import {
  categoriesQuery,
  categoryAnswer,
  categoryBody,
  categoryDeletion,
  categoryNode,
  categoryPatch,
} from '../schemas/catalogue.ts'
import { idParams } from '../schemas/common.ts'

const REFUSALS = [
  'invalid-category',
  'slug-taken',
  'category-not-found',
  'category-cycle',
  'category-too-deep',
] as const

export function categoryRoutes(api: Api, deps: AppDeps): void {
  const { organization: org } = deps
  const tree = async () => treeOf(await listCategories(deps.db, org.id)).map(node)

  api.get(
    '/api/categories',
    {
      config: { access: 'public' },
      schema: {
        tags: ['Catalogue'],
        summary: 'Categories',
        description: 'All of them, flat; with `?tree=true` nested in `children`.',
        querystring: categoriesQuery,
        response: { 200: z.object({ data: z.array(categoryNode) }) },
      },
    },
    async (request) => {
      if (request.query.tree === true) return { data: await tree() }
      return { data: (await listCategories(deps.db, org.id)).map(category) }
    },
  )

  api.get(
    '/api/categories/tree',
    {
      config: { access: 'public' },
      schema: {
        tags: ['Catalogue'],
        summary: 'The tree of categories',
        response: { 200: z.object({ data: z.array(categoryNode) }) },
      },
    },
    async () => ({ data: await tree() }),
  )

  api.get(
    '/api/categories/:id',
    {
      config: { access: 'public' },
      schema: { tags: ['Catalogue'], summary: 'One category', params: idParams, response: { 200: categoryAnswer } },
    },
    async (request, reply) => {
      const found = await findCategory(deps.db, org.id, asId<CategoryId>(request.params.id))
      if (found === null) return reply.refuse({ code: 'not-found', message: 'There is no such category.' })
      etag(reply, found.version)
      return { category: category(found) }
    },
  )

  api.post(
    '/api/categories',
    {
      config: { access: 'products:write', idempotent: true, refusals: REFUSALS },
      schema: {
        tags: ['Catalogue'],
        summary: 'Make a category',
        body: categoryBody,
        response: { 201: categoryAnswer },
      },
    },
    async (request, reply) => {
      const { parentId, ...input } = request.body
      const draft = { ...input, parentId: categoryIn(parentId) }
      const made = await createCategory(deps.db, org.id, draft, callerOf(request).id, deps.newId)
      if (!made.ok) return reply.refuse(made.refusal)
      etag(reply, made.value.version)
      return reply
        .code(201)
        .header('location', `/api/categories/${made.value.id}`)
        .send({ category: category(made.value) })
    },
  )

  api.patch(
    '/api/categories/:id',
    {
      config: { access: 'products:write', refusals: [...REFUSALS, 'stale-version', 'invalid-parameter'] },
      schema: {
        tags: ['Catalogue'],
        summary: 'Rename or move a category',
        description: 'What is not given stays; what is below it moves along.',
        params: idParams,
        body: categoryPatch,
        response: { 200: categoryAnswer },
      },
    },
    async (request, reply) => {
      const expected = ifMatch(request)
      if (!expected.ok) return reply.refuse(expected.refusal)
      const { parentId, ...input } = request.body
      const id = asId<CategoryId>(request.params.id)
      const change = { ...input, parentId: categoryIn(parentId) }
      const actor = callerOf(request).id
      const changed = await updateCategory(deps.db, org.id, id, change, expected.value, actor, deps.newId)
      if (!changed.ok) return reply.refuse(changed.refusal)
      etag(reply, changed.value.version)
      return { category: category(changed.value) }
    },
  )

  api.delete(
    '/api/categories/:id',
    {
      config: {
        access: 'products:archive',
        refusals: ['category-in-use', 'category-not-found', 'category-cycle', 'category-too-deep', 'stale-version'],
      },
      schema: {
        tags: ['Catalogue'],
        summary: 'Delete a category',
        description: 'An empty one; or say with `moveTo` where what is in it goes.',
        params: idParams,
        querystring: categoryDeletion,
        response: { 204: z.undefined().meta({ description: 'It is deleted.' }) },
      },
    },
    async (request, reply) => {
      const expected = ifMatch(request)
      if (!expected.ok) return reply.refuse(expected.refusal)
      const { moveTo } = request.query
      const target = moveTo === 'none' ? null : categoryIn(moveTo)
      const id = asId<CategoryId>(request.params.id)
      const actor = callerOf(request).id
      const deleted = await deleteCategory(deps.db, org.id, id, target, expected.value, actor, deps.newId)
      return deleted.ok ? reply.code(204).send() : reply.refuse(deleted.refusal)
    },
  )
}

function category({ id, name, slug, parentId, position, productCount, version }: CategoryView) {
  return { id, name, slug, parentId, position, productCount, version }
}

type Node = ReturnType<typeof category> & { children: Node[] }

function node(from: CategoryNode): Node {
  return { ...category(from), children: from.children.map(node) }
}
