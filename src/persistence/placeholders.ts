// Turns `?` placeholders into PostgreSQL's `$1, $2, …`. Values never become part of the text.

// Quoted strings, quoted names and comments are passed over; `\?` is a question mark that stays.
const TOKEN = /'(?:[^']|'')*'|"[^"]*"|--[^\n]*|\/\*[\s\S]*?\*\/|\\\?|\?/g

/** @throws when the text has another number of placeholders than there are values: a bug of the caller. */
export function numbered(sql: string, count: number): string {
  let seen = 0
  const text = sql.replace(TOKEN, (token) => {
    if (token === '?') {
      seen += 1
      return `$${seen}`
    }
    return token === '\\?' ? '?' : token
  })
  if (seen !== count) throw new Error(`the statement has ${seen} placeholders and ${count} values: ${sql.trim()}`)
  return text
}
