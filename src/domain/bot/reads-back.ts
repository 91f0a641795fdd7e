// Can customers order a thing by this name at all? Asked of the grammar itself, with a catalogue of that one name.
import { asId, type ProductId, type VariantId } from '../ids.ts'
import { interpret } from './interpret.ts'
import { makeCatalogueNames, namesOf } from './names.ts'
import { MAX_QUANTITY } from './quantity.ts'

const NOTHING = makeCatalogueNames()

/** True when `ORDER name:999` means 999 of exactly this, and one item, not several, to whoever does not know the name. */
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
  const text = `ORDER ${name}:${MAX_QUANTITY}`
  const unknown = interpret(text, { names: NOTHING, prompt: null })
  if (unknown.intent !== 'order' || unknown.items.length !== 1) return false
  const meant = interpret(text, { names: namesOf([named]), prompt: null })
  if (meant.intent !== 'order' || meant.outcome !== 'place' || meant.items.length !== 1) return false
  const [item] = meant.items
  return item?.variant?.variantId === variantId && item.quantity === MAX_QUANTITY
}
