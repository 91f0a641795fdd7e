// Turns `?` placeholders into PostgreSQL's `$1, $2, …`. Values never become part of the text.

// Quoted strings, quoted names and comments are passed over; `\?` is a question mark that stays.
const TOKEN = /'(?:[^']|'')*'|"[^"]*"|--[^\n]*|\/\*[\s\S]*?\*\/|\\\?|\?/g

/** Texts remembered. Ours are some two hundred, but lists with filters make more. */
const TEXTS = 500
const known = new Map<string, Numbered>()

interface Numbered {
  readonly text: string
  readonly placeholders: number
}

/** @throws when the text has another number of placeholders than there are values: a bug of the caller. */
export function numbered(sql: string, count: number): string {
  const { text, placeholders } = known.get(sql) ?? remembered(sql)
  if (placeholders !== count)
    throw new Error(`the statement has ${placeholders} placeholders and ${count} values: ${sql.trim()}`)
  return text
}

function remembered(sql: string): Numbered {
  const made = number(sql)
  if (known.size < TEXTS) known.set(sql, made)
  return made
}

function number(sql: string): Numbered {
  let seen = 0
  const text = sql.replace(TOKEN, (token) => {
    if (token === '?') {
      seen += 1
      return `$${seen}`
    }
    return token === '\\?' ? '?' : token
  })
  return { text, placeholders: seen }
}
