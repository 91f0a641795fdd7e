// Keeps the names of the catalogue in this node's memory, as new as a message needs them: the version in the database says whether somebody,
// on whatever node, has changed a name since. Prices and stock are not here; they are read fresh by id.
import { setImmediate as turn } from 'node:timers/promises'
import { type CatalogueNames, makeCatalogueNames } from '../../domain/bot/names.ts'
import type { OrgId } from '../../domain/ids.ts'
import { catalogueVersion, readAllNames, readChangedNames } from '../../persistence/catalogue-names.ts'
import type { Queryable } from '../../persistence/database.ts'

/** Products read in one statement, and taken into the index before others get their turn: a large catalogue must not stop the node. */
const PRODUCTS_AT_ONCE = 500
const PRODUCTS_A_TURN = 50

export interface CatalogueIndex {
  /** The names as they are here, and their version. */
  readonly known: { readonly names: CatalogueNames; readonly version: number }
  /** The names as they are now. */
  current(): Promise<CatalogueNames>
  /** The names of this version or a later one (see persistence/catalogue-names.ts `catalogueVersion`). At once when they are here. */
  at(version: number): Promise<CatalogueNames>
}

/** @param q not a transaction: it is kept */
export function makeCatalogueIndex(q: Queryable, orgId: OrgId): CatalogueIndex {
  const names = makeCatalogueNames()
  let known = -1
  let reading: Promise<void> | null = null

  const read = async () => {
    // The version first: what changes while the rows are read is read again then.
    const version = await catalogueVersion(q, orgId)
    if (known < 0) await readAll()
    else
      for (const { productId, variants } of await readChangedNames(q, orgId, known)) names.replace(productId, variants)
    known = version
  }

  const readAll = async () => {
    let after = null
    for (;;) {
      const some = await readAllNames(q, orgId, after, PRODUCTS_AT_ONCE)
      for (const [index, { productId, variants }] of some.entries()) {
        names.replace(productId, variants)
        if (index % PRODUCTS_A_TURN === 0) await turn()
      }
      const last = some.at(-1)
      if (last === undefined) return
      after = last.productId
    }
  }

  const at: CatalogueIndex['at'] = async (version) => {
    while (known < version) {
      reading ??= read().finally(() => {
        reading = null
      })
      await reading
    }
    return names
  }

  return {
    get known() {
      return { names, version: known }
    },
    at,
    current: async () => at(await catalogueVersion(q, orgId)),
  }
}
