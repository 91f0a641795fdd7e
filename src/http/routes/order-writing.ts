// POST /api/orders and PATCH /api/orders/:id: orders that staff write for a customer, and change. Sums are computed here, never taken.

import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { can, inScope } from '../../domain/access.ts'
import { contactName } from '../../domain/contact.ts'
import { asId, type CustomerId, type OrderId, type UserId } from '../../domain/ids.ts'
import { pricedLine } from '../../domain/order/place.ts'
import { discountBp, priceOrder } from '../../domain/order/totals.ts'
import { parsePhone } from '../../domain/phone.ts'
import { ok, type Result, refuse } from '../../domain/result.ts'
import { addContact, customerContact, recogniseSender } from '../../persistence/contacts.ts'
import { findCustomer } from '../../persistence/customers.ts'
import { noSuchOrder } from '../../persistence/order-changes.ts'
import { editOrder } from '../../persistence/order-edit.ts'
import { writeOrder } from '../../persistence/staff-orders.ts'
import { findUser } from '../../persistence/users.ts'
import type { Api } from '../api.ts'
import type { AppDeps } from '../deps.ts'
import { answerOrder, changeBy, orderDepsOf, shownOrder } from '../order-desk.ts'
import { atItems, readItems, readTerms } from '../order-input.ts'
import { callerOf } from '../plugins/auth.ts'
import type { ProblemCode } from '../problems.ts'
import { idParams } from '../schemas/common.ts'
import { orderBody, orderPatch } from '../schemas/order-commands.ts'
import { orderAnswer } from '../schemas/orders.ts'
import { callerScope } from '../scope.ts'

export function orderWritingRoutes(api: Api, deps: AppDeps): void {
  const { organization: org } = deps
  const limitOf = (request: FastifyRequest) =>
    can(callerOf(request), 'refunds:write') ? null : deps.policy.orders.freeDiscountBp

  api.post(
    '/api/orders',
    {
      config: {
        access: 'orders:write',
        idempotent: true,
        refusals: [
          'insufficient-stock',
          'unknown-variant',
          'invalid-money',
          'discount-too-large',
          'not-a-contact',
          'customer-gone',
          'invalid-phone',
          'invalid-name',
          'not-found',
          'invalid-parameter',
        ],
      },
      schema: {
        tags: ['Orders'],
        summary: 'Write an order for a customer',
        description:
          'Prices are the catalogue’s, sums are computed. A number that is no contact of the account yet becomes one. Placed, its goods are reserved, all or nothing.',
        body: orderBody,
        response: { 201: orderAnswer },
      },
    },
    async (request, reply) => {
      const by = changeBy(deps, request)
      if (!by.ok) return reply.refuse(by.refusal)
      const { body } = request
      const account = await accountOf(request, body.userId)
      if (!account.ok) return reply.refuse(account.refusal)
      const items = await readItems(deps.db, org, callerOf(request).role, body.items)
      if (!items.ok) return reply.refuse(items.refusal)
      const terms = readTerms(body, org.currency)
      if (!terms.ok) return reply.refuse(terms.refusal)
      const lines = items.value.map(({ variant, quantity, unitPriceMinor, discountMinor }) => ({
        variant: { ...variant, priceMinor: unitPriceMinor ?? variant.priceMinor },
        quantity,
        discountMinor,
      }))
      const priced = priceOrder(lines.map(pricedLine), terms.value)
      if (!priced.ok) return reply.refuse(priced.refusal)
      const limit = limitOf(request)
      if (limit !== null && discountBp(priced.value.totals) > limit)
        return reply.refuse({
          code: 'forbidden',
          message: `A discount of more than ${limit / 100} % is for managers. Ask one.`,
        })
      const customer = await customerOf(account.value, body)
      if (!customer.ok) return reply.refuse(customer.refusal)
      const { note, address, fulfillment, draft, notify } = body
      const written = await writeOrder(deps.db, orderDepsOf(deps), {
        ...by.value,
        ...{ userId: account.value, customerId: customer.value, channel: 'api', lines, terms: terms.value },
        ...{ note, address: address === undefined ? undefined : parts(address), fulfillment, draft, notify },
      })
      if (!written.ok) return reply.refuse(atItems(written.refusal, items.value))
      const { id } = written.value
      const order = await shownOrder(deps, request, reply, id)
      if (order === null) return reply.refuse(noSuchOrder.refusal)
      return reply.code(201).header('location', `/api/orders/${id}`).send({ order })
    },
  )

  api.patch(
    '/api/orders/:id',
    {
      config: {
        access: 'orders:write',
        refusals: [
          'stale-version',
          'invalid-parameter',
          'order-not-editable',
          'insufficient-stock',
          'unknown-variant',
          'invalid-money',
          'discount-too-large',
        ],
      },
      schema: {
        tags: ['Orders'],
        summary: 'Change an order',
        description:
          'Note, address and way of delivery at any time; lines, discount and shipping until it is confirmed. Lines that stay keep their price.',
        params: idParams,
        body: orderPatch,
        response: { 200: orderAnswer },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const by = changeBy(deps, request)
      if (!by.ok) return reply.refuse(by.refusal)
      const { items, discount, shipping, address, ...rest } = request.body
      const wanted = items === undefined ? ok(undefined) : await readItems(deps.db, org, caller.role, items)
      if (!wanted.ok) return reply.refuse(wanted.refusal)
      const terms = readTerms({ discount, shipping }, org.currency)
      if (!terms.ok) return reply.refuse(terms.refusal)
      const orderId = asId<OrderId>(request.params.id)
      const scope = await callerScope(deps.db, caller)
      const edited = await deps.db.transaction((tx) =>
        editOrder(tx, orderDepsOf(deps), {
          ...by.value,
          ...rest,
          ...{ scope, orderId, items: wanted.value, terms: terms.value, discountLimitBp: limitOf(request) },
          address: address === undefined || address === null ? address : parts(address),
        }),
      )
      return edited.ok
        ? answerOrder(deps, request, reply, orderId)
        : reply.refuse(atItems(edited.refusal, wanted.value))
    },
  )

  /** The caller's own account, or one within their scope that speaks to customers. */
  async function accountOf(request: FastifyRequest, named: string | undefined): Promise<Result<UserId, 'not-found'>> {
    const caller = callerOf(request)
    if (named === undefined || named === caller.id) return ok(caller.id)
    const userId = asId<UserId>(named)
    const user = inScope(await callerScope(deps.db, caller), { userId }) ? await findUser(deps.db, userId) : null
    if (user === null || user.role === 'customer' || user.orgId !== org.id)
      return refuse('not-found', 'There is no such account, or it is not yours to write for.')
    return ok(userId)
  }

  /** A contact of that account; a new number becomes one. */
  async function customerOf(userId: UserId, body: z.infer<typeof orderBody>): Promise<Result<CustomerId, ProblemCode>> {
    if (body.customerId !== undefined) {
      const customerId = asId<CustomerId>(body.customerId)
      if ((await customerContact(deps.db, userId, customerId)) !== null) return ok(customerId)
      // Who sees their orders may know why.
      const customer = await findCustomer(deps.db, { kind: 'users', ids: [userId] }, customerId)
      if (customer?.erasedAt != null)
        return refuse(
          'customer-gone',
          'This customer was erased. What they ordered stays; nothing new is written for them.',
        )
      return refuse('not-a-contact', 'This customer is no contact of the account. Give their phone number and name.')
    }
    const given = body.customer ?? { phoneNumber: body.phoneNumber ?? '', name: body.name }
    const at = body.customer === undefined ? '' : 'customer.'
    const phone = parsePhone(given.phoneNumber)
    if (!phone.ok) return faultAt(phone.refusal, `${at}phoneNumber`)
    const known = await recogniseSender(deps.db, { orgId: org.id, userId, phone: phone.value, lid: null })
    if (known !== null) return ok(known.customerId)
    const name = contactName(given.name ?? '')
    if (!name.ok) return faultAt(name.refusal, `${at}name`)
    const { contact } = await addContact(
      deps.db,
      { orgId: org.id, userId, phone: phone.value, name: name.value },
      deps.newId,
      deps.mac,
    )
    return ok(contact.customerId)
  }
}

function faultAt({ code, message }: { readonly code: ProblemCode; readonly message: string }, path: string) {
  return refuse(code, message, { errors: [{ path, code, message }] })
}

/** Only the parts that were given. */
function parts(address: object): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(address).filter((part): part is [string, string] => typeof part[1] === 'string'),
  )
}
