// Categories as stored. Their shape (a tree, five deep) is decided by domain/catalogue/category.ts.
import {
  type CategoryView,
  chainOf,
  levelsOf,
  MAX_CATEGORY_NAME_CHARS,
  placeUnder,
  withSubtreeCounts,
} from '../domain/catalogue/category.ts'
import { slugOf } from '../domain/catalogue/product.ts'
import { normalName } from '../domain/catalogue/search.ts'
import { oneLine } from '../domain/contact.ts'
import type { CategoryId, OrgId, UserId } from '../domain/ids.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { stale } from '../domain/stale.ts'
import { appendAudit } from './audit.ts'
import type { Database, Queryable, Tx } from './database.ts'
import { lockOrganization } from './users.ts'

export interface CategoryInput {
  readonly name: string
  /** Made from the name when not given. */
  readonly slug?: string | undefined
  readonly parentId?: CategoryId | null | undefined
  readonly position?: number | undefined
}

export type CategoryCode =
  | 'invalid-category'
  | 'slug-taken'
  | 'category-not-found'
  | 'category-cycle'
  | 'category-too-deep'

export type ChangeCategoryCode = 'not-found' | 'stale-version'

/** What is not given stays. */
export interface CategoryChange {
  readonly name?: string | undefined
  readonly slug?: string | undefined
  readonly parentId?: CategoryId | null | undefined
  readonly position?: number | undefined
}

/** Makes a category. `actor` is who did it, for the audit log. */
export async function createCategory(
  db: Database,
  orgId: OrgId,
  input: CategoryInput,
  actor: UserId | null,
  newId: () => string,
): Promise<Result<CategoryView, CategoryCode>> {
  const name = nameOf(input.name)
  if (!name.ok) return name
  const parentId = input.parentId ?? null
  return db.transaction(async (tx) => {
    await lockOrganization(tx, orgId)
    const placed = mayStand(await listCategories(tx, orgId), null, parentId)
    if (!placed.ok) return placed
    const id = newId() as CategoryId
    const slug = slugOf(input.slug ?? name.value)
    const written = await tx.run(
      `insert into categories (id, org_id, parent_id, name, slug, position) values (?, ?, ?, ?, ?, ?)
       on conflict (org_id, slug) do nothing`,
      [id, orgId, parentId, name.value, slug, input.position ?? 0],
    )
    if (written === 0) return slugTaken(slug)
    const after = { name: name.value, slug, parentId }
    await appendAudit(tx, { id: newId(), orgId, actorId: actor, action: 'category.create', subject: id, after })
    return ok(await stored(tx, orgId, id))
  })
}

/** Renames or moves it, with all below it. @param expectedVersion null: whichever it has */
export async function updateCategory(
  db: Database,
  orgId: OrgId,
  id: CategoryId,
  change: CategoryChange,
  expectedVersion: number | null,
  actor: UserId | null,
  newId: () => string,
): Promise<Result<CategoryView, CategoryCode | ChangeCategoryCode>> {
  const name = change.name === undefined ? null : nameOf(change.name)
  if (name !== null && !name.ok) return name
  return db.transaction(async (tx): Promise<Result<CategoryView, CategoryCode | ChangeCategoryCode>> => {
    await lockOrganization(tx, orgId)
    const flat = await listCategories(tx, orgId)
    const was = flat.find((each) => each.id === id)
    if (was === undefined) return notFound
    if (expectedVersion !== null && was.version !== expectedVersion) return stale(was.version)
    const parentId = change.parentId === undefined ? was.parentId : change.parentId
    const placed = mayStand(flat, id, parentId)
    if (!placed.ok) return placed
    const slug = change.slug === undefined ? was.slug : slugOf(change.slug)
    if (flat.some((each) => each.slug === slug && each.id !== id)) return slugTaken(slug)
    const before = { name: was.name, slug: was.slug, parentId: was.parentId, position: was.position }
    const after = { name: name?.value ?? was.name, slug, parentId, position: change.position ?? was.position }
    if (JSON.stringify(before) === JSON.stringify(after)) return ok(was)
    await tx.run(
      'update categories set name = ?, slug = ?, parent_id = ?, position = ?, version = version + 1 where id = ?',
      [after.name, after.slug, after.parentId, after.position, id],
    )
    await appendAudit(tx, {
      id: newId(),
      orgId,
      actorId: actor,
      action: 'category.update',
      subject: id,
      before,
      after,
    })
    return ok(await stored(tx, orgId, id))
  })
}

/**
 * Deletes it. What is in it, products whatever their status and categories, goes to `moveTo` (null: to the top, into no category); without
 * that it has to be empty.
 */
export async function deleteCategory(
  db: Database,
  orgId: OrgId,
  id: CategoryId,
  moveTo: CategoryId | null | undefined,
  expectedVersion: number | null,
  actor: UserId | null,
  newId: () => string,
): Promise<Result<void, CategoryCode | ChangeCategoryCode | 'category-in-use'>> {
  return db.transaction(async (tx): ReturnType<typeof deleteCategory> => {
    await lockOrganization(tx, orgId)
    const flat = await listCategories(tx, orgId)
    const was = flat.find((each) => each.id === id)
    if (was === undefined) return notFound
    if (expectedVersion !== null && was.version !== expectedVersion) return stale(was.version)
    const children = flat.filter((each) => each.parentId === id)
    const [products] = await tx.rows<{ n: number }>('select count(*)::int as n from products where category_id = ?', [
      id,
    ])
    if (moveTo === undefined) {
      if (children.length + (products?.n ?? 0) > 0) return inUse(products?.n ?? 0, children.length)
    } else {
      if (chainOf(flat, moveTo).includes(id))
        return refuse('category-cycle', 'What is in a category cannot go to itself or below it. Choose another moveTo.')
      if (moveTo !== null && !flat.some((each) => each.id === moveTo))
        return refuse('category-not-found', 'There is no category with this moveTo.')
      for (const child of children) {
        const placed = mayStand(flat, child.id, moveTo)
        if (!placed.ok) return placed
      }
      await tx.run('update categories set parent_id = ?, version = version + 1 where parent_id = ?', [moveTo, id])
      await tx.run(
        'update products set category_id = ?, version = version + 1, updated_at = now() where category_id = ?',
        [moveTo, id],
      )
    }
    await tx.run('delete from categories where id = ?', [id])
    await appendAudit(tx, {
      id: newId(),
      orgId,
      actorId: actor,
      action: 'category.delete',
      subject: id,
      before: { name: was.name, slug: was.slug, parentId: was.parentId },
      after: { moveTo: moveTo ?? null, products: products?.n ?? 0, categories: children.length },
    })
    return ok(undefined)
  })
}

const notFound = refuse('not-found', 'There is no such category.')

function inUse(products: number, categories: number) {
  const message = `There are ${products} products and ${categories} categories in it. Say where they go, with ?moveTo=, or move them first.`
  return refuse('category-in-use', message)
}

function slugTaken(slug: string) {
  return refuse('slug-taken', `There is a category "${slug}" already. Give another name or slug.`)
}

function nameOf(input: string): Result<string, 'invalid-category'> {
  const name = oneLine(input)
  if (normalName(name) !== '' && name.length <= MAX_CATEGORY_NAME_CHARS) return ok(name)
  const message = `A category has a name of 1 to ${MAX_CATEGORY_NAME_CHARS} characters with a letter or digit.`
  return refuse('invalid-category', message, { errors: [{ path: 'name', code: 'invalid', message }] })
}

/** May it (null: a new one) stand there? The lock is held: nobody moves another meanwhile. */
function mayStand(flat: readonly CategoryView[], self: CategoryId | null, parentId: CategoryId | null) {
  const chain = chainOf(flat, parentId)
  if (parentId !== null && chain.length === 0)
    return refuse('category-not-found', 'There is no category with this parentId.')
  return placeUnder(chain, self, self === null ? 1 : levelsOf(flat, self))
}

async function stored(tx: Tx, orgId: OrgId, id: CategoryId): Promise<CategoryView> {
  const view = await findCategory(tx, orgId, id)
  if (view === null) throw new Error('the category just written is not there')
  return view
}

/** Null when there is no such category. */
export async function findCategory(q: Queryable, orgId: OrgId, id: CategoryId): Promise<CategoryView | null> {
  return (await listCategories(q, orgId)).find((each) => each.id === id) ?? null
}

/** All categories, flat: by position, then name. For a tree see `treeOf`. */
export async function listCategories(q: Queryable, orgId: OrgId): Promise<readonly CategoryView[]> {
  const own = await q.rows<CategoryView>(
    `select g.id, g.name, g.slug, g.parent_id as "parentId", g.position, g.version, coalesce(p.n, 0) as "productCount"
     from categories g left join (
       select category_id, count(*)::int as n from products where status = 'active' group by category_id
     ) p on p.category_id = g.id
     where g.org_id = ? order by g.position, lower(g.name), g.id`,
    [orgId],
  )
  return withSubtreeCounts(own)
}

/** A condition on a column of category ids: the given category or anything below it. Takes the id as its one value. */
export function inSubtree(column: string): string {
  return `${column} in (
    with recursive subtree as (
      select id from categories where id = ?
      union
      select g.id from categories g join subtree on g.parent_id = subtree.id
    )
    select id from subtree)`
}
