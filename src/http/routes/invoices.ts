// /api/orders/:id/invoice.pdf: the invoice of an order to whoever may see the order.

import { asId, type OrderId } from '../../domain/ids.ts'
import { invoiceOf } from '../../domain/invoice/invoice.ts'
import { findOrder } from '../../persistence/order-views.ts'
import type { Api } from '../api.ts'
import type { AppDeps } from '../deps.ts'
import { makeInvoices } from '../invoice-maker.ts'
import { callerOf } from '../plugins/auth.ts'
import { idParams } from '../schemas/common.ts'
import { callerScope } from '../scope.ts'

export function invoiceRoutes(api: Api, deps: AppDeps): void {
  const invoices = makeInvoices()
  api.addHook('onClose', () => invoices.close())

  api.get(
    '/api/orders/:id/invoice.pdf',
    {
      config: { access: 'orders:read', refusals: ['order-not-placed'] },
      schema: {
        tags: ['Orders'],
        summary: 'The invoice of an order as PDF',
        description:
          'Lines as they were sold, tax by rate, payments and what is due, under the name and contact text of the shop. Not for drafts. The same order gives the same file.',
        params: idParams,
        produces: ['application/pdf'],
      },
    },
    async (request, reply) => {
      const scope = await callerScope(deps.db, callerOf(request))
      const order = await findOrder(deps.db, scope, asId<OrderId>(request.params.id))
      if (order === null)
        return reply.refuse({ code: 'not-found', message: 'There is no such order, or it is not yours to see.' })
      const invoice = invoiceOf(order)
      if (!invoice.ok) return reply.refuse(invoice.refusal)
      return reply
        .type('application/pdf')
        .header('content-disposition', `inline; filename="${order.label}.pdf"`)
        .header('cache-control', 'private, no-store')
        .send(await invoices.draw(invoice.value, deps.organization))
    },
  )
}
