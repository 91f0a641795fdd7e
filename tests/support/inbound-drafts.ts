// Accounts with one customer each, and messages of theirs ready to be written. For tests of what writes several at once.

import type { Test } from 'tap'
import { uuidv7 } from 'uuidv7'
import type { CatalogueHit } from '../../src/domain/catalogue/variant.ts'
import { asId, type CustomerId, type Fence, type MessageId, type OutboxId } from '../../src/domain/ids.ts'
import type { E164 } from '../../src/domain/phone.ts'
import { catalogPage } from '../../src/persistence/catalogue-search.ts'
import { recogniseSender } from '../../src/persistence/contacts.ts'
import type { InboundWrite, Reply } from '../../src/persistence/inbound-statement.ts'
import { draftOrder, type OrderDraft } from '../../src/persistence/order-statement.ts'
import { AMAL, makeShop, NOON, type Shop } from './bot-shop.ts'

export interface Crowd {
  readonly shop: Shop
  readonly accounts: readonly Fence[]
  readonly customerId: CustomerId
  readonly items: readonly CatalogueHit[]
  /** One more contact of the account of this place. */
  contact(account: number, phone: string): Promise<CustomerId>
  /** A message to the account of this place; with lines (place of the item, quantity) it orders and is answered with the number. */
  write(
    account: number,
    waMessageId: string,
    lines?: readonly (readonly [number, number])[],
    from?: CustomerId,
  ): Promise<InboundWrite>
}

/** @param stocks of the items there are */
export async function openCrowd(
  t: Pick<Test, 'teardown'>,
  accounts: number,
  stocks: readonly number[],
): Promise<Crowd> {
  const shop = await makeShop(t)
  const fences: Fence[] = []
  for (let n = 0; n < accounts; n += 1) {
    const fence = await shop.account(`account-${n}@example.com`)
    await shop.contact(fence.session, AMAL, 'Amal')
    fences.push(fence)
  }
  for (const [n, stock] of stocks.entries())
    await shop.product({ name: `Thing ${'abcdefgh'[n]}`, price: 10 + n, stock })
  const { items } = await catalogPage(shop.db, shop.organization.id, { offset: 0, limit: 100 })
  const [first] = fences
  if (first === undefined) throw new Error('a crowd has an account')
  const known = async (fence: Fence, phone: E164) => {
    const sender = { orgId: shop.organization.id, userId: fence.session, phone, lid: null }
    const customerId = (await recogniseSender(shop.db, sender))?.customerId
    if (customerId === undefined) throw new Error('no contact')
    return customerId
  }
  const customerId = await known(first, AMAL)
  const accountAt = (account: number): Fence => {
    const fence = fences[account]
    if (fence === undefined) throw new Error(`there is no account ${account}`)
    return fence
  }
  return {
    shop,
    accounts: fences,
    customerId,
    items,
    async contact(account, phone) {
      const fence = accountAt(account)
      await shop.contact(fence.session, phone as E164, phone)
      return known(fence, phone as E164)
    },
    async write(account, waMessageId, lines = [], from = customerId) {
      const fence = accountAt(account)
      const { id } = await shop.journal(fence)
      const wanted = lines.flatMap(([item, quantity]) => {
        const variant = items[item]
        return variant === undefined ? [] : [{ variant, quantity }]
      })
      const order = wanted.length === 0 ? null : orderOf(shop, fence, from, waMessageId, wanted)
      return { fence, draft: draftOf(shop, fence, from, id, waMessageId, order) }
    },
  }
}

function orderOf(
  shop: Shop,
  fence: Fence,
  customerId: CustomerId,
  waMessageId: string,
  lines: Parameters<typeof draftOrder>[0]['lines'],
): OrderDraft {
  const whose = { orgId: shop.organization.id, userId: fence.session, customerId, channel: 'whatsapp' } as const
  const source = { conversationId: null, waMessageId }
  return draftOrder({ ...whose, lines, source, actor: { type: 'customer', id: customerId } }, uuidv7(), uuidv7, NOON)
}

function draftOf(
  shop: Shop,
  fence: Fence,
  customerId: CustomerId,
  inboxId: string,
  waMessageId: string,
  order: OrderDraft | null,
): InboundWrite['draft'] {
  const reply = order === null ? null : replyTo(order.orderId)
  return {
    ...{ inboxId, orgId: shop.organization.id, customerId, newConversationId: uuidv7(), order, reply },
    ...{ replyAddress: Buffer.from('sealed'), newLid: null, event: 'message.received' },
    message: {
      ...{ id: asId<MessageId>(uuidv7()), userId: fence.session, waMessageId, fromMe: false, author: 'customer' },
      ...{ type: 'text', text: 'hello', status: 'received', at: NOON },
    },
  }
}

function replyTo(orderId: string): Reply {
  return {
    ...{ messageId: asId<MessageId>(uuidv7()), outboxId: asId<OutboxId>(uuidv7()), waMessageId: uuidv7() },
    ...{ recipient: '15550100001@s.whatsapp.net', text: `Thank you for ${orderId}`, at: NOON },
  }
}
