// Who said STOP and was erased: keyed hashes of their numbers and nothing else, so that the STOP outlives everything that was known of them.

import type { Identity } from '../domain/identity.ts'
import type { OrgId } from '../domain/ids.ts'
import { type E164, phoneVariants } from '../domain/phone.ts'
import type { Queryable, Tx } from './database.ts'

/** A keyed hash: 32 bytes, the same for the same text. */
export type Mac = (text: string) => Buffer

/** All forms of a number have one hash. */
function hashOf(mac: Mac, { kind, value }: Identity): Buffer {
  const [first = value] = kind === 'phone' ? [...phoneVariants(value as E164)].sort() : [value]
  return mac(`suppressed|${kind}|${first}`)
}

export async function suppress(
  tx: Tx,
  mac: Mac,
  orgId: OrgId,
  identities: readonly Identity[],
  optedOutAt: Date,
): Promise<void> {
  for (const identity of identities)
    await tx.run('insert into suppressions (org_id, hash, opted_out_at) values (?, ?, ?) on conflict do nothing', [
      orgId,
      hashOf(mac, identity),
      optedOutAt,
    ])
}

/** Somebody with one of these identities wants messages again, or never said otherwise. */
export async function unsuppress(tx: Tx, mac: Mac, orgId: OrgId, identities: readonly Identity[]): Promise<void> {
  const hashes = identities.map((identity) => hashOf(mac, identity))
  await tx.run('delete from suppressions where org_id = ? and hash = any(?::bytea[])', [orgId, hashes])
}

/** Since when somebody with one of these identities wants no messages; null when nobody said so. */
export async function suppressedSince(
  q: Queryable,
  mac: Mac,
  orgId: OrgId,
  identities: readonly Identity[],
): Promise<Date | null> {
  const [row] = await q.rows<{ since: Date | null }>(
    'select min(opted_out_at) as since from suppressions where org_id = ? and hash = any(?::bytea[])',
    [orgId, identities.map((identity) => hashOf(mac, identity))],
  )
  return row?.since ?? null
}
