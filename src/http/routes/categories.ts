// /api/categories: public to read, flat or as a tree; staff make them.

import { z } from 'zod'
import { type CategoryNode, type CategoryView, treeOf } from '../../domain/catalogue/category.ts'
import { asId, type CategoryId } from '../../domain/ids.ts'
import { createCategory, listCategories } from '../../persistence/categories.ts'
import type { Api } from '../api.ts'
import type { AppDeps } from '../deps.ts'
import { callerOf } from '../plugins/auth.ts'
import { categoriesQuery, categoryAnswer, categoryBody, categoryNode } from '../schemas/catalogue.ts'

export function categoryRoutes(api: Api, deps: AppDeps): void {
  const { organization: org } = deps

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
      const flat = await listCategories(deps.db, org.id)
      return { data: request.query.tree === true ? treeOf(flat).map(node) : flat.map(category) }
    },
  )

  api.post(
    '/api/categories',
    {
      config: {
        access: 'products:write',
        idempotent: true,
        refusals: ['invalid-category', 'slug-taken', 'category-not-found', 'category-cycle', 'category-too-deep'],
      },
      schema: {
        tags: ['Catalogue'],
        summary: 'Make a category',
        body: categoryBody,
        response: { 201: categoryAnswer },
      },
    },
    async (request, reply) => {
      const { parentId, ...input } = request.body
      const made = await createCategory(
        deps.db,
        org.id,
        { ...input, parentId: parentId === undefined || parentId === null ? parentId : asId<CategoryId>(parentId) },
        callerOf(request).id,
        deps.newId,
      )
      if (!made.ok) return reply.refuse(made.refusal)
      return reply.code(201).send({ category: category(made.value) })
    },
  )
}

function category({ id, name, slug, parentId, position, productCount }: CategoryView) {
  return { id, name, slug, parentId, position, productCount }
}

type Node = ReturnType<typeof category> & { children: Node[] }

function node(from: CategoryNode): Node {
  return { ...category(from), children: from.children.map(node) }
}
