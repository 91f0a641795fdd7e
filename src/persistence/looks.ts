// Looks at what deciding about a message needs: its admission, and what it names of the catalogue. Messages that come at once are looked at
// together. What it means is the caller's business.

import type { CatalogueHit } from '../domain/catalogue/variant.ts'
import type { OrgId, VariantId } from '../domain/ids.ts'
import { type Admission, admit, type Question } from './admission.ts'
import { findActiveVariants } from './catalogue-search.ts'
import type { Database } from './database.ts'
import { makeLane, togetherOrAlone } from './lane.ts'

export interface Looked {
  /** Null: not a contact of this user. */
  readonly admission: Admission | null
  /** Those of the variants that are active, as they are now. */
  readonly hits: readonly CatalogueHit[]
}

/** @param variants what the message may mean */
export type Look = (question: Question, variants: readonly VariantId[]) => Promise<Looked>

interface Asked {
  readonly question: Question
  readonly variants: readonly VariantId[]
}

/** @param most how many messages are looked at together */
export function makeLook(db: Database, orgId: OrgId, most: number): Look {
  const look = async (batch: readonly Asked[]): Promise<readonly Looked[]> => {
    const variants = [...new Set(batch.flatMap((asked) => asked.variants))]
    const [admissions, hits] = await Promise.all([
      admit(
        db,
        batch.map(({ question }) => question),
      ),
      findActiveVariants(db, orgId, variants),
    ])
    return batch.map((asked, n) => ({ admission: admissions[n] ?? null, hits: of(asked.variants, hits) }))
  }
  const together = async (batch: readonly Asked[]) =>
    (await look(batch)).map((value) => ({ status: 'fulfilled', value }) as const)
  const alone = async (asked: Asked): Promise<Looked> => {
    const [looked] = await look([asked])
    if (looked === undefined) throw new Error('a look saw nothing')
    return looked
  }
  const lane = makeLane<Asked, Looked>({ run: (batch) => togetherOrAlone(batch, together, alone), most })
  return (question, variants) => lane({ question, variants })
}

function of(variants: readonly VariantId[], hits: readonly CatalogueHit[]): readonly CatalogueHit[] {
  const wanted = new Set(variants)
  return hits.filter(({ variantId }) => wanted.has(variantId))
}
