// Turns tap's stream into a few lines a person reads: each file as it ends, each failure with what was seen. Counts assertions
// (leaves only: a subtest that sums up its own assertions is none).

import { Parser, type Result } from 'tap-parser'

export interface Reporter {
  /** tap's output goes in here. */
  readonly parser: Parser
  /** The counts, after the stream has ended. A run that was stopped, or a tap that failed without saying why, is a failure too. */
  finish(run: { readonly aborted: boolean; readonly exitCode: number }): { passed: number; failed: number }
}

/** Lines of a diagnosis worth printing: what tap knows beside them is about itself. */
const TOLD = [
  'at',
  'diff',
  'found',
  'wanted',
  'doNotWant',
  'pattern',
  'error',
  'code',
  'signal',
  'exitCode',
  'stack',
  'tapError',
]

export function reporter(print: (line: string) => void): Reporter {
  const parser = new Parser()
  let [passed, failed, skipped] = [0, 0, 0]
  parser.on('pass', () => {
    passed += 1
  })
  parser.on('skip', (result: Result) => {
    skipped += 1
    print(`skipped: ${result.fullname}${typeof result.skip === 'string' ? ` (${result.skip})` : ''}`)
  })
  parser.on('todo', (result: Result) => {
    skipped += 1
    print(`to do: ${result.fullname}`)
  })
  parser.on('fail', (result: Result) => {
    failed += 1
    for (const line of failure(result)) print(line)
  })
  parser.on('assert', (file: Result) => {
    const took = file.time === null ? '' : ` ${Math.round(file.time)} ms`
    print(`${file.ok ? 'ok  ' : 'FAIL'} ${file.name}${took}`)
  })
  parser.on('bailout', (reason: unknown) => {
    failed += 1
    print(`gave up: ${String(reason)}`)
  })
  return {
    parser,
    finish({ aborted, exitCode }) {
      if (aborted) print('the run was stopped')
      if (passed === 0 && failed === 0) print('nothing ran')
      if (skipped > 0) print(`${skipped} skipped`)
      const unexplained = failed === 0 && (aborted || exitCode !== 0 || passed === 0)
      if (unexplained && !aborted && passed > 0) print(`tap ended with code ${exitCode} without naming a failure`)
      return { passed, failed: unexplained ? 1 : failed }
    },
  }
}

function failure(result: Result): string[] {
  const lines = ['', `FAILED ${result.fullname}`]
  const about: unknown = result.diag
  if (about !== null && typeof about === 'object') {
    for (const [key, value] of Object.entries(about)) if (TOLD.includes(key)) lines.push(...told(key, value))
  }
  return [...lines, '']
}

function told(key: string, value: unknown): string[] {
  if (key === 'at' && value !== null && typeof value === 'object' && 'fileName' in value && 'lineNumber' in value) {
    return [`  at: ${value.fileName}:${value.lineNumber}`]
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
  const rows = (text ?? String(value)).trimEnd().split('\n')
  return rows.length === 1 ? [`  ${key}: ${rows[0]}`] : [`  ${key}:`, ...rows.map((row) => `    ${row}`)]
}
