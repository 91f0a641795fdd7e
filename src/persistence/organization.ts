// The organisation: one row, made at the first start, and the object that stands for it in a running node. Also keeps the fingerprint of the key
// that the data are encrypted with. Changing it is settings.ts.

import type { OrgId } from '../domain/ids.ts'
import { asId } from '../domain/ids.ts'
import { FIRST_ORDER_NUMBER } from '../domain/order/order.ts'
import { DEFAULT_SETTINGS, type OrgSettings, readSettings } from '../domain/settings.ts'
import type { Database, Queryable, Tx } from './database.ts'
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

/**
 * One object for as long as the node runs, read where it is used and not copied at the start: `refreshOrganization` brings it up to date in
 * place, some seconds after a change made at another node. What must not be late reads the row: `readOrganization`.
 */
export interface Organization extends OrganizationDefaults {
  readonly id: OrgId
  /** What who is left to a person is told while the shop is closed; null: the bot's own words. */
  readonly awayText: string | null
  readonly settings: OrgSettings
  readonly version: number
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
  return db.transaction(async (tx) => (await readOrganization(tx)) ?? makeOrganization(tx, defaults, newId()))
}

async function makeOrganization(tx: Tx, defaults: OrganizationDefaults, id: string): Promise<Organization> {
  // There is no row to lock yet: makers take turns at the table, readers do not wait.
  await tx.run('lock table organizations in share row exclusive mode')
  const other = await readOrganization(tx)
  if (other !== null) return other
  const { name, currency, timezone, locale, contactText } = defaults
  tx.em.create(OrganizationEntity, { id, name, currency, timezone, locale, contactText, keyFingerprint: null })
  await tx.em.flush()
  // Orders lock this row before anything else: it must be there before the first of them.
  await tx.run('insert into order_counters (org_id, next) values (?, ?) on conflict do nothing', [
    id,
    FIRST_ORDER_NUMBER,
  ])
  const own = { name, currency, timezone, locale, contactText, awayText: null }
  return { id: asId(id), ...own, settings: DEFAULT_SETTINGS, version: 1 }
}

interface Row extends OrganizationDefaults {
  readonly id: OrgId
  readonly awayText: string | null
  readonly settings: unknown
  readonly version: number
}

const COLUMNS =
  'id, name, currency, timezone, locale, contact_text as "contactText", away_text as "awayText", settings, version'

const toOrganization = ({ settings, ...row }: Row): Organization => ({ ...row, settings: readSettings(settings) })

/** The organisation as it is now; null before the first start. */
export async function readOrganization(q: Queryable): Promise<Organization | null> {
  const [row] = await q.rows<Row>(`select ${COLUMNS} from organizations order by id limit 1`)
  return row === undefined ? null : toOrganization(row)
}

/** The settings as they are now, for what must not be late by a moment. */
export async function readCurrentSettings(q: Queryable, id: OrgId): Promise<OrgSettings> {
  const [row] = await q.rows<{ settings: unknown }>('select settings from organizations where id = ?', [id])
  return readSettings(row?.settings)
}

/** Brings the object up to date, in place. Reads one version by its key, and more only when it changed. @returns whether it did */
export async function refreshOrganization(q: Queryable, organization: Organization): Promise<boolean> {
  const [row] = await q.rows<Row>(`select ${COLUMNS} from organizations where id = ? and version <> ?`, [
    organization.id,
    organization.version,
  ])
  if (row === undefined) return false
  Object.assign(organization, toOrganization(row))
  return true
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
