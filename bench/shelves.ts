// A large catalogue, written in a few statements: products with one variant and with four, in categories, with prices and stock.

import { uuidv7 } from 'uuidv7'
import { openDatabase } from '../src/persistence/database.ts'
import { ensureOrganization } from '../src/persistence/organization.ts'

export const WORDS = ['Walnut', 'Copper', 'Linen', 'Ceramic', 'Bamboo', 'Velvet', 'Marble', 'Cotton'] as const
export const THINGS = ['Table', 'Lamp', 'Bowl', 'Chair', 'Shelf', 'Vase', 'Rug', 'Clock', 'Tray', 'Mirror']

/** Fills the shop up to this many SKUs. @returns the organisation */
export async function stockShelves(databaseUrl: string, skus: number): Promise<string> {
  const db = await openDatabase({ url: databaseUrl, poolMax: 1 })
  try {
    const { id } = await ensureOrganization(
      db,
      { name: 'Bench', currency: 'USD', timezone: 'UTC', locale: 'en-US', contactText: '' },
      uuidv7,
    )
    await db.transaction(async (tx) => {
      await tx.run(
        `insert into categories (id, org_id, name, slug) select gen_random_uuid(), ?, 'Aisle ' || n, 'aisle-' || n
         from generate_series(1, 20) n on conflict do nothing`,
        [id],
      )
      // Of five SKUs one is a product of its own, and four are variants of another.
      await tx.run(
        `insert into products (id, org_id, category_id, name, slug, status)
         select gen_random_uuid(), ?, (select g.id from categories g where g.slug = 'aisle-' || (1 + n % 20)),
           (?::text[])[1 + n % 8] || ' ' || (?::text[])[1 + (n / 8) % 10] || ' ' || n, 'shelf-' || n, 'active'
         from generate_series(1, ?::int) n`,
        [id, WORDS, THINGS, Math.floor((skus * 2) / 5)],
      )
      await tx.run(
        `insert into variants (id, org_id, product_id, sku, name, price_minor, currency, low_stock_threshold, position, search_keys)
         select gen_random_uuid(), p.org_id, p.id, upper(p.slug) || '-' || k, v.name, 500 + (n.n * 37 + k * 90) % 40000, 'USD', 5, k,
           array[lower(replace(upper(p.slug) || '-' || k, '-', '')), lower(replace(p.name || ' ' || v.name, ' ', ''))]
         from products p
         cross join lateral (select substr(p.slug, 7)::int as n) n
         cross join lateral generate_series(1, case when n.n % 2 = 0 then 4 else 1 end) k
         cross join lateral (select case when n.n % 2 = 0 then (array['Small','Medium','Large','Huge'])[k] else '' end as name) v
         where p.org_id = ? and p.slug like 'shelf-%'`,
        [id],
      )
      await tx.run(
        `insert into stock_levels (variant_id, on_hand, reserved)
         select v.id, 3 + v.price_minor % 90, 0 from variants v left join stock_levels s on s.variant_id = v.id where s.variant_id is null`,
      )
    })
    await db.run('vacuum analyze products, variants, stock_levels, categories')
    return id
  } finally {
    await db.close()
  }
}
