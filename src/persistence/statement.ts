// One statement out of named parts (common table expressions), each with its values: what is written in one statement needs one round trip,
// and nothing of ours can come between its first lock and its commit.

export interface Part {
  readonly name: string
  /** With a `?` for each of the values, in order. */
  readonly sql: string
  readonly params: readonly unknown[]
}

export interface Statement {
  readonly sql: string
  readonly params: readonly unknown[]
}

/** `with a as (…), b as (…) select …`; a part may read those before it. */
export function withParts(parts: readonly Part[], select: string): Statement {
  const heads = parts.map(({ name, sql }) => `${name} as (\n${sql}\n)`)
  return { sql: `with ${heads.join(', ')}\n${select}`, params: parts.flatMap(({ params }) => params) }
}

/**
 * A part that holds the rows handed over, by the names and types of its columns. They travel as one JSON text, so the statement is the same
 * for any number of them, and is planned once. Bytes go through `hex`, 64-bit numbers as text; a text must be one PostgreSQL can hold.
 */
export function given<C extends Readonly<Record<string, string>>>(
  name: string,
  columns: C,
  rows: readonly Readonly<Record<keyof C, unknown>>[],
): Part {
  const typed = Object.entries(columns).map(([column, type]) => `${column} ${type}`)
  // Not "*": such a statement is not prepared (prepared.ts).
  return {
    name,
    sql: `select ${Object.keys(columns).join(', ')} from json_to_recordset(?::json) as given (${typed.join(', ')})`,
    params: [JSON.stringify(rows)],
  }
}

/** Bytes as PostgreSQL reads them from a text. */
export function hex(bytes: Uint8Array): string {
  return `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`
}
