// Runs one of the scripts as a person does, as a process, with a directory for temporary files of its own; and knows what it left.

import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Test } from 'tap'

const ROOT = resolve(import.meta.dirname, '../..')

export interface Script {
  /** Its process, and the group of it and of those it started. */
  readonly pid: number
  out(): string
  errors(): string
  /** A line for its standard input. */
  type(line: string): void
  /** Resolves with status and signal when it has ended. */
  readonly ended: Promise<readonly [number | null, NodeJS.Signals | null]>
  /** Files that are left of it, and processes: command lines, as far as this system shows them. */
  left(): { readonly files: readonly string[]; readonly processes: readonly string[] }
}

/** @param args from the root of the repository */
export async function script(t: Test, args: readonly string[], env: Record<string, string> = {}): Promise<Script> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'wa-erp-script-')))
  await chmod(directory, 0o755)
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...env, TMPDIR: directory },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  const { pid } = child
  if (pid === undefined) throw new Error('the process cannot be started')
  const ended: Script['ended'] = new Promise((done) => child.once('close', (code, signal) => done([code, signal])))
  t.teardown(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await ended
  })
  let out = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk
  })
  return {
    pid,
    out: () => out,
    errors: () => errors,
    type: (line) => void child.stdin.write(`${line}\n`),
    ended,
    left: () => ({ files: readdirSync(directory), processes: processesOf(pid, directory) }),
  }
}

/** Those of the group, and those that name the directory (the database has a group of its own). */
function processesOf(group: number, directory: string): string[] {
  if (!existsSync('/proc/self/stat')) return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ')
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')
        const alive = fields[0] !== 'Z'
        return alive && (Number(fields[2]) === group || command.includes(directory)) ? [command] : []
      } catch {
        return [] // gone meanwhile
      }
    })
}
