// /api/reports: what was sold, how far orders came, what could not be sold and what the shelf is worth; within one's scope, as JSON or as a
// table of the same figures.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Minor } from '../../domain/money.ts'
import { type Edge, readPeriod } from '../../domain/reports/period.ts'
import { ok, type Result } from '../../domain/result.ts'
import { funnelReport } from '../../persistence/report-funnel.ts'
import { type ReportOf, type SalesFigures, salesReport } from '../../persistence/report-sales.ts'
import { lossReport, shelfReport } from '../../persistence/report-stock.ts'
import type { Api } from '../api.ts'
import { amountCell, type Columns, sendCsv } from '../csv/table.ts'
import type { AppDeps } from '../deps.ts'
import { callerOf } from '../plugins/auth.ts'
import {
  funnelAnswer,
  funnelQuery,
  lossesAnswer,
  lossesQuery,
  salesAnswer,
  salesQuery,
  shelfAnswer,
  shelfQuery,
} from '../schemas/reports.ts'
import { callerScope } from '../scope.ts'
import { iso, moneyView } from '../views.ts'

interface Asked {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

const config = { access: 'reports:read', refusals: ['invalid-parameter'] } as const
const TABLE = 'With `?format=csv` as a table; amounts in it are in major units.'

export function reportRoutes(api: Api, deps: AppDeps): void {
  /** What the caller's report is about. */
  const about = async (request: FastifyRequest, asked: Asked): Promise<Result<ReportOf, 'invalid-parameter'>> => {
    const { id: orgId, currency, timezone } = deps.organization
    const period = readPeriod(asked, timezone, deps.now())
    if (!period.ok) return period
    return ok({ orgId, currency, scope: await callerScope(deps.db, callerOf(request)), period: period.value })
  }
  const money = (minor: Minor) => moneyView(minor, deps.organization.currency, deps.organization.locale)

  api.get(
    '/api/reports/sales',
    {
      config,
      schema: {
        tags: ['Reports'],
        summary: 'Sales by day, product, category or account',
        description: `Orders by the day they were placed, in the organisation's zone; without drafts, cancelled and expired ones. An order that was returned is in \`gross\` and in \`returns\` of the day it was placed, and not in \`net\`. Every grouping adds up to the same total; what delivery cost has a row of its own beside products and categories. Products and categories are called what they are called now. ${TABLE}`,
        querystring: salesQuery,
        response: { 200: salesAnswer },
      },
    },
    async (request, reply) => {
      const { groupBy, format, ...asked } = request.query
      const of = await about(request, asked)
      if (!of.ok) return reply.refuse(of.refusal)
      const { rows, total } = await salesReport(deps.db, of.value, groupBy)
      if (format === 'csv') {
        const columns = { key: pick('key'), name: pick('name'), ...salesColumns(of.value.currency) }
        return table(reply, `sales-by-${groupBy}`, columns, rows)
      }
      const figures = ({ grossMinor, returnsMinor, netMinor, taxMinor, ...counts }: SalesFigures) => ({
        ...counts,
        gross: money(grossMinor),
        returns: money(returnsMinor),
        net: money(netMinor),
        tax: money(taxMinor),
      })
      const data = rows.map(({ key, name, ...row }) => ({ key, name, ...figures(row) }))
      return { report: { ...header(of.value), groupBy }, data, total: figures(total) }
    },
  )

  api.get(
    '/api/reports/funnel',
    {
      config,
      schema: {
        tags: ['Reports'],
        summary: 'How far orders came',
        description: `Of the orders started in the period: how many reached each step, and how many expired, were cancelled or returned. ${TABLE}`,
        querystring: funnelQuery,
        response: { 200: funnelAnswer },
      },
    },
    async (request, reply) => {
      const { format, ...asked } = request.query
      const of = await about(request, asked)
      if (!of.ok) return reply.refuse(of.refusal)
      const { rows, secondsToConfirm, secondsToDeliver } = await funnelReport(deps.db, of.value)
      const started = rows.find(({ step }) => step === 'started')?.orders ?? 0
      const share = (orders: number) => (started === 0 ? 0 : Math.round((orders / started) * 10_000) / 10_000)
      if (format === 'csv') {
        const { currency } = of.value
        const columns: Columns<(typeof rows)[number]> = {
          step: pick('step'),
          orders: pick('orders'),
          value: ({ valueMinor }) => amountCell(valueMinor, currency),
          currency: () => currency,
          share: ({ orders }) => share(orders),
        }
        return table(reply, 'funnel', columns, rows)
      }
      const data = rows.map(({ step, orders, valueMinor }) => ({
        step,
        orders,
        value: money(valueMinor),
        share: share(orders),
      }))
      return {
        report: header(of.value),
        data,
        medianSecondsToConfirm: secondsToConfirm,
        medianSecondsToDeliver: secondsToDeliver,
      }
    },
  )

  api.get(
    '/api/reports/lost-sales',
    {
      config,
      schema: {
        tags: ['Reports'],
        summary: 'What was wanted and could not be sold',
        description: `Too little of a thing, or nothing of that name, most frequent first. ${TABLE}`,
        querystring: lossesQuery,
        response: { 200: lossesAnswer },
      },
    },
    async (request, reply) => {
      const { format, limit, ...asked } = request.query
      const of = await about(request, asked)
      if (!of.ok) return reply.refuse(of.refusal)
      const rows = await lossReport(deps.db, of.value, limit)
      if (format === 'csv') {
        const { currency } = of.value
        const columns: Columns<(typeof rows)[number]> = {
          reason: pick('reason'),
          variantId: pick('variantId'),
          sku: pick('sku'),
          name: pick('name'),
          times: pick('times'),
          customers: pick('customers'),
          wanted: pick('wanted'),
          missing: pick('missing'),
          value: ({ valueMinor }) => amountCell(valueMinor, currency),
          currency: () => currency,
          lastAt: ({ lastAt }) => iso(lastAt),
        }
        return table(reply, 'lost-sales', columns, rows)
      }
      const data = rows.map(({ valueMinor, lastAt, ...row }) => ({
        ...row,
        value: valueMinor === null ? null : money(valueMinor),
        lastAt: iso(lastAt),
      }))
      return { report: header(of.value), data }
    },
  )

  api.get(
    '/api/reports/stock-value',
    {
      config,
      schema: {
        tags: ['Reports'],
        summary: 'What the stock is worth',
        description: `What is on hand, reserved pieces included, at today's prices in the catalogue. Stock is the organisation's: everybody who may read reports sees all of it. ${TABLE}`,
        querystring: shelfQuery,
        response: { 200: shelfAnswer },
      },
    },
    async (request, reply) => {
      const { groupBy, format } = request.query
      const { id: orgId, currency } = deps.organization
      const { rows, total } = await shelfReport(deps.db, { orgId, currency }, groupBy)
      if (format === 'csv') {
        const columns: Columns<(typeof rows)[number]> = {
          key: pick('key'),
          sku: pick('sku'),
          name: pick('name'),
          onHand: pick('onHand'),
          reserved: pick('reserved'),
          value: ({ valueMinor }) => amountCell(valueMinor, currency),
          currency: () => currency,
        }
        return table(reply, `stock-value-by-${groupBy}`, columns, rows)
      }
      const view = <T extends { readonly valueMinor: Minor }>({ valueMinor, ...row }: T) => ({
        ...row,
        value: money(valueMinor),
      })
      return { report: { groupBy, currency }, data: rows.map(view), total: view(total) }
    },
  )
}

/** The cell that shows this field as it is. */
function pick<K extends string>(field: K) {
  return <T extends { readonly [key in K]: string | number | null }>(row: T): string | number | null => row[field]
}

function salesColumns(currency: string): Columns<SalesFigures> {
  return {
    orders: pick('orders'),
    pieces: pick('pieces'),
    gross: ({ grossMinor }) => amountCell(grossMinor, currency),
    returnedOrders: pick('returnedOrders'),
    returnedPieces: pick('returnedPieces'),
    returns: ({ returnsMinor }) => amountCell(returnsMinor, currency),
    net: ({ netMinor }) => amountCell(netMinor, currency),
    tax: ({ taxMinor }) => amountCell(taxMinor, currency),
    currency: () => currency,
  }
}

const edgeText = (edge: Edge): string => ('day' in edge ? edge.day : iso(edge.instant))

function header({ currency, period }: ReportOf) {
  return { from: edgeText(period.from), to: edgeText(period.to), timezone: period.timezone, currency }
}

// The table passes by the JSON answer of the route, whose type it is not.
function table<Row>(reply: FastifyReply, name: string, columns: Columns<Row>, rows: readonly Row[]): never {
  return sendCsv(reply, name, columns, rows) as never
}
