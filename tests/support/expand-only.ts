// What in a migration would stop the version before it, which still runs beside it while nodes are updated one after the other: whatever takes
// away, renames, or asks for more than that version writes. A table that the migration itself makes is its own.

/** @returns a sentence for each statement that does more than expand */
export function narrows(up: string): string[] {
  const statements = plain(up)
    .split(';')
    .map((statement) => statement.replace(/\s+/g, ' ').trim())
    .filter((statement) => statement !== '')
  const own = new Set(
    statements.flatMap((each) => /^create (?:unlogged )?table (?:if not exists )?(\w+)/.exec(each)?.[1] ?? []),
  )
  const added = new Set(
    statements.flatMap((each) =>
      [...each.matchAll(/\badd (?:column )?(?:if not exists )?(\w+)/g)].map(([, name]) => name ?? ''),
    ),
  )
  return statements.flatMap((statement) => {
    const wrong = ofStatement(statement, own, added)
    return wrong === null ? [] : [`${wrong}: ${statement}`]
  })
}

/** Without comments, texts and the bodies of functions. */
const plain = (sql: string) =>
  sql
    .replace(/\$(\w*)\$[\s\S]*?\$\1\$/g, "''")
    .replace(/--.*$/gm, '')
    .replace(/'(?:[^']|'')*'/g, "''")
    .toLowerCase()

function ofStatement(statement: string, own: ReadonlySet<string>, added: ReadonlySet<string>): string | null {
  if (/^(truncate|delete)\b/.test(statement)) return 'takes rows away'
  if (/^drop (?!index\b)/.test(statement)) return 'takes something away'
  const unique = /^create unique index (?:if not exists )?\w+ on (\w+) (?:using \w+ )?\((.*?)\)/.exec(statement)
  if (unique !== null) {
    const [, table = '', columns = ''] = unique
    const fresh = own.has(table) || (columns.match(/\w+/g) ?? []).some((column) => added.has(column))
    return fresh ? null : 'asks for what the version before does not keep to'
  }
  const altered = /^alter (\w+) (?:if exists )?(?:only )?(\w+) (.*)$/.exec(statement)
  if (altered === null) return null
  const [, kind = '', name = '', rest = ''] = altered
  if (kind === 'table' && own.has(name)) return null
  for (const clause of rest.split(/, ?(?=(?:add|drop|alter|rename|set|validate)\b)/)) {
    const wrong = ofClause(clause, added)
    if (wrong !== null) return wrong
  }
  return null
}

function ofClause(clause: string, added: ReadonlySet<string>): string | null {
  if (/^rename\b/.test(clause)) return 'renames what the version before knows'
  if (/^(drop (?!constraint\b)|set schema\b)/.test(clause)) return 'takes something away'
  const column = /^alter (?:column )?(\w+) (.*)$/.exec(clause)
  if (column !== null && !added.has(column[1] ?? '')) {
    const [, , change = ''] = column
    if (/^(set data )?type\b/.test(change)) return 'makes another type of a column'
    if (/^(set not null|drop default)\b/.test(change)) return 'asks for what the version before does not write'
  }
  if (/^add (constraint|check|unique|primary key|foreign key|exclude)\b/.test(clause))
    return 'asks for what the version before does not keep to'
  if (/^add\b/.test(clause) && /\bnot null\b/.test(clause) && !/\b(default|generated)\b/.test(clause))
    return 'asks for what the version before does not write'
  return null
}
