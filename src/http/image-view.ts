// A product's picture as answers show it: its addresses and what is said of it.

import type { ImageView } from '../persistence/product-images.ts'

export function imageView(productId: string, { id, alt, position, width, height }: ImageView) {
  const url = `/api/products/${productId}/images/${id}`
  return { id, url, thumbnailUrl: `${url}?size=thumb`, alt, position, width, height }
}
