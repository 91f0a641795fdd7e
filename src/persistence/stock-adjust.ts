// Corrections of stock: all of a request or none, in one statement. It locks the levels in the order of their variants, computes from the
// rows as they are then, and writes levels, ledger, audit and events; nobody waits for a round trip of ours while it holds them.

import type { OrgId, UserId, VariantId } from '../domain/ids.ts'
import { type FieldError, ok, type Result, refuse } from '../domain/result.ts'
import type { Adjustment } from '../domain/stock/adjust.ts'
import type { MovementKind } from '../domain/stock/level.ts'
import type { Database } from './database.ts'
import { type Part, withParts } from './statement.ts'

/** The most a shelf can hold: far from what an int holds. */
const MAX_ON_HAND = 1_000_000_000

export interface AdjustBy {
  readonly orgId: OrgId
  readonly actorId: UserId
  readonly ip?: string | null | undefined
  readonly requestId?: string | null | undefined
}

export interface Adjusted {
  readonly movementId: string
  readonly variantId: VariantId
  readonly sku: string
  readonly kind: MovementKind
  /** What a count found more (or less) than was known. */
  readonly delta: number
  readonly onHand: number
  readonly reserved: number
}

export type AdjustRefusal = 'unknown-variant' | 'below-reserved' | 'invalid-adjustment'

interface Bad {
  readonly variantId: VariantId
  readonly sku: string | null
  readonly reserved: number | null
  readonly after: number | null
}

/**
 * Carries out corrections (in the order of their variants, as `planAdjustments` gives them). `below-reserved` names every line that would
 * leave less than open orders were promised; then nothing is changed.
 */
export async function adjustStock(
  db: Database,
  by: AdjustBy,
  adjustments: readonly Adjustment[],
  newId: () => string,
): Promise<Result<readonly Adjusted[], AdjustRefusal>> {
  const { sql, params } = withParts(
    [...levelParts(by, adjustments, newId), ...writeParts(by)],
    `select (select json_agg(json_build_object('variantId', b.variant_id, 'sku', v.sku, 'reserved', b.reserved, 'after', b.after)
         order by b.variant_id) from bad b left join variants v on v.id = b.variant_id and v.org_id = ?) as bad,
       (select json_agg(json_build_object('movementId', m.id, 'variantId', m.variant_id, 'sku', v.sku, 'kind', m.kind,
         'delta', m.on_hand_delta, 'onHand', m.on_hand_after, 'reserved', m.reserved_after) order by m.variant_id)
         from moved m join variants v on v.id = m.variant_id) as adjusted`,
  )
  const [row] = await db.rows<{ bad: readonly Bad[] | null; adjusted: readonly Adjusted[] | null }>(sql, [
    ...params,
    by.orgId,
  ])
  if (row?.bad) return refused(row.bad, adjustments)
  return ok(row?.adjusted ?? [])
}

/** `wanted`, `levels`, `next` and `bad`: what is asked, the levels locked, what would be, and what must not be. */
function levelParts(by: AdjustBy, adjustments: readonly Adjustment[], newId: () => string): readonly Part[] {
  return [
    {
      name: 'wanted',
      sql: `select * from unnest(?::uuid[], ?::text[], ?::text[], ?::int[], ?::int[], ?::uuid[], ?::uuid[])
     as w (variant_id, kind, reason, delta, counted, movement_id, audit_id)`,
      params: [
        adjustments.map((each) => each.variantId),
        adjustments.map((each) => each.kind),
        adjustments.map((each) => each.reason),
        adjustments.map((each) => each.delta),
        adjustments.map((each) => each.counted),
        adjustments.map(() => newId()),
        adjustments.map(() => newId()),
      ],
    },
    {
      name: 'levels',
      sql: `select s.variant_id, s.on_hand, s.reserved from stock_levels s
     where s.variant_id in (select v.id from variants v where v.id = any(?::uuid[]) and v.org_id = ?)
     order by s.variant_id for update of s`,
      params: [adjustments.map((each) => each.variantId), by.orgId],
    },
    {
      name: 'next',
      sql: `select w.*, l.on_hand as before, l.reserved, coalesce(w.counted, l.on_hand + w.delta) as after
     from wanted w left join levels l using (variant_id)`,
      params: [],
    },
    {
      name: 'bad',
      sql: 'select * from next n where n.before is null or n.after < n.reserved or n.after > ?::int',
      params: [MAX_ON_HAND],
    },
  ]
}

/** `changed`, `moved`, `audited`, `announced`: written when nothing is in `bad`. */
function writeParts(by: AdjustBy): readonly Part[] {
  return [
    {
      name: 'changed',
      // Both columns from the row that is locked: what is held against the checks first is the row as the statement found it (docs/adr/0005).
      sql: `update stock_levels s set on_hand = n.after, reserved = n.reserved
     from next n where s.variant_id = n.variant_id and not exists (select from bad)
     returning n.variant_id, n.movement_id, n.audit_id, n.kind, n.reason, n.before, s.on_hand, s.reserved`,
      params: [],
    },
    {
      name: 'moved',
      sql: `insert into stock_movements (id, variant_id, kind, on_hand_delta, reserved_delta, on_hand_after, reserved_after, reason,
       actor_type, actor_id)
     select movement_id, variant_id, kind, on_hand - before, 0, on_hand, reserved, reason, 'user', ?::uuid
     from changed order by variant_id
     returning id, variant_id, kind, on_hand_delta, on_hand_after, reserved_after`,
      params: [by.actorId],
    },
    {
      name: 'audited',
      sql: `insert into audit_log (id, org_id, actor_id, action, subject, before, after, ip, request_id)
     select audit_id, ?::uuid, ?::uuid, 'stock.adjust', variant_id::text, jsonb_build_object('onHand', before),
       jsonb_build_object('onHand', on_hand, 'kind', kind, 'reason', reason), ?::text, ?::text from changed`,
      params: [by.orgId, by.actorId, by.ip ?? null, by.requestId ?? null],
    },
    {
      name: 'announced',
      sql: `insert into event_log (org_id, type, subject, payload)
     select ?::uuid, 'stock.adjusted', variant_id, jsonb_build_object('onHand', on_hand, 'reserved', reserved)
     from changed order by variant_id`,
      params: [by.orgId],
    },
  ]
}

function refused(bad: readonly Bad[], adjustments: readonly Adjustment[]): Result<never, AdjustRefusal> {
  const unknown = bad.filter((each) => each.reserved === null)
  const short = bad.filter(({ reserved, after }) => reserved !== null && (after ?? 0) < reserved)
  const code = unknown.length > 0 ? 'unknown-variant' : short.length > 0 ? 'below-reserved' : 'invalid-adjustment'
  const pathOf = new Map(adjustments.map(({ variantId, path }) => [variantId, path]))
  const errors = bad.map((each): FieldError => {
    return { path: `${pathOf.get(each.variantId) ?? ''}variantId`, code, message: sentence(each) }
  })
  return refuse(code, errors.map(({ message }) => message).join(' '), { errors })
}

function sentence({ sku, reserved, after }: Bad): string {
  if (reserved === null || after === null) return 'There is no such variant.'
  if (after >= reserved) return `${sku} would have more on hand than can be counted here.`
  const promised = reserved === 1 ? '1 is' : `${reserved} are`
  return `${sku} would have ${after} on hand, and ${promised} promised to open orders: cancel some of them first.`
}
