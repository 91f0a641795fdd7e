// Many rows of one table in one statement.

import type { Tx } from '../../src/persistence/database.ts'

/** Inserts rows whose fields are columns, in the order given. All have the same fields. */
export async function insertAll(
  tx: Tx,
  table: string,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  const [first] = rows
  if (first === undefined) return
  const columns = Object.keys(first).join(', ')
  await tx.run(
    `insert into ${table} (${columns})
     select ${columns} from jsonb_populate_recordset(null::${table}, ?::jsonb) with ordinality as r order by r.ordinality`,
    [JSON.stringify(rows)],
  )
}
