// What somebody typed behind a command and got wrong is answered with a sentence and the usage, not with a stack trace; a bug of ours keeps its own.

class Mistyped extends Error {}

/** A whole number of an option, 0 or more; a seed may be less. @throws what `readTyped` answers */
export function wholeNumber(option: string, text: string | undefined, otherwise: number, least = 0): number {
  const value = text === undefined ? otherwise : Number(text.trim() === '' ? Number.NaN : text)
  if (!Number.isSafeInteger(value) || value < least)
    throw new Mistyped(`--${option} must be a whole number, not "${text}"`)
  return value
}

/** Reads options; one that cannot be read ends the process with status 1. */
export function readTyped<T>(usage: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!(error instanceof Mistyped) && !code.startsWith('ERR_PARSE_ARGS')) throw error
    process.stderr.write(`${error instanceof Error ? error.message : ''}\n\n${usage}`)
    process.exit(1)
  }
}
