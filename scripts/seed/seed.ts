// Fills an empty organisation with the demo shop: its people, the catalogue, sixty days of orders. All of it in one transaction: half a shop
// is never there. Somebody else's shop is refused.

import { offerOf } from '../../src/domain/bot/weigh.ts'
import { fullName } from '../../src/domain/catalogue/search.ts'
import type { CatalogueHit } from '../../src/domain/catalogue/variant.ts'
import type { UserId, VariantId } from '../../src/domain/ids.ts'
import { appendAudit } from '../../src/persistence/audit.ts'
import type { Database, Tx } from '../../src/persistence/database.ts'
import { ensureOrganization } from '../../src/persistence/organization.ts'
import { lockOrganization } from '../../src/persistence/users.ts'
import { dice as makeDice } from '../proof/random.ts'
import { HOURS, OWNER, SHOP } from './cast.ts'
import { demoCatalogue, demoFile } from './catalogue.ts'
import { makeChats } from './chats.ts'
import { DAYS, makeHistory } from './history.ts'
import { type Event, makeLedger } from './ledger.ts'
import { writeStory } from './orders.ts'
import { writePeople } from './people.ts'

export type Seeded =
  | { readonly kind: 'made'; readonly orders: number; readonly messages: number; readonly movements: number }
  /** This shop is there: nothing was changed. */
  | { readonly kind: 'there' }
  /** Somebody works here: nothing was changed. */
  | { readonly kind: 'not-empty' }

const DAY_MS = 86_400_000
const OPENED_DAYS = DAYS + 1

/** @param newId for what belongs to today */
export async function seedDemo(
  db: Database,
  options: { readonly seed: string; readonly now: Date; readonly passwordHash: string; readonly newId: () => string },
): Promise<Seeded> {
  const { now, newId } = options
  const organization = await ensureOrganization(db, SHOP, newId)
  return db.transaction(async (tx): Promise<Seeded> => {
    await lockOrganization(tx, organization.id)
    const found = await occupied(tx)
    if (found !== null) return { kind: found }
    const org = { ...organization, ...SHOP }
    await tx.run(
      `update organizations set name = ?, currency = ?, timezone = ?, locale = ?, contact_text = ?,
         settings = settings || jsonb_build_object('hours', ?::jsonb) where id = ?`,
      [...[SHOP.name, SHOP.currency, SHOP.timezone, SHOP.locale, SHOP.contactText, JSON.stringify(HOURS), org.id]],
    )
    const dice = makeDice(options.seed)
    const openedAt = new Date(now.getTime() - OPENED_DAYS * DAY_MS)
    const people = await writePeople(tx, org.id, options.passwordHash, openedAt, dice)
    // Products get their ids in the order of the file, which lists by age show.
    await demoCatalogue(inside(tx), org, newId, { stocked: false })
    await age(tx, openedAt)
    const { goods, shelves } = await shelvesOf(tx)
    const orders = makeHistory(shuffled(goods, dice), now, dice)
    const movements = makeLedger(shelves, orders, eventsOf(goods, now), openedAt)
    const messages = makeChats(orders, goods.map(offerOf), dice)
    await writeStory(tx, org.id, { orders, movements, messages }, people, dice)
    const actorId = people.users.get(OWNER) ?? (null as UserId | null)
    const after = { orders: orders.length, messages: messages.length, movements: movements.length }
    await appendAudit(tx, { id: newId(), orgId: org.id, actorId, action: 'demo.seed', after })
    return { kind: 'made', ...after }
  })

  function shuffled(goods: readonly CatalogueHit[], dice: ReturnType<typeof makeDice>): readonly CatalogueHit[] {
    return goods
      .map((each) => ({ each, at: dice.fraction() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ each }) => each)
  }
}

async function occupied(tx: Tx): Promise<'there' | 'not-empty' | null> {
  const [row] = await tx.rows<{ ours: boolean; other: boolean }>(
    `select exists (select from users where email = ?) as ours,
       exists (select from users) or exists (select from products) or exists (select from customers) or exists (select from orders) as other`,
    [OWNER],
  )
  if (row?.ours === true) return 'there'
  return row?.other === true ? 'not-empty' : null
}

/** The stores open transactions of their own; here they write within this one. */
function inside(tx: Tx): Database {
  const no = () => Promise.reject(new Error('not within a transaction'))
  return {
    rows: (sql, params) => tx.rows(sql, params),
    run: (sql, params) => tx.run(sql, params),
    get em() {
      return tx.em
    },
    transaction: (work) => work(tx),
    ping: no,
    close: no,
  }
}

/** The catalogue was there when the shop opened. */
async function age(tx: Tx, at: Date): Promise<void> {
  for (const table of ['products', 'variants', 'categories']) await tx.run(`update ${table} set created_at = ?`, [at])
  await tx.run('update price_history set valid_from = ?', [at])
}

async function shelvesOf(tx: Tx) {
  const rows = await tx.rows<Omit<CatalogueHit, 'fullName'> & { readonly status: string; readonly priceMinor: number }>(
    `select v.id as "variantId", p.id as "productId", v.sku, p.name as "productName", v.name as "variantName",
       v.price_minor::float8 as "priceMinor", v.currency, v.tax_rate_bp as "taxRateBp", v.tax_included as "taxIncluded", 0 as available,
       v.track_stock as "trackStock", v.low_stock_threshold as "lowStockThreshold", v.max_per_order as "maxPerOrder", p.status
     from variants v join products p on p.id = v.product_id order by p.id, v.position`,
  )
  const left = new Map(demoFile().variants.map(({ sku, onHand }) => [sku, onHand]))
  const all = rows.map((row) => ({
    ...row,
    fullName: fullName(row.productName, row.variantName),
    available: left.get(row.sku) ?? 0,
  }))
  return {
    goods: all.filter(({ status }) => status === 'active'),
    shelves: all.map(({ variantId, available }): { variantId: VariantId; available: number } => ({
      variantId,
      available,
    })),
  }
}

/** Two counts that found another number, and something that broke: of goods there are plenty of. */
function eventsOf(goods: readonly CatalogueHit[], now: Date): readonly Event[] {
  const [a, b, c] = goods.toSorted((x, y) => y.available - x.available)
  if (a === undefined || b === undefined || c === undefined) return []
  const at = (days: number) => new Date(now.getTime() - days * DAY_MS)
  return [
    { variantId: a.variantId, kind: 'adjustment', delta: 2, reason: 'count', at: at(40) },
    { variantId: b.variantId, kind: 'adjustment', delta: -1, reason: 'count', at: at(20) },
    { variantId: c.variantId, kind: 'writeoff', delta: -2, reason: 'broken on the way', at: at(30) },
  ]
}
