// Can customers order a thing by this name at all? Asked of the grammar itself, with a catalogue of that one name.
import { asId, type ProductId, type VariantId } from '../ids.ts'
import { interpret } from './interpret.ts'
import { namesOf } from './names.ts'
import { MAX_QUANTITY } from './quantity.ts'

/** True when `ORDER name:999` means 999 of exactly this, alone and beside something else. */
export function readsBack(name: string): boolean {
  const variantId = asId<VariantId>('it')
  const named = {
    variantId,
    productId: asId<ProductId>('it'),
    sku: '',
    productName: name,
    variantName: '',
    aliases: [],
  }
  const names = namesOf([named])
  const meant = interpret(`ORDER ${name}:${MAX_QUANTITY}`, { names, prompt: null })
  if (meant.intent !== 'order' || meant.outcome !== 'place' || meant.items.length !== 1) return false
  const [item] = meant.items
  return item?.variant?.variantId === variantId && item.quantity === MAX_QUANTITY
}
