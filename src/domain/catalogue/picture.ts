// The pictures of a product: how many, what may be said of one, and their order. Encoding them is http/pictures.ts.

export const MAX_IMAGES = 8
export const MAX_ALT_CHARS = 300

export const IMAGE_SIZES = ['full', 'thumb'] as const
export type ImageSize = (typeof IMAGE_SIZES)[number]

/** The ids in their new order: `id` stands at `position` (0 is first; past the end is last), the others keep theirs. */
export function movedTo(ids: readonly string[], id: string, position: number): readonly string[] {
  const others = ids.filter((each) => each !== id)
  return [...others.slice(0, position), id, ...others.slice(position)]
}
