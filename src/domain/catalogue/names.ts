// Which names a product, a variant, an alias or a SKU may have: chat must be able to say them, and must not take them for something else.
// Whether another product has the name already is asked by persistence/chat-names.ts.
import { readsBack } from '../bot/reads-back.ts'
import { saidToBot } from '../bot/taken-words.ts'
import { ok, type Result, refuse } from '../result.ts'
import { nameKey } from './search.ts'

export const MAX_PRODUCT_NAME_CHARS = 120
export const MAX_SKU_CHARS = 64
export const MAX_ALIASES = 50

/** @param orderable customers order by this name: that of a product with variants is only the beginning of theirs */
export function checkName(
  name: string,
  path: string,
  orderable = true,
): Result<void, 'invalid-product' | 'name-is-command'> {
  if (name === '' || name.length > MAX_PRODUCT_NAME_CHARS)
    return fault(path, `A name has 1 to ${MAX_PRODUCT_NAME_CHARS} characters.`)
  if (nameKey(name) === '') return fault(path, 'A name needs a letter or a digit, so that customers can type it.')
  if (saidToBot(name)) {
    const message = `"${name}" is something customers say to the bot. Choose another name.`
    return refuse('name-is-command', message, { errors: [{ path, code: 'name-is-command', message }] })
  }
  if (orderable && !readsBack(name))
    return fault(
      path,
      `Customers could not order "${name}" by chat: it reads like several items. Leave out ; and "x 2".`,
    )
  return ok(undefined)
}

export function checkSku(sku: string, path: string): Result<void, 'invalid-product'> {
  if (nameKey(sku) === '' || sku.length > MAX_SKU_CHARS)
    return fault(path, `A SKU has letters or digits and at most ${MAX_SKU_CHARS} characters.`)
  if (!readsBack(sku)) return fault(path, `Customers could not order "${sku}" by chat: it reads like several items.`)
  return ok(undefined)
}

export function fault(path: string, message: string) {
  return refuse('invalid-product', message, { errors: [{ path, code: 'invalid', message }] })
}
