// A table that came in: which alphabet it is written in, what separates its cells, and its rows. What the cells mean is nobody's business
// here. The only import of csv-parse.

import { setImmediate } from 'node:timers/promises'
import { CsvError, type Options, parse } from 'csv-parse'
import { ok, type Result, refuse } from '../../domain/result.ts'

export interface TableRow {
  /** Where it begins in the file; the header is line 1. */
  readonly line: number
  readonly cells: readonly string[]
}

export interface Table {
  readonly delimiter: string
  readonly header: readonly string[]
  /** Without empty ones. */
  readonly rows: readonly TableRow[]
}

export interface TableLimits {
  readonly rows: number
  /** After so many rows the node does something else in between. */
  readonly breath: number
}

const DELIMITERS = [',', ';', '\t'] as const
const UTF16_LE = [0xff, 0xfe]
const UTF16_BE = [0xfe, 0xff]
const CHUNK_CHARS = 65_536
const MAX_CELL_CHARS = 100_000

const LINE_BREAK = /\r\n|\n|\r/g

interface Parsed {
  readonly record: readonly string[]
  readonly raw: string
}

type Refused = Result<never, 'invalid-csv'>

/** Reads a table with a header. Cells are separated by commas, semicolons or tabs, as its first line shows. */
export async function readTable(bytes: Buffer, limits: TableLimits): Promise<Result<Table, 'invalid-csv'>> {
  const text = decoded(bytes)
  if (!text.ok) return text
  const delimiter = delimiterOf(text.value)
  const rows: TableRow[] = []
  const options: Options = {
    delimiter,
    raw: true,
    relax_column_count: true,
    max_record_size: MAX_CELL_CHARS,
    record_delimiter: ['\r\n', '\n', '\r'],
  }
  try {
    const parser = parse(options)
    feed(parser, text.value)
    let line = 1
    for await (const { record, raw } of parser as AsyncIterable<Parsed>) {
      if (record.some((cell) => cell.trim() !== '')) rows.push({ line, cells: record })
      line += raw.match(LINE_BREAK)?.length ?? 0
      if (rows.length > limits.rows + 1) {
        parser.destroy()
        return refused('too-many-rows', `The file has more than ${limits.rows} rows. Split it.`)
      }
      if (line % limits.breath === 0) await setImmediate()
    }
  } catch (error) {
    return unreadable(error)
  }
  const [header, ...rest] = rows
  if (header === undefined) return refused('empty', 'The file is empty. Its first row names the columns.')
  return ok({ delimiter, header: header.cells, rows: rest })
}

function feed(parser: ReturnType<typeof parse>, text: string): void {
  void (async () => {
    for (let from = 0; from < text.length; from += CHUNK_CHARS) {
      if (parser.destroyed) return
      if (!parser.write(text.slice(from, from + CHUNK_CHARS)))
        await new Promise((resolve) => parser.once('drain', resolve))
    }
    parser.end()
  })()
}

/** UTF-8 or UTF-16 with its mark, without the mark. */
function decoded(bytes: Buffer): Result<string, 'invalid-csv'> {
  const begins = (mark: readonly number[]) => mark.every((byte, index) => bytes[index] === byte)
  const encoding = begins(UTF16_LE) ? 'utf-16le' : begins(UTF16_BE) ? 'utf-16be' : 'utf-8'
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes)
    if (!text.includes('\0')) return ok(text)
    return refused('nul', 'The file holds a NUL character. Is it a table saved as text?')
  } catch {
    return refused('encoding', 'The file is not written in UTF-8. Save it as "CSV UTF-8" and send it again.')
  }
}

/** What separates most in the first line, outside of quotes. */
function delimiterOf(text: string): string {
  const [first = ''] = text
    .trimStart()
    .replace(/"[^"]*"/g, '')
    .split(/[\r\n]/, 1)
  const counted = DELIMITERS.map((sign) => ({ sign, times: first.split(sign).length }))
  return counted.reduce((best, each) => (each.times > best.times ? each : best)).sign
}

function unreadable(error: unknown): Refused {
  if (!(error instanceof CsvError)) throw error
  const { code } = error
  const { lines } = error as { lines?: number }
  const where = lines === undefined ? '' : ` near line ${lines}`
  if (code === 'CSV_MAX_RECORD_SIZE') return refused('unreadable', `A row${where} is too long. Is a quote missing?`)
  return refused(
    'unreadable',
    `The file cannot be read${where}: a quote is missing, or one too many. Write " within a text as "".`,
  )
}

function refused(code: string, message: string): Refused {
  return refuse('invalid-csv', message, { errors: [{ path: 'file', code, message }] })
}
