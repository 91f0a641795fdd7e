// The prompt, and what is written while somebody types at it: text goes above, what was typed stays below. Without a terminal the
// lines of the input are read as they are.

import { createInterface } from 'node:readline'
import type { Sheet } from '../demo/paper.ts'

export interface Keyboard {
  /** Whether a person sits there. */
  readonly terminal: boolean
  /** Lines from now on, none lost. Ends with the input. */
  readonly typed: AsyncIterable<string>
  /** Shows the prompt. */
  ask(): void
  /** Where to write meanwhile. */
  readonly sheet: Sheet
  /** Ctrl-C at the prompt. */
  readonly interrupted: Promise<void>
  close(): void
}

const PROMPT = 'demo> '

export function openKeyboard({ stdin, stdout } = process): Keyboard {
  const terminal = stdin.isTTY === true && stdout.isTTY === true
  const lines = createInterface({ input: stdin, prompt: PROMPT, ...(terminal ? { output: stdout, terminal } : {}) })
  // Made now: lines that nobody listens to would be lost.
  const typed = lines[Symbol.asyncIterator]()
  let asking = false
  return {
    terminal,
    typed: { [Symbol.asyncIterator]: () => typed },
    ask() {
      asking = terminal
      if (terminal) lines.prompt()
    },
    sheet: {
      isTTY: stdout.isTTY,
      write(text) {
        stdout.write(asking ? `\r\u001b[K${text}` : text)
        if (asking) lines.prompt(true)
      },
    },
    interrupted: new Promise((resolve) => lines.once('SIGINT', resolve)),
    close() {
      if (asking) stdout.write('\n')
      asking = false
      lines.close()
    },
  }
}
