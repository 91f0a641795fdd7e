// Categories that a catalogue file names and nobody has made yet, from the top down; and addresses for what is new.

import { MAX_CATEGORY_DEPTH, MAX_CATEGORY_NAME_CHARS } from '../domain/catalogue/category.ts'
import type { RowFault } from '../domain/catalogue/csv-row.ts'
import type { Plan } from '../domain/catalogue/import-plan.ts'
import { slugOf } from '../domain/catalogue/product.ts'
import { normalName } from '../domain/catalogue/search.ts'
import type { CategoryId, OrgId } from '../domain/ids.ts'
import type { Queryable, Tx } from './database.ts'
import { type CategoryPaths, pathKey } from './import-known.ts'

/** May this path be made? Those that are there are not judged again. */
export function checkPath(plan: Plan, categories: CategoryPaths): RowFault | null {
  if (plan.category.length === 0 || categories.byPath.has(pathKey(plan.category))) return null
  const message =
    plan.category.length > MAX_CATEGORY_DEPTH
      ? `Categories are at most ${MAX_CATEGORY_DEPTH} deep.`
      : plan.category.some((name) => normalName(name) === '' || name.length > MAX_CATEGORY_NAME_CHARS)
        ? `A category has a name of 1 to ${MAX_CATEGORY_NAME_CHARS} characters with a letter or digit.`
        : null
  if (message === null) return null
  return { line: plan.rows[0]?.line ?? 0, column: 'category', code: 'invalid-category', message }
}

/** The paths that are not there yet, each after the one above it. */
export function missingPaths(plans: readonly Plan[], categories: CategoryPaths): readonly (readonly string[])[] {
  const missing = new Map<string, readonly string[]>()
  for (const { category } of plans)
    for (let depth = 1; depth <= category.length; depth += 1) {
      const path = category.slice(0, depth)
      const key = pathKey(path)
      if (!categories.byPath.has(key) && !missing.has(key)) missing.set(key, path)
    }
  return [...missing.values()]
}

/** Makes them. @returns all categories by their path */
export async function makeCategories(
  tx: Tx,
  orgId: OrgId,
  paths: readonly (readonly string[])[],
  categories: CategoryPaths,
  newId: () => string,
): Promise<ReadonlyMap<string, CategoryId>> {
  const byPath = new Map(categories.byPath)
  const slugs = await freeSlugs(
    tx,
    'categories',
    orgId,
    paths.map((path) => slugOf(path.at(-1) ?? '')),
  )
  for (const path of paths) {
    const id = newId() as CategoryId
    const name = path.at(-1) ?? ''
    const parent = byPath.get(pathKey(path.slice(0, -1))) ?? null
    await tx.run('insert into categories (id, org_id, parent_id, name, slug) values (?, ?, ?, ?, ?)', [
      ...[id, orgId, parent, name, slugs(slugOf(name))],
    ])
    byPath.set(pathKey(path), id)
  }
  return byPath
}

/**
 * Addresses that are free: `base`, or `base-2`, `base-3`, … The organisation's lock is held, so that what is free stays so.
 * @param bases all that will be asked for
 */
export async function freeSlugs(
  q: Queryable,
  table: 'products' | 'categories',
  orgId: OrgId,
  bases: readonly string[],
): Promise<(base: string) => string> {
  const rows = await q.rows<{ slug: string }>(
    `select slug from ${table} where org_id = ? and (slug = any(?::text[]) or regexp_replace(slug, '-[0-9]+$', '') = any(?::text[]))`,
    [orgId, bases, bases],
  )
  const taken = new Set(rows.map(({ slug }) => slug))
  const next = new Map<string, number>()
  return (base) => {
    let suffix = next.get(base) ?? 1
    let slug = suffix === 1 ? base : `${base}-${suffix}`
    while (taken.has(slug)) {
      suffix += 1
      slug = `${base}-${suffix}`
    }
    next.set(base, suffix + 1)
    taken.add(slug)
    return slug
  }
}
