// Lets the server keep the plans of our statements: each text with parameters gets a name, so that a connection sends it, and the server
// parses and plans it, once. Which statements there are is not its business.

/** Texts that get a name; later ones run unnamed. Ours are some two hundred, but lists with filters make more. */
const NAMES = 500
/** "Cached plan must not change result type": a migration of a newer node may add columns to what these return. */
const ALL_COLUMNS = /\bselect\s+\*|\breturning\s+\*|\.\*/i

type Callback = (error: unknown, result: unknown) => void

/** What is used of a connection of the pg driver. */
export interface PreparingClient {
  query: (statement: unknown, values?: unknown, done?: Callback) => unknown
}

const names = new Map<string, string>()

function nameOf(text: string): string | null {
  const known = names.get(text)
  if (known !== undefined) return known
  if (names.size >= NAMES || ALL_COLUMNS.test(text)) return null
  const name = `erp_${names.size + 1}`
  names.set(text, name)
  return name
}

/** Makes a new connection of the pool prepare what is asked of it. */
export function prepareOn(client: PreparingClient): void {
  const query = client.query.bind(client)
  client.query = (statement, values, done) => {
    const name = typeof statement === 'string' && Array.isArray(values) && values.length > 0 ? nameOf(statement) : null
    return name === null ? query(statement, values, done) : query({ name, text: statement, values }, done)
  }
}
