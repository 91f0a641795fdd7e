// `npm run mutations`: takes out, one at a time, the line that keeps each promise, in a copy of the checkout, and shows the test that
// turns red. Fails when a test stays green, or was red before. `npm run mutations -- journal` does those whose promise or file says so.

import { spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { MUTATIONS } from './mutations/list.ts'
import type { Mutation } from './mutations/mutation.ts'

const ROOT = resolve(import.meta.dirname, '..')
const COPIED = [
  'src',
  'simulator',
  'scripts',
  'tests',
  'data',
  'docs',
  'bench',
  'cluster.config.ts',
  'package.json',
  '.taprc',
  'tsconfig.json',
]
const LIMIT_MS = 300_000
const USAGE = `Usage: npm run mutations [-- word ...]

With words: only the promises that hold all of them, in what they say or in the name of their file.
`

/** Runs one test file of the copy. @returns whether it passed, and the first failure it printed */
function runTest(copy: string, test: string): Promise<{ readonly green: boolean; readonly failure: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, ['scripts/test.ts', test], { cwd: copy, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    const late = setTimeout(() => child.kill('SIGTERM'), LIMIT_MS)
    child.once('close', (code) => {
      clearTimeout(late)
      const failure =
        output.split('\n').find((line) => line.startsWith('FAILED')) ?? output.trim().split('\n').at(-1) ?? ''
      done({ green: code === 0, failure: failure.replace(/^FAILED \S+ > /, '') })
    })
  })
}

async function mutate(copy: string, { file, find, replace }: Mutation): Promise<() => Promise<void>> {
  const path = join(copy, file)
  const before = await readFile(path, 'utf8')
  const occurrences = before.split(find).length - 1
  if (occurrences !== 1)
    throw new Error(`${file} holds the line ${occurrences} times, not once: ${JSON.stringify(find)}`)
  await writeFile(
    path,
    before.replace(find, () => replace),
  )
  return () => writeFile(path, before)
}

async function main(words: readonly string[]): Promise<number> {
  const wanted = MUTATIONS.filter(({ promise, file }) =>
    words.every((word) => `${promise} ${file}`.toLowerCase().includes(word.toLowerCase())),
  )
  // Nothing caught and nothing missed would look like success.
  if (wanted.length === 0) {
    const asked = words.includes('--help')
    process[asked ? 'stdout' : 'stderr'].write(`${asked ? '' : `No promise holds ${words.join(' and ')}.\n\n`}${USAGE}`)
    return asked ? 0 : 1
  }
  const copy = await mkdtemp(join(tmpdir(), 'wa-erp-mutations-'))
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  try {
    for (const name of COPIED)
      await cp(join(ROOT, name), join(copy, name), { recursive: true }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
      })
    await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
    const red: string[] = []
    for (const test of new Set(wanted.map((mutation) => mutation.test))) {
      const { green, failure } = await runTest(copy, test)
      process.stdout.write(`${green ? 'green' : 'RED  '}  ${test} as it is${green ? '' : `: ${failure}`}\n`)
      if (!green) red.push(test)
    }
    let survived = red.length
    for (const mutation of wanted) {
      if (stop.signal.aborted) return 130
      if (red.includes(mutation.test)) continue
      const restore = await mutate(copy, mutation)
      const { green, failure } = await runTest(copy, mutation.test)
      await restore()
      if (green) survived += 1
      process.stdout.write(
        green
          ? `SURVIVED  ${mutation.promise}\n          ${mutation.file}, and ${mutation.test} stayed green\n`
          : `caught    ${mutation.promise}\n          ${dirname(mutation.file)}: ${failure}\n`,
      )
    }
    process.stdout.write(`${wanted.length - survived} caught, ${survived} not\n`)
    return survived === 0 ? 0 : 1
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

process.exitCode = await main(process.argv.slice(2))
