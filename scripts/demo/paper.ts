// How the demo looks on a terminal of 100 columns: chapters, chat, facts, progress, a table. It decides nothing about what is told.

import qrcode from 'qrcode'

const COLUMNS = 100
/** A wait that lasts longer says so, again and again. */
const PATIENCE_MS = 2_000

export interface Paper {
  chapter(title: string): void
  /** Plain text, broken into lines where it is too long. */
  say(text: string): void
  /** A text that people copy: never broken. */
  verbatim(text: string): void
  /** Something that was checked. */
  fact(text: string): void
  chat(from: string, to: string, text: string): void
  qr(text: string): Promise<void>
  /** Tells what is waited for when it takes long. */
  waiting<T>(what: string, work: Promise<T>): Promise<T>
  table(rows: readonly (readonly [string, string])[]): void
}

export interface Sheet {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
}

/** @param shop in chat its lines stand to the right of those of the others */
export function makePaper(out: Sheet, shop: string): Paper {
  const line = (text = '') => void out.write(`${text}\n`)
  const lines = (rows: readonly string[]) => {
    for (const row of rows) line(row)
  }
  const colours = out.isTTY === true && !process.env['NO_COLOR']
  const bold = (text: string) => (colours ? `\u001b[1m${text}\u001b[22m` : text)
  return {
    chapter(title) {
      line()
      line(bold(title))
    },
    say: (text) => lines(hang('  ', text)),
    verbatim: (text) => line(`  ${text}`),
    fact: (text) => lines(hang('  ✓ ', text)),
    chat(from, to, text) {
      const indent = from === shop ? '          ' : '    '
      lines(hang(`${indent}${from} → ${to}: `, text))
    },
    async qr(text) {
      // Half blocks: two modules a character. Without a terminal there are no colours to set either.
      const options = {
        type: out.isTTY === true ? 'terminal' : 'utf8',
        small: true,
        errorCorrectionLevel: 'L',
      } as const
      const drawn = await qrcode.toString(text, options)
      line(drawn.trimEnd().replaceAll(/^/gm, '  '))
    },
    async waiting(what, work) {
      const started = performance.now()
      const timer = setInterval(
        () => line(`  … waiting for ${what} (${Math.round((performance.now() - started) / 1000)} s)`),
        PATIENCE_MS,
      )
      try {
        return await work
      } finally {
        clearInterval(timer)
      }
    },
    table(rows) {
      const width = Math.max(...rows.map(([name]) => name.length))
      for (const [name, value] of rows) lines(hang(`  ${name.padEnd(width)}   `, value))
    },
  }
}

/** The text behind its first words, later lines below the first one's text. */
export function hang(lead: string, text: string): string[] {
  const rows = text.split('\n').flatMap((row) => wrap(row, COLUMNS - lead.length))
  return rows.map((row, index) => (index === 0 ? lead : ' '.repeat(lead.length)) + row)
}

function wrap(text: string, width: number): string[] {
  const rows: string[] = []
  let rest = text
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width)
    const cut = space > 0 ? space : width
    rows.push(rest.slice(0, cut))
    rest = rest.slice(cut).trimStart()
  }
  return [...rows, rest]
}
