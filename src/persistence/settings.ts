// Changes what a shop has set for itself: one version after the other, each written down. The currency is fixed once something was ordered in it;
// until then prices keep their amount in whole units.

import type { OrgId } from '../domain/ids.ts'
import { currencyDecimals } from '../domain/money.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import type { BotSettings, InvoiceSettings, OrgSettings, RetentionSettings } from '../domain/settings.ts'
import { stale } from '../domain/stale.ts'
import { type AuditDraft, appendAudit } from './audit.ts'
import type { Database, Tx } from './database.ts'
import { appendEvent } from './events.ts'
import { type Organization, readOrganization } from './organization.ts'

type Some<T> = { readonly [K in keyof T]?: T[K] | undefined }

/** What is to be different; what is left out stays. */
export interface SettingsChange
  extends Some<Pick<Organization, 'name' | 'currency' | 'timezone' | 'locale' | 'contactText' | 'awayText'>>,
    Some<Pick<OrgSettings, 'languageDefault' | 'hours' | 'employeesEditCatalog'>> {
  readonly bot?: Some<BotSettings> | undefined
  readonly retention?: Some<RetentionSettings> | undefined
  readonly invoice?: Some<InvoiceSettings> | undefined
}

/** @param audit who did it, from where */
export function changeSettings(
  db: Database,
  change: SettingsChange,
  expectedVersion: number | null,
  audit: Omit<AuditDraft, 'action' | 'subject' | 'before' | 'after'>,
): Promise<Result<Organization, 'stale-version' | 'currency-locked'>> {
  return db.transaction(async (tx): Promise<Result<Organization, 'stale-version' | 'currency-locked'>> => {
    await tx.run('select from organizations where id = ? for no key update', [audit.orgId])
    const before = await readOrganization(tx)
    if (before === null) throw new Error('there is no organisation')
    if (expectedVersion !== null && expectedVersion !== before.version) return stale(before.version)
    const after = changed(before, change)
    const difference = differenceOf(before, after)
    if (difference === null) return ok(before)
    if (after.currency !== before.currency) {
      const moved = await changeCurrency(tx, before.id, before.currency, after.currency)
      if (!moved.ok) return moved
    }
    const { name, currency, timezone, locale, contactText, awayText, settings } = after
    await tx.run(
      `update organizations set name = ?, currency = ?, timezone = ?, locale = ?, contact_text = ?, away_text = ?,
         settings = ?::jsonb, version = version + 1 where id = ?`,
      [name, currency, timezone, locale, contactText, awayText, JSON.stringify(settings), before.id],
    )
    await appendAudit(tx, { ...audit, action: 'settings.change', subject: before.id, ...difference })
    await appendEvent(tx, {
      orgId: before.id,
      type: 'settings.updated',
      subject: before.id,
      userId: null,
      payload: { version: before.version + 1 },
    })
    return ok({ ...after, version: before.version + 1 })
  })
}

function changed(before: Organization, change: SettingsChange): Organization {
  const { bot, retention, invoice, languageDefault, hours, employeesEditCatalog, ...own } = change
  const { settings } = before
  return {
    ...over(before, own),
    settings: {
      ...over(settings, { languageDefault, hours, employeesEditCatalog }),
      bot: over(settings.bot, bot),
      retention: over(settings.retention, retention),
      invoice: over(settings.invoice, invoice),
    },
  }
}

/** The one with what the other gives. */
function over<T extends object>(base: T, given: Some<T> | undefined): T {
  const entries = Object.entries(given ?? {}).filter(([, value]) => value !== undefined)
  return { ...base, ...Object.fromEntries(entries) }
}

/** The fields that differ, before and after; null when none does. */
function differenceOf(before: Organization, after: Organization) {
  const flat = ({ settings, version: _, ...own }: Organization): Readonly<Record<string, unknown>> => ({
    ...own,
    ...settings,
  })
  const [was, is] = [flat(before), flat(after)]
  const fields = Object.keys(is).filter((field) => JSON.stringify(was[field]) !== JSON.stringify(is[field]))
  if (fields.length === 0) return null
  const only = (values: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(fields.map((field) => [field, values[field]]))
  return { before: only(was), after: only(is) }
}

async function changeCurrency(
  tx: Tx,
  orgId: OrgId,
  from: string,
  to: string,
): Promise<Result<null, 'currency-locked'>> {
  // Whoever places an order holds this row to the end.
  await tx.run('select from order_counters where org_id = ? for update', [orgId])
  const [any] = await tx.rows('select from orders where org_id = ? limit 1', [orgId])
  if (any !== undefined)
    return refuse('currency-locked', `There are orders in ${from}: the currency cannot be changed any more.`)
  const shift = currencyDecimals(to) - currencyDecimals(from)
  await tx.run(
    `update variants set currency = ?, price_minor = round(price_minor * power(10::numeric, ?::int))
     where org_id = ?`,
    [to, shift, orgId],
  )
  return ok(null)
}
