// How long a catalogue file takes from its bytes to the commit, beside the same rows put into the same tables without a look at them: what
// reading, checking, comparing and auditing cost on top.

import { loadavg } from 'node:os'
import { uuidv7 } from 'uuidv7'
import { searchKeys } from '../../src/domain/catalogue/search.ts'
import { asId, type UserId } from '../../src/domain/ids.ts'
import { readImportRows } from '../../src/http/import-rows.ts'
import { importCatalogue } from '../../src/persistence/catalogue-import.ts'
import { type Database, openDatabase } from '../../src/persistence/database.ts'
import { ensureOrganization, type Organization } from '../../src/persistence/organization.ts'
import { DEFAULT_POLICY } from '../../src/policy.ts'
import { type Figure, figure } from '../figures.ts'
import type { Bench } from '../parts.ts'

export interface ImportOptions {
  readonly rounds: number
  readonly rows: number
}

interface Item {
  readonly sku: string
  readonly name: string
  readonly priceMinor: number
  readonly stock: number
}

const SHOP = { name: 'Bench', currency: 'USD', timezone: 'UTC', locale: 'en-US', contactText: '' }
const ACTOR = asId<UserId>('01900000-0000-7000-8000-00000000be0c')
const BATCH = DEFAULT_POLICY.files.importBatch

export async function catalogueImport(bench: Bench, { rounds, rows }: ImportOptions): Promise<Figure[]> {
  const db = await openDatabase({ url: bench.databaseUrl, poolMax: 2 })
  try {
    const org = await ensureOrganization(db, SHOP, uuidv7)
    const [ours, bare]: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round += 1) {
      ours.push(await timed(() => imported(db, org, items(`${round}a`, rows))))
      bare.push(await timed(() => inserted(db, org, items(`${round}b`, rows))))
    }
    const note = `bare: the same rows inserted ${BATCH} a statement, unchecked; load ${loadavg()[0]?.toFixed(1)}`
    return [figure({ name: 'import of 20,000 rows', better: 'lower', unit: 'ms', ours, bare, note })]
  } finally {
    await db.close()
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}

function items(round: string, count: number): readonly Item[] {
  return Array.from({ length: count }, (_, n) => ({
    sku: `B${round}-${n}`,
    name: `Article ${n} of shelf ${round}`,
    priceMinor: 100 + n,
    stock: n % 50,
  }))
}

async function imported(db: Database, org: Organization, some: readonly Item[]): Promise<void> {
  const lines = some.map(
    ({ sku, name, priceMinor, stock }) => `${sku},${name},${priceMinor / 100},${stock},Bench > Shelf`,
  )
  const bytes = Buffer.from(`sku,product,price,stock,category\n${lines.join('\n')}\n`)
  const read = await readImportRows(bytes, org.currency, DEFAULT_POLICY.files)
  if (!read.ok) throw new Error(read.refusal.message)
  const input = { org, actor: ACTOR, mayArchive: true, dryRun: false, skipErrors: false, ...read.value }
  const done = await importCatalogue(db, input, uuidv7, { ...DEFAULT_POLICY.files, progress: () => undefined })
  if (!done.written || done.faults.length > 0) throw new Error(`nothing was imported: ${done.faults[0]?.message ?? ''}`)
}

async function inserted(db: Database, org: Organization, some: readonly Item[]): Promise<void> {
  await db.transaction(async (tx) => {
    for (let from = 0; from < some.length; from += BATCH) {
      const batch = some
        .slice(from, from + BATCH)
        .map((item) => ({ ...item, id: uuidv7(), variant: uuidv7(), keys: keysOf(item) }))
      const ids = batch.map(({ id }) => id)
      const variants = batch.map(({ variant }) => variant)
      const prices = batch.map(({ priceMinor }) => priceMinor)
      await tx.run(
        `insert into products (id, org_id, name, slug, status)
         select n.id, ?, n.name, n.slug, 'active' from unnest(?::uuid[], ?::text[], ?::text[]) as n (id, name, slug)`,
        [org.id, ids, batch.map(({ name }) => name), batch.map(({ sku }) => sku)],
      )
      await tx.run(
        `insert into variants (id, org_id, product_id, sku, name, price_minor, currency, search_keys)
         select n.id, ?, n.product_id, n.sku, '', n.price, ?, array(select jsonb_array_elements_text(n.keys::jsonb))
         from unnest(?::uuid[], ?::uuid[], ?::text[], ?::bigint[], ?::text[]) as n (id, product_id, sku, price, keys)`,
        [org.id, org.currency, variants, ids, batch.map(({ sku }) => sku), prices, batch.map(({ keys }) => keys)],
      )
      await tx.run(
        `insert into price_history (id, variant_id, price_minor)
         select gen_random_uuid(), n.id, n.price from unnest(?::uuid[], ?::bigint[]) as n (id, price)`,
        [variants, prices],
      )
      const stocks = batch.map(({ stock }) => stock)
      await tx.run(
        `insert into stock_levels (variant_id, on_hand, reserved) select n.id, n.stock, 0 from unnest(?::uuid[], ?::int[]) as n (id, stock)`,
        [variants, stocks],
      )
      await tx.run(
        `insert into stock_movements (id, variant_id, kind, on_hand_delta, reserved_delta, on_hand_after, reserved_after, actor_type)
         select gen_random_uuid(), n.id, 'receipt', n.stock, 0, n.stock, 0, 'user' from unnest(?::uuid[], ?::int[]) as n (id, stock)`,
        [variants, stocks],
      )
    }
  })
}

function keysOf({ sku, name }: Item): string {
  return JSON.stringify(searchKeys({ sku, fullName: name, aliases: [] }))
}
