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
