// Categories form a tree at most five deep. Decides whether one may stand under another, what a category counts, and builds the tree for a view.
import type { CategoryId } from '../ids.ts'
import { ok, type Result, refuse } from '../result.ts'

export const MAX_CATEGORY_DEPTH = 5
export const MAX_CATEGORY_NAME_CHARS = 80

export interface CategoryView {
  readonly id: CategoryId
  readonly name: string
  readonly slug: string
  readonly parentId: CategoryId | null
  readonly position: number
  /** Active products in it and in all below it: those that a list of its products shows. */
  readonly productCount: number
  readonly version: number
}

export interface CategoryNode extends CategoryView {
  readonly children: readonly CategoryNode[]
}

/** What of a category is asked where it stands. */
type Placed = Pick<CategoryView, 'id' | 'parentId'>

/**
 * May a category stand under a parent? `parentChain` is the parent and all above it, nearest first; `self` is null for
 * a new category, which has nothing below it.
 * @param levels how many there are from `self` down, itself included
 */
export function placeUnder(
  parentChain: readonly CategoryId[],
  self: CategoryId | null,
  levels = 1,
): Result<void, 'category-cycle' | 'category-too-deep'> {
  if (self !== null && parentChain.includes(self)) {
    return refuse('category-cycle', 'A category cannot stand under itself. Choose another parent.')
  }
  if (parentChain.length + levels > MAX_CATEGORY_DEPTH) {
    return refuse('category-too-deep', `Categories are at most ${MAX_CATEGORY_DEPTH} deep. Choose a higher parent.`)
  }
  return ok(undefined)
}

/** A category and all above it, nearest first; empty when there is no such category. */
export function chainOf(flat: readonly Placed[], id: CategoryId | null): readonly CategoryId[] {
  const byId = new Map(flat.map((each) => [each.id, each]))
  const chain: CategoryId[] = []
  for (let at = id === null ? undefined : byId.get(id); at !== undefined && !chain.includes(at.id); ) {
    chain.push(at.id)
    at = at.parentId === null ? undefined : byId.get(at.parentId)
  }
  return chain
}

/** How many levels there are from this category down, itself included. */
export function levelsOf(flat: readonly Placed[], id: CategoryId): number {
  const below = flat.filter((each) => chainOf(flat, each.id).includes(id))
  const above = chainOf(flat, id).length - 1
  return Math.max(1, ...below.map((each) => chainOf(flat, each.id).length - above))
}

/** Lets each category count what is below it too. */
export function withSubtreeCounts(own: readonly CategoryView[]): readonly CategoryView[] {
  const counts = new Map<CategoryId, number>()
  for (const each of own)
    for (const id of chainOf(own, each.id)) counts.set(id, (counts.get(id) ?? 0) + each.productCount)
  return own.map((each) => ({ ...each, productCount: counts.get(each.id) ?? 0 }))
}

/** The flat list as a tree, order kept. A category whose parent is missing stands at the top. */
export function treeOf(flat: readonly CategoryView[]): readonly CategoryNode[] {
  const known = new Set(flat.map((each) => each.id))
  const under = (parent: CategoryId | null): readonly CategoryNode[] =>
    flat
      .filter((each) => (each.parentId !== null && known.has(each.parentId) ? each.parentId : null) === parent)
      .map((each) => ({ ...each, children: under(each.id) }))
  return under(null)
}
