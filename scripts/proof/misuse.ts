// What a proof says to somebody whose option it cannot use, and its status then.

import { BadOption } from './options.ts'

export const MISUSED = 2

/** For the `catch` of a command. @returns the status. @throws whatever is no bad option */
export function misuse(usage: string, say: (text: string) => void = (text) => process.stderr.write(`${text}\n`)) {
  return (error: unknown): number => {
    if (!(error instanceof BadOption)) throw error
    say(error.message)
    say(usage)
    return MISUSED
  }
}
