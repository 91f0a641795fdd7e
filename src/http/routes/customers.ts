// /api/customers: the people who buy, within one's scope; a customer's own account sees itself. What may be exported, erased and merged, and by
// whom, is in the permissions and the stores.

import { z } from 'zod'
import type { Scope } from '../../domain/access.ts'
import { contactName, contactTags } from '../../domain/contact.ts'
import { asId, type CustomerId } from '../../domain/ids.ts'
import { appendAudit } from '../../persistence/audit.ts'
import { eraseCustomer } from '../../persistence/customer-erase.ts'
import { exportCustomer } from '../../persistence/customer-export.ts'
import { mergeCustomers } from '../../persistence/customer-merge.ts'
import {
  type CustomerView,
  changeCustomer,
  findCustomer,
  listCustomers,
  noCustomer,
  setOptOut,
} from '../../persistence/customers.ts'
import { listOrders } from '../../persistence/order-views.ts'
import type { Api } from '../api.ts'
import { byOf } from '../by.ts'
import type { Cursors } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { etag, ifMatch } from '../if-match.ts'
import { orderRowView as orderRowOf } from '../order-view.ts'
import { readPage, writePage } from '../pages.ts'
import { callerOf } from '../plugins/auth.ts'
import { idParams, listOf, pageQuery } from '../schemas/common.ts'
import {
  customerAnswer,
  customerBody,
  customerRow,
  customersQuery,
  eraseAnswer,
  eraseBody,
  exportAnswer,
  mergeBody,
} from '../schemas/customers.ts'
import { orderRow } from '../schemas/orders.ts'
import { callerScope } from '../scope.ts'
import { iso, isoOrNull, maskedOrNull } from '../views.ts'

const LIST = 'customers:name'
const ORDERS = 'customer-orders:newest'

export function customerRoutes(api: Api, deps: AppDeps, cursors: Cursors): void {
  api.get(
    '/api/customers',
    {
      config: { access: 'customers:read', refusals: ['invalid-cursor'] },
      schema: {
        tags: ['Customers'],
        summary: 'Customers, by name',
        description: 'Contacts of the accounts in your scope, and who has a conversation or an order there.',
        querystring: customersQuery,
        response: { 200: listOf(customerRow) },
      },
    },
    async (request, reply) => {
      const { q, tag, ...query } = request.query
      const page = readPage(cursors, LIST, query)
      if (!page.ok) return reply.refuse(page.refusal)
      const scope = await callerScope(deps.db, callerOf(request))
      const found = await listCustomers(deps.db, deps.organization.id, scope, { q, tag }, page.value)
      return writePage(cursors, LIST, page.value, found, (customer) => row(customer, scope))
    },
  )

  api.get(
    '/api/customers/:id',
    {
      config: { access: 'customers:read' },
      schema: { tags: ['Customers'], summary: 'One customer', params: idParams, response: { 200: customerAnswer } },
    },
    async (request, reply) => {
      const scope = await callerScope(deps.db, callerOf(request))
      const found = await findCustomer(deps.db, scope, asId<CustomerId>(request.params.id))
      if (found === null) return reply.refuse(noCustomer.refusal)
      etag(reply, found.version)
      return { customer: view(found, scope) }
    },
  )

  api.patch(
    '/api/customers/:id',
    {
      config: {
        access: 'customers:write',
        refusals: ['invalid-name', 'stale-version', 'invalid-parameter'],
      },
      schema: {
        tags: ['Customers'],
        summary: 'Change a customer',
        description: 'Only what is named changes. A customer’s own account changes its name and language.',
        params: idParams,
        body: customerBody,
        response: { 200: customerAnswer },
      },
    },
    async (request, reply) => {
      const expected = ifMatch(request)
      if (!expected.ok) return reply.refuse(expected.refusal)
      const { displayName, language, notes, tags } = request.body
      const scope = await callerScope(deps.db, callerOf(request))
      if (scope.kind === 'customer' && (notes !== undefined || tags !== undefined))
        return reply.refuse({ code: 'forbidden', message: 'Notes and tags are the staff’s.' })
      const name = displayName === undefined ? null : contactName(displayName)
      if (name?.ok === false) {
        const { code, message } = name.refusal
        return reply.refuse({ code, message, errors: [{ path: 'displayName', code, message }] })
      }
      const change = {
        displayName: name?.value,
        language,
        notes,
        tags: tags === undefined ? undefined : contactTags(tags),
      }
      const id = asId<CustomerId>(request.params.id)
      const changed = await changeCustomer(deps.db, scope, id, change, expected.value, byOf(deps, request))
      if (!changed.ok) return reply.refuse(changed.refusal)
      etag(reply, changed.value.version)
      return { customer: view(changed.value, scope) }
    },
  )

  api.get(
    '/api/customers/:id/orders',
    {
      config: { access: 'customers:read', refusals: ['invalid-cursor'] },
      schema: {
        tags: ['Customers'],
        summary: 'Orders of a customer, newest first',
        params: idParams,
        querystring: z.strictObject(pageQuery),
        response: { 200: listOf(orderRow) },
      },
    },
    async (request, reply) => {
      const page = readPage(cursors, ORDERS, request.query)
      if (!page.ok) return reply.refuse(page.refusal)
      const scope = await callerScope(deps.db, callerOf(request))
      const customerId = asId<CustomerId>(request.params.id)
      if ((await findCustomer(deps.db, scope, customerId)) === null) return reply.refuse(noCustomer.refusal)
      const found = await listOrders(deps.db, scope, { customerId }, page.value)
      return writePage(cursors, ORDERS, page.value, found, (order) => orderRowOf(order, deps.organization.locale))
    },
  )

  api.get(
    '/api/customers/:id/export',
    {
      config: { access: 'customers:export' },
      schema: {
        tags: ['Customers'],
        summary: 'All that is kept of a customer',
        description: 'For that person to have. Written to the audit log.',
        params: idParams,
        response: { 200: exportAnswer },
      },
    },
    async (request, reply) => {
      const scope = await callerScope(deps.db, callerOf(request))
      const id = asId<CustomerId>(request.params.id)
      const found = await deps.db.transaction(async (tx) => {
        await tx.run('set transaction isolation level repeatable read')
        const all = await exportCustomer(tx, scope, id)
        if (all !== null) await appendAudit(tx, { ...byOf(deps, request), action: 'customer.export', subject: id })
        return all
      })
      if (found === null) return reply.refuse(noCustomer.refusal)
      const plain = (rows: readonly Readonly<Record<string, unknown>>[]) => rows.map((each) => ({ ...each }))
      return {
        exportedAt: iso(deps.now()),
        complete: found.complete,
        profile: view(found.profile, scope),
        identities: plain(found.identities),
        consents: plain(found.consents),
        messages: plain(found.messages),
        orders: plain(found.orders),
        payments: plain(found.payments),
        events: plain(found.events),
      }
    },
  )

  api.post(
    '/api/customers/:id/erase',
    {
      config: { access: 'customers:erase', idempotent: true, refusals: ['open-orders'] },
      schema: {
        tags: ['Customers'],
        summary: 'Forget a customer',
        description:
          'Deletes messages, numbers, names and notes for good. Order lines, amounts and dates stay, as those of nobody. Who said STOP stays unwritten to: a hash of the number is kept. Refused while an order is open, unless `force`.',
        params: idParams,
        body: eraseBody,
        response: { 200: eraseAnswer },
      },
    },
    async (request, reply) => {
      const scope = await callerScope(deps.db, callerOf(request))
      const id = asId<CustomerId>(request.params.id)
      const what = { id, scope, ...request.body, at: deps.now() }
      const erased = await eraseCustomer(deps.db, what, deps.mac, byOf(deps, request))
      if (!erased.ok) return reply.refuse(erased.refusal)
      request.log.info({ customerId: id, ...erased.value }, 'customer erased')
      return { erased: { customerId: id, ...erased.value } }
    },
  )

  for (const [path, out] of [
    ['opt-out', true],
    ['opt-in', false],
  ] as const)
    api.post(
      `/api/customers/:id/${path}`,
      {
        config: { access: 'customers:write', bodyOptional: true },
        schema: {
          tags: ['Customers'],
          summary: out ? 'No more messages the customer did not ask for' : 'Such messages again',
          description: out
            ? 'The same as STOP in the chat: what waits to be sent of that kind is dropped.'
            : 'As START.',
          params: idParams,
          body: z.strictObject({}),
          response: { 200: customerAnswer },
        },
      },
      async (request, reply) => {
        const scope = await callerScope(deps.db, callerOf(request))
        const id = asId<CustomerId>(request.params.id)
        const done = await setOptOut(deps.db, scope, id, out ? deps.now() : null, deps.mac, byOf(deps, request))
        if (!done.ok) return reply.refuse(done.refusal)
        etag(reply, done.value.version)
        return { customer: view(done.value, scope) }
      },
    )

  api.post(
    '/api/customers/merge',
    {
      config: { access: 'customers:erase', idempotent: true, refusals: ['not-found', 'same-customer'] },
      schema: {
        tags: ['Customers'],
        summary: 'Make one customer of two',
        description:
          'Numbers, contacts, conversations, messages and orders of the one become the other’s. Cannot be undone.',
        body: mergeBody,
        response: { 200: customerAnswer },
      },
    },
    async (request, reply) => {
      const scope = await callerScope(deps.db, callerOf(request))
      const [from, into] = [asId<CustomerId>(request.body.from), asId<CustomerId>(request.body.into)]
      const merged = await mergeCustomers(deps.db, { from, into, scope, at: deps.now() }, byOf(deps, request))
      if (!merged.ok) return reply.refuse(merged.refusal)
      etag(reply, merged.value.version)
      return { customer: view(merged.value, scope) }
    },
  )
}

function row(customer: CustomerView, scope: Scope) {
  const { id, displayName, language, contacts, openOrders, version } = customer
  return {
    id,
    displayName,
    phoneMasked: maskedOrNull(customer.phone),
    language,
    optedOut: customer.optedOutAt !== null,
    // What the staff call and think of them is the staff's.
    tags: scope.kind === 'customer' ? [] : [...customer.tags],
    contacts: scope.kind === 'customer' ? [] : contacts.map((contact) => ({ ...contact })),
    openOrders,
    lastOrderAt: isoOrNull(customer.lastOrderAt),
    lastMessageAt: isoOrNull(customer.lastMessageAt),
    createdAt: iso(customer.createdAt),
    version,
  }
}

function view(customer: CustomerView, scope: Scope) {
  return {
    ...row(customer, scope),
    phoneNumber: customer.phone,
    notes: scope.kind === 'customer' ? null : customer.notes,
    optedOutAt: isoOrNull(customer.optedOutAt),
    consentSource: customer.consentSource,
    consentAt: isoOrNull(customer.consentAt),
    erasedAt: isoOrNull(customer.erasedAt),
  }
}
