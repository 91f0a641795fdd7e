// `npm run mutations`: takes out, one at a time, the line that keeps each promise, in a copy of the checkout, and shows the test that
// turns red. Fails when a test stays green, or was red before. `npm run mutations -- journal` does those whose promise or file says so.

import { spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { MUTATIONS } from './mutations/list.ts'
import type { Mutation } from './mutations/mutation.ts'
import { MISUSED } from './proof/misuse.ts'

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
/** So many copies are worked on side by side. */
const HANDS = 2

interface Outcome {
  readonly green: boolean
  readonly failure: string
}

interface Tally {
  readonly of: number
  caught: number
  not: number
}

const USAGE = `Usage: npm run mutations [-- word ...]

All of them take half an hour on two cores. With words: only the promises that hold all of them, in what they say or in the name of their file.
`

/** Runs one test file of the copy. @returns whether it passed, and the first failure it printed */
function runTest(copy: string, test: string, stop: AbortSignal): Promise<Outcome> {
  return new Promise((done) => {
    const child = spawn(process.execPath, ['scripts/test.ts', test], { cwd: copy, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    const end = () => child.kill('SIGTERM')
    const late = setTimeout(end, LIMIT_MS)
    stop.addEventListener('abort', end, { once: true })
    child.once('close', (code) => {
      clearTimeout(late)
      stop.removeEventListener('abort', end)
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
    return asked ? 0 : MISUSED
  }
  const root = await mkdtemp(join(tmpdir(), 'wa-erp-mutations-'))
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const tally = { of: wanted.length, caught: 0, not: 0 }
  const waiting = [...Map.groupBy(wanted, ({ test }) => test)].sort(([, a], [, b]) => b.length - a.length)
  const hand = async (nth: number) => {
    const copy = join(root, `${nth}`)
    await copyTo(copy)
    for (let next = waiting.shift(); next !== undefined && !stop.signal.aborted; next = waiting.shift())
      await tryAll(copy, next, tally, stop.signal)
  }
  try {
    await Promise.all(Array.from({ length: HANDS }, (_, nth) => hand(nth)))
    if (stop.signal.aborted) return 130
    process.stdout.write(`${tally.caught} caught, ${tally.not} not\n`)
    return tally.not === 0 ? 0 : 1
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

async function copyTo(copy: string): Promise<void> {
  for (const name of COPIED)
    await cp(join(ROOT, name), join(copy, name), { recursive: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
}

/** One test as it is, then with each of its lines taken out. */
async function tryAll(
  copy: string,
  [test, mutations]: readonly [string, readonly Mutation[]],
  tally: Tally,
  stop: AbortSignal,
): Promise<void> {
  const say = (head: string, promise: string, below: string) => {
    const done = `${tally.caught + tally.not} of ${tally.of}`
    process.stdout.write(`${head}  ${promise}\n          ${below} (${done})\n`)
  }
  const asItIs = await runTest(copy, test, stop)
  if (stop.aborted) return
  if (!asItIs.green) {
    tally.not += mutations.length
    return say('RED     ', `${test} as it is, with ${mutations.length} promises`, asItIs.failure)
  }
  for (const mutation of mutations) {
    const restore = await mutate(copy, mutation)
    const { green, failure } = await runTest(copy, test, stop)
    await restore()
    if (stop.aborted) return
    tally[green ? 'not' : 'caught'] += 1
    if (green) say('SURVIVED', mutation.promise, `${mutation.file}, and ${test} stayed green`)
    else say('caught  ', mutation.promise, `${dirname(mutation.file)}: ${failure}`)
  }
}

process.exitCode = await main(process.argv.slice(2))
