// Runs scripts/model.ts in a process of its own: the test runner follows every promise of its own process, which makes millions of them slow.

import { execFile } from 'node:child_process'
import { resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../../..')
const LIMIT_MS = 180_000

export interface Ran {
  readonly code: number
  readonly output: string
  readonly lines: readonly string[]
}

export function runModel(args: readonly string[]): Promise<Ran> {
  return new Promise((done) => {
    const { NODE_OPTIONS: _, ...env } = process.env
    const options = { cwd: ROOT, env, timeout: LIMIT_MS, maxBuffer: 2 ** 24 }
    execFile(process.execPath, ['scripts/model.ts', ...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      const output = `${stdout}${stderr}`
      done({ code, output, lines: output.split('\n') })
    })
  })
}
