// Categories as stored. Their shape (a tree, five deep) is decided by domain/catalogue/category.ts.
import { type CategoryView, MAX_CATEGORY_NAME_CHARS, placeUnder } from '../domain/catalogue/category.ts'
import { slugOf } from '../domain/catalogue/product.ts'
import { normalName } from '../domain/catalogue/search.ts'
import { oneLine } from '../domain/contact.ts'
import type { CategoryId, OrgId, UserId } from '../domain/ids.ts'
import { ok, type Result, refuse } from '../domain/result.ts'
import { appendAudit } from './audit.ts'
import type { Database, Queryable } from './database.ts'
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

const COLUMNS = `g.id, g.name, g.slug, g.parent_id as "parentId", g.position, g.version,
  (select count(*)::int from products p where p.category_id = g.id and p.status = 'active') as "productCount"`

/** Makes a category. `actor` is who did it, for the audit log. */
export async function createCategory(
  db: Database,
  orgId: OrgId,
  input: CategoryInput,
  actor: UserId | null,
  newId: () => string,
): Promise<Result<CategoryView, CategoryCode>> {
  const name = oneLine(input.name)
  if (normalName(name) === '' || name.length > MAX_CATEGORY_NAME_CHARS) {
    const message = `A category has a name of 1 to ${MAX_CATEGORY_NAME_CHARS} characters with a letter or digit.`
    return refuse('invalid-category', message, { errors: [{ path: 'name', code: 'invalid', message }] })
  }
  const parentId = input.parentId ?? null
  return db.transaction(async (tx) => {
    await lockOrganization(tx, orgId)
    if (parentId !== null) {
      const chain = await chainOf(tx, orgId, parentId)
      if (chain.length === 0) return refuse('category-not-found', 'There is no category with this parentId.')
      const placed = placeUnder(chain, null)
      if (!placed.ok) return placed
    }
    const id = newId() as CategoryId
    const slug = slugOf(input.slug ?? name)
    const written = await tx.run(
      `insert into categories (id, org_id, parent_id, name, slug, position) values (?, ?, ?, ?, ?, ?)
       on conflict (org_id, slug) do nothing`,
      [id, orgId, parentId, name, slug, input.position ?? 0],
    )
    if (written === 0) return refuse('slug-taken', `There is a category "${slug}" already. Give another name or slug.`)
    await appendAudit(tx, {
      id: newId(),
      orgId,
      actorId: actor,
      action: 'category.create',
      subject: id,
      after: { name, slug, parentId },
    })
    const [row] = await tx.rows<CategoryView>(`select ${COLUMNS} from categories g where g.id = ?`, [id])
    if (row === undefined) throw new Error('the category just written is not there')
    return ok(row)
  })
}

/** All categories, flat: by position, then name. For a tree see `treeOf`. */
export async function listCategories(q: Queryable, orgId: OrgId): Promise<readonly CategoryView[]> {
  return q.rows<CategoryView>(
    `select ${COLUMNS} from categories g where g.org_id = ? order by g.position, lower(g.name), g.id`,
    [orgId],
  )
}

/** A category and all above it, nearest first; empty when there is no such category. */
async function chainOf(q: Queryable, orgId: OrgId, id: CategoryId): Promise<readonly CategoryId[]> {
  const rows = await q.rows<{ id: CategoryId }>(
    `with recursive chain as (
       select id, parent_id, 1 as step from categories where org_id = ? and id = ?
       union all
       select g.id, g.parent_id, chain.step + 1 from categories g join chain on g.id = chain.parent_id where step < 100
     )
     select id from chain order by step`,
    [orgId, id],
  )
  return rows.map((row) => row.id)
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
