// Looks at what deciding about a message needs: its admission, and what it names of the catalogue. Messages that come at once are looked at
// together. What it means is the caller's business.

import type { CatalogueHit } from '../domain/catalogue/variant.ts'
import type { OrgId } from '../domain/ids.ts'
import { type Admission, admit, type Question } from './admission.ts'
import { findByChatNames } from './catalogue-search.ts'
import type { Database } from './database.ts'
import { makeLane, togetherOrAlone } from './lane.ts'

export interface Looked {
  /** Null: not a contact of this user. */
  readonly admission: Admission | null
  /** Every active variant that one of the keys names, with what is left of it. */
  readonly hits: readonly CatalogueHit[]
}

/** @param keys what the message may name (domain/bot/resolve.ts `keysOf`) */
export type Look = (question: Question, keys: readonly string[]) => Promise<Looked>

interface Asked {
  readonly question: Question
  readonly keys: readonly string[]
}

/** @param most how many messages are looked at together */
export function makeLook(db: Database, orgId: OrgId, most: number): Look {
  const look = async (batch: readonly Asked[]): Promise<readonly Looked[]> => {
    const keys = [...new Set(batch.flatMap((asked) => asked.keys))]
    const [admissions, hits] = await Promise.all([
      admit(
        db,
        batch.map(({ question }) => question),
      ),
      findByChatNames(db, orgId, keys),
    ])
    return batch.map((asked, n) => ({ admission: admissions[n] ?? null, hits: namedBy(asked.keys, hits) }))
  }
  const together = async (batch: readonly Asked[]) =>
    (await look(batch)).map((value) => ({ status: 'fulfilled', value }) as const)
  const alone = async (asked: Asked): Promise<Looked> => {
    const [looked] = await look([asked])
    if (looked === undefined) throw new Error('a look saw nothing')
    return looked
  }
  const lane = makeLane<Asked, Looked>({ run: (batch) => togetherOrAlone(batch, together, alone), most })
  return (question, keys) => lane({ question, keys })
}

function namedBy(keys: readonly string[], hits: readonly CatalogueHit[]): readonly CatalogueHit[] {
  const wanted = new Set(keys)
  return hits.filter(({ searchKeys }) => searchKeys.some((key) => wanted.has(key)))
}
