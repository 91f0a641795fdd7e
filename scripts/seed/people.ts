// Writes the people of the demo shop: staff, customers with how they are known, and whose contacts they are.

import type { CustomerId, OrgId, UserId } from '../../src/domain/ids.ts'
import { asId } from '../../src/domain/ids.ts'
import type { Tx } from '../../src/persistence/database.ts'
import { createUser } from '../../src/persistence/users.ts'
import type { Dice } from '../proof/random.ts'
import { CUSTOMERS, lidOf, phoneOf, STAFF } from './cast.ts'
import { idAt } from './ids.ts'

export interface Written {
  /** By e-mail. */
  readonly users: ReadonlyMap<string, UserId>
  /** In the order of CUSTOMERS. */
  readonly customers: readonly CustomerId[]
  /** By e-mail and place of the customer: `chatKey`. */
  readonly chats: ReadonlyMap<string, string>
}

export const chatKey = (owner: string, customer: number): string => `${owner} ${customer}`

export async function writePeople(
  tx: Tx,
  orgId: OrgId,
  passwordHash: string,
  openedAt: Date,
  dice: Dice,
): Promise<Written> {
  const users = new Map<string, UserId>()
  for (const { email, name, role, manager, requestedRole } of STAFF) {
    const id = asId<UserId>(idAt(openedAt, dice))
    const managerId = manager === undefined ? null : (users.get(manager) ?? null)
    const made = await createUser(tx, {
      ...{ id, orgId, email, name, passwordHash, role, managerId },
      requestedRole: requestedRole ?? null,
      status: 'active',
    })
    if (!made.ok) throw new Error(made.refusal.message)
    users.set(email, id)
  }
  await tx.run('update users set created_at = ? where org_id = ?', [openedAt, orgId])
  const customers = CUSTOMERS.map(() => asId<CustomerId>(idAt(openedAt, dice)))
  const chats = new Map<string, string>()
  for (const [index, who] of CUSTOMERS.entries()) {
    const id = customers[index] ?? ''
    const name = who.erased ? `Deleted customer #${id.slice(-4)}` : who.name
    await tx.run(
      `insert into customers (id, org_id, display_name, language, opted_out_at, consent_source, consent_at, deleted_at, created_at)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        ...[id, orgId, name, who.language ?? null, who.optedOut ? openedAt : null],
        ...[
          who.erased ? null : 'staff',
          who.erased ? null : openedAt,
          who.erased ? new Date(openedAt.getTime() + 1) : null,
          openedAt,
        ],
      ],
    )
    if (who.erased) continue
    const known = who.lidOnly ? ['lid', lidOf(index)] : ['phone', phoneOf(index)]
    await tx.run(
      'insert into customer_identities (org_id, kind, value, customer_id, created_at) values (?, ?, ?, ?, ?)',
      [...[orgId, ...known, id, openedAt]],
    )
    for (const owner of who.of) {
      const userId = users.get(owner) ?? ''
      await tx.run('insert into contacts (id, user_id, customer_id, name, created_at) values (?, ?, ?, ?, ?)', [
        ...[idAt(openedAt, dice), userId, id, who.name, openedAt],
      ])
      const chat = idAt(openedAt, dice)
      await tx.run('insert into conversations (id, user_id, customer_id, created_at) values (?, ?, ?, ?)', [
        ...[chat, userId, id, openedAt],
      ])
      chats.set(chatKey(owner, index), chat)
    }
  }
  for (const { email, customer } of STAFF) {
    if (customer === undefined) continue
    const id = customers[CUSTOMERS.findIndex(({ name }) => name === customer)] ?? null
    await tx.run('update users set customer_id = ? where id = ?', [id, users.get(email) ?? null])
  }
  return { users, customers, chats }
}
