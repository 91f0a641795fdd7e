// Categories form a tree at most five deep. Decides whether one may stand under another, and builds the tree for a view.
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
  /** Active products directly in it. */
  readonly productCount: number
  readonly version: number
}

export interface CategoryNode extends CategoryView {
  readonly children: readonly CategoryNode[]
}

/**
 * May a category stand under a parent? `parentChain` is the parent and all above it, nearest first; `self` is null for
 * a new category, which has nothing below it.
 */
export function placeUnder(
  parentChain: readonly CategoryId[],
  self: CategoryId | null,
): Result<void, 'category-cycle' | 'category-too-deep'> {
  if (self !== null && parentChain.includes(self)) {
    return refuse('category-cycle', 'A category cannot stand under itself. Choose another parent.')
  }
  if (parentChain.length >= MAX_CATEGORY_DEPTH) {
    return refuse('category-too-deep', `Categories are at most ${MAX_CATEGORY_DEPTH} deep. Choose a higher parent.`)
  }
  return ok(undefined)
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
