// Things of a shop for tests of what reads them: a contact with a conversation, messages in it, and an order.

import { uuidv7 } from 'uuidv7'
import {
  asId,
  type ConversationId,
  type CustomerId,
  type MessageId,
  type OrderId,
  type UserId,
} from '../../src/domain/ids.ts'
import type { E164 } from '../../src/domain/phone.ts'
import { createProduct } from '../../src/persistence/catalogue.ts'
import { catalogPage } from '../../src/persistence/catalogue-search.ts'
import { addContact } from '../../src/persistence/contacts.ts'
import { ensureConversation } from '../../src/persistence/conversations.ts'
import type { Database } from '../../src/persistence/database.ts'
import { insertMessage } from '../../src/persistence/messages.ts'
import { placeOrder } from '../../src/persistence/orders.ts'
import type { Organization } from '../../src/persistence/organization.ts'

export interface Chat {
  readonly contactId: string
  readonly customerId: CustomerId
  readonly conversationId: ConversationId
}

/** A contact of this user who has written these texts, one after the other. */
export async function chat(
  db: Database,
  org: Organization,
  user: UserId,
  phone: string,
  texts: readonly string[],
): Promise<Chat> {
  const { contact } = await addContact(
    db,
    { orgId: org.id, userId: user, phone: phone as E164, name: `Customer ${phone}` },
    uuidv7,
  )
  const between = { userId: user, customerId: contact.customerId }
  const conversationId = await db.transaction(async (tx) => {
    const id = await ensureConversation(tx, between, uuidv7, null)
    for (const [index, text] of texts.entries())
      await insertMessage(tx, {
        id: asId<MessageId>(uuidv7()),
        conversationId: id,
        userId: user,
        waMessageId: `WA${index}`,
        fromMe: false,
        author: 'customer',
        type: 'text',
        text,
        status: 'received',
        at: new Date(Date.UTC(2026, 0, 31, 12, 0, index)),
      })
    return id
  })
  return { contactId: contact.id, customerId: contact.customerId, conversationId }
}

/** An order of this customer for three of a mug that is made for it when there is none. */
export async function order(db: Database, org: Organization, user: UserId, customerId: CustomerId): Promise<OrderId> {
  const mug = { name: 'Blue Mug', price: '12.50', stock: 100 }
  if ((await catalogPage(db, org.id, { offset: 0, limit: 1 })).total === 0)
    await createProduct(db, org, mug, null, uuidv7)
  const [variant] = (await catalogPage(db, org.id, { offset: 0, limit: 1 })).items
  if (variant === undefined) throw new Error('no mug')
  const placed = await db.transaction((tx) =>
    placeOrder(
      tx,
      {
        orgId: org.id,
        userId: user,
        customerId,
        channel: 'whatsapp',
        lines: [{ variant, quantity: 3 }],
        actor: { type: 'customer', id: customerId },
      },
      uuidv7,
      new Date(),
    ),
  )
  if (!placed.ok) throw new Error(`not placed: ${placed.code}`)
  return placed.order.id
}
