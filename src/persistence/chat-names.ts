// Which product a name belongs to in chat. The table is kept by the database itself, from the variants of active products; here it is asked
// before something is written, so that the answer can say with what a name collides.
import type { KnownProduct } from '../domain/catalogue/change.ts'
import { nameTaken, type ProductDraft } from '../domain/catalogue/product.ts'
import { searchKeys } from '../domain/catalogue/search.ts'
import type { OrgId, ProductId } from '../domain/ids.ts'
import { ok, type Result } from '../domain/result.ts'
import type { Queryable } from './database.ts'

export interface NameHolder {
  readonly productId: ProductId
  readonly name: string
}

/** The active products that these normal forms name, other than `except`. */
export async function holdersOf(
  q: Queryable,
  orgId: OrgId,
  keys: readonly string[],
  except: ProductId | null,
): Promise<ReadonlyMap<string, NameHolder>> {
  const rows = await q.rows<{ key: string; product_id: ProductId; name: string }>(
    `select n.key, n.product_id, p.name from chat_names n join products p on p.id = n.product_id
     where n.org_id = ? and n.key = any(?::text[]) and n.product_id is distinct from ?::uuid`,
    [orgId, keys, except],
  )
  return new Map(rows.map(({ key, product_id, name }) => [key, { productId: product_id, name }]))
}

/** Can chat tell this product from all others? One that is not active has no names yet, and takes none. */
export async function checkNames(
  q: Queryable,
  orgId: OrgId,
  known: KnownProduct | null,
  draft: ProductDraft,
): Promise<Result<void, 'name-taken'>> {
  if (draft.status !== 'active') return ok(undefined)
  const wanted = draft.variants.map((variant) => ({
    variant,
    keys: searchKeys({ ...variant, sku: variant.sku ?? '', productName: draft.name }),
  }))
  const holders = await holdersOf(
    q,
    orgId,
    wanted.flatMap(({ keys }) => keys),
    known?.id ?? null,
  )
  for (const { variant, keys } of wanted)
    for (const key of keys) {
      const holder = holders.get(key)
      if (holder !== undefined) return nameTaken(variant, holder.name, key)
    }
  return ok(undefined)
}
