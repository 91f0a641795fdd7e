// /api/stock: levels, the ledger that explains them, and corrections by hand. Stock belongs to the organisation: whoever may read it sees all
// of it, and in the ledger the orders within their scope.

import type { FastifyRequest } from 'fastify'
import { asId, type VariantId } from '../../domain/ids.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { type AdjustmentInput, planAdjustments } from '../../domain/stock/adjust.ts'
import { adjustStock } from '../../persistence/stock-adjust.ts'
import { checkStock } from '../../persistence/stock-check.ts'
import { listLevels, listMovements } from '../../persistence/stock-views.ts'
import type { Api } from '../api.ts'
import type { Cursors } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { readPage, writePage } from '../pages.ts'
import { callerOf } from '../plugins/auth.ts'
import { listOf } from '../schemas/common.ts'
import {
  adjustmentAnswer,
  adjustmentBody,
  levelRow,
  levelsQuery,
  movementRow,
  movementsQuery,
  stockCheckAnswer,
} from '../schemas/stock.ts'
import { callerScope } from '../scope.ts'
import { iso } from '../views.ts'

const MOVEMENTS = 'stock-movements:newest'

export function stockRoutes(api: Api, deps: AppDeps, cursors: Cursors): void {
  const { id: orgId } = deps.organization

  api.get(
    '/api/stock',
    {
      config: { access: 'stock:read', refusals: ['invalid-cursor'] },
      schema: {
        tags: ['Stock'],
        summary: 'What is in stock',
        description:
          '`onHand` lies on the shelf, `reserved` of it is promised to open orders, `available` may be sold.',
        querystring: levelsQuery,
        response: { 200: listOf(levelRow) },
      },
    },
    async (request, reply) => {
      const { q, low, out, sort, ...query } = request.query
      const list = `stock:${sort}`
      const page = readPage(cursors, list, query)
      if (!page.ok) return reply.refuse(page.refusal)
      const found = await listLevels(deps.db, orgId, { q, low, out, sort }, page.value)
      return writePage(cursors, list, page.value, found, (row) => ({ ...row }))
    },
  )

  api.get(
    '/api/stock/movements',
    {
      config: { access: 'stock:read', refusals: ['invalid-cursor'] },
      schema: {
        tags: ['Stock'],
        summary: 'The ledger, last movement first',
        description: 'Every change of a level, with the level after it. Movements are never changed.',
        querystring: movementsQuery,
        response: { 200: listOf(movementRow) },
      },
    },
    async (request, reply) => {
      const { variantId, kind, from, to, ...query } = request.query
      const page = readPage(cursors, MOVEMENTS, query)
      if (!page.ok) return reply.refuse(page.refusal)
      const scope = await callerScope(deps.db, callerOf(request))
      const filter = {
        variantId: variantId === undefined ? undefined : asId<VariantId>(variantId),
        kind,
        from: from === undefined ? undefined : new Date(from),
        to: to === undefined ? undefined : new Date(to),
      }
      const found = await listMovements(deps.db, orgId, scope, filter, page.value)
      return writePage(cursors, MOVEMENTS, page.value, found, ({ at, order, actor, ...row }) => ({
        ...row,
        order: order === null ? null : { ...order },
        actor: { ...actor },
        at: iso(at),
      }))
    },
  )

  api.post(
    '/api/stock/adjustments',
    {
      config: {
        access: 'stock:write',
        idempotent: true,
        refusals: ['invalid-adjustment', 'unknown-variant', 'below-reserved'],
      },
      schema: {
        tags: ['Stock'],
        summary: 'Correct what is in stock',
        description:
          'Goods in, goods written off, a difference by hand, or what was counted: a count is compared with the level at the instant it is written, so that orders placed meanwhile are not lost. Several `items` are corrected all together or not at all.',
        body: adjustmentBody,
        response: { 201: adjustmentAnswer },
      },
    },
    async (request, reply) => {
      const inputs = inputsOf(request.body)
      if (!inputs.ok) return reply.refuse(inputs.refusal)
      const planned = planAdjustments(inputs.value)
      if (!planned.ok) return reply.refuse(planned.refusal)
      const done = await adjustStock(deps.db, actorOf(request, orgId), planned.value, deps.newId)
      if (!done.ok) return reply.refuse(done.refusal)
      const data = done.value.map((row) => ({ ...row, available: row.onHand - row.reserved }))
      return reply.code(201).send({ data })
    },
  )

  api.get(
    '/api/stock/check',
    {
      config: { access: 'admin:read' },
      schema: {
        tags: ['Stock'],
        summary: 'Compare levels with the ledger and with open orders',
        description: 'Reads the whole ledger. Names every variant where they differ; there should be none.',
        response: { 200: stockCheckAnswer },
      },
    },
    async () => {
      const differences = await checkStock(deps.db, orgId)
      return { ok: differences.length === 0, differences: [...differences] }
    },
  )
}

function actorOf(request: FastifyRequest, orgId: AppDeps['organization']['id']) {
  return { orgId, actorId: callerOf(request).id, ip: request.ip, requestId: request.id }
}

type Body = (typeof adjustmentBody)['_output']

/** One correction, or those of `items`; each needs a reason, its own or that of all. */
function inputsOf(body: Body): Result<readonly AdjustmentInput[], 'invalid-adjustment'> {
  const { items, reason, variantId, ...one } = body
  if (items === undefined) {
    if (variantId === undefined) return wrong('variantId', 'Name the variant, or several in items.')
    if (reason === undefined) return wrong('reason', 'Say why: the ledger keeps the reason.')
    return ok([{ ...one, variantId: asId<VariantId>(variantId), reason, path: '' }])
  }
  if (variantId !== undefined || Object.values(one).some((value) => value !== undefined))
    return wrong('items', 'Give either one variant or items, not both.')
  const inputs: AdjustmentInput[] = []
  for (const [index, item] of items.entries()) {
    const path = `items[${index}].`
    const why = item.reason ?? reason
    if (why === undefined) return wrong(`${path}reason`, 'Say why: the ledger keeps the reason.')
    inputs.push({ ...item, variantId: asId<VariantId>(item.variantId), reason: why, path })
  }
  return ok(inputs)
}

function wrong(path: string, message: string): Result<never, 'invalid-adjustment'> {
  return refuse('invalid-adjustment', message, { errors: [{ path, code: 'invalid-adjustment', message }] })
}
