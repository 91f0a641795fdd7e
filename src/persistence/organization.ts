// The organisation: one row, made at the first start. Also keeps the fingerprint of the key that the data are encrypted with.

import type { OrgId } from '../domain/ids.ts'
import { asId } from '../domain/ids.ts'
import { FIRST_ORDER_NUMBER } from '../domain/order/order.ts'
import type { Database, Tx } from './database.ts'
import { OrganizationEntity } from './entities/organization.ts'
import type { Sealer } from './sealer.ts'

export interface OrganizationDefaults {
  readonly name: string
  /** ISO 4217. */
  readonly currency: string
  /** IANA name. */
  readonly timezone: string
  /** BCP 47. */
  readonly locale: string
  /** What the bot answers to `contact`. */
  readonly contactText: string
}

export interface Organization extends OrganizationDefaults {
  readonly id: OrgId
}

/** The key given is not the one the data were encrypted with. The message is for the operator. */
export class WrongEncryptionKey extends Error {
  override readonly name = 'WrongEncryptionKey'
}

/** The organisation of this installation; made from the defaults when there is none, by one of several nodes that start at once. */
export function ensureOrganization(
  db: Database,
  defaults: OrganizationDefaults,
  newId: () => string,
): Promise<Organization> {
  return db.transaction(async (tx) => (await findOrganization(tx)) ?? makeOrganization(tx, defaults, newId()))
}

async function makeOrganization(tx: Tx, defaults: OrganizationDefaults, id: string): Promise<Organization> {
  // There is no row to lock yet: makers take turns at the table, readers do not wait.
  await tx.run('lock table organizations in share row exclusive mode')
  const other = await findOrganization(tx)
  if (other !== null) return other
  const { name, currency, timezone, locale, contactText } = defaults
  tx.em.create(OrganizationEntity, { id, name, currency, timezone, locale, contactText, keyFingerprint: null })
  await tx.em.flush()
  // Orders lock this row before anything else: it must be there before the first of them.
  await tx.run('insert into order_counters (org_id, next) values (?, ?) on conflict do nothing', [
    id,
    FIRST_ORDER_NUMBER,
  ])
  return { id: asId(id), name, currency, timezone, locale, contactText }
}

async function findOrganization(tx: Tx): Promise<Organization | null> {
  const [row] = await tx.em.find(OrganizationEntity, {}, { limit: 1, orderBy: { id: 'asc' } })
  if (row === undefined) return null
  const { id, name, currency, timezone, locale, contactText } = row
  return { id: asId(id), name, currency, timezone, locale, contactText }
}

/**
 * Remembers the key at the first start and compares it at every later one. Never overwrites.
 * @throws WrongEncryptionKey
 */
export async function checkKeyFingerprint(db: Database, organization: OrgId, sealer: Sealer): Promise<void> {
  await db.run('update organizations set key_fingerprint = ? where id = ? and key_fingerprint is null', [
    sealer.fingerprint,
    organization,
  ])
  const { keyFingerprint } = await db.em.findOneOrFail(OrganizationEntity, { id: organization })
  if (keyFingerprint === sealer.fingerprint) return
  throw new WrongEncryptionKey(
    'AUTH_ENCRYPTION_KEY is not the key this database was encrypted with: give the key of the first start (or put its file back into DATA_DIR). Nothing was changed.',
  )
}
