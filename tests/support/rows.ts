// Rows that other rows must hang on, made with as little as their tables want. For tests of one store that need another's row.

import { randomBytes } from 'node:crypto'
import { uuidv7 } from 'uuidv7'
import {
  asId,
  type ConversationId,
  type CustomerId,
  type Fence,
  type MessageId,
  type OrgId,
  type UserId,
} from '../../src/domain/ids.ts'
import type { Database } from '../../src/persistence/database.ts'
import { claim, registerNode } from '../../src/persistence/leases.ts'
import { makeSealer, type Sealer } from '../../src/persistence/sealer.ts'

export function testSealer(): Sealer {
  return makeSealer(randomBytes(32))
}

export async function anOrganization(db: Database): Promise<OrgId> {
  const id = asId<OrgId>(uuidv7())
  await db.run(
    `insert into organizations (id, name, currency, timezone, locale) values (?, 'Shop', 'USD', 'UTC', 'en-US')`,
    [id],
  )
  return id
}

export async function aUser(db: Database, org: OrgId): Promise<UserId> {
  const id = asId<UserId>(uuidv7())
  await db.run(
    `insert into users (id, org_id, email, password_hash, role, status) values (?, ?, ?, '-', 'employee', 'active')`,
    [id, org, `${id}@example.com`],
  )
  return id
}

/** A customer of the user, with the conversation of the two. */
export async function aConversation(db: Database, org: OrgId, user: UserId): Promise<ConversationId> {
  const customer = asId<CustomerId>(uuidv7())
  const id = asId<ConversationId>(uuidv7())
  await db.run('insert into customers (id, org_id) values (?, ?)', [customer, org])
  await db.run('insert into conversations (id, user_id, customer_id) values (?, ?, ?)', [id, user, customer])
  return id
}

/** A message of ours that waits to be sent. */
export async function aQueuedMessage(
  db: Database,
  user: UserId,
  conversation: ConversationId,
  waMessageId: string,
): Promise<MessageId> {
  const id = asId<MessageId>(uuidv7())
  await db.run(
    `insert into messages (id, conversation_id, user_id, wa_message_id, from_me, author, type, text, status, wa_timestamp)
     values (?, ?, ?, ?, true, 'bot', 'text', 'hello', 'queued', now())`,
    [id, conversation, user, waMessageId],
  )
  return id
}

/** A living node. @returns its incarnation */
export async function aNode(db: Database, ttlMs = 60_000): Promise<string> {
  const incarnation = uuidv7()
  await registerNode(db, { incarnation, id: 'test', url: null, version: '0', ttlMs })
  return incarnation
}

/** The session, owned by a living node. */
export async function anOwned(db: Database, session: UserId): Promise<Fence> {
  const [fence] = await claim(db, [session], await aNode(db))
  if (fence === undefined) throw new Error('a session nobody owns was not taken')
  return fence
}

/** The session is taken away: the fence's node is dead and another has it. @returns the new fence */
export async function takenOver(db: Database, fence: Fence): Promise<Fence> {
  await db.run('update node set dead_at = now() where incarnation = ?', [fence.owner])
  return anOwned(db, fence.session)
}
