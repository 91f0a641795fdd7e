// npm run demo: the main job in plain sight, over the real protocol, each step checked. Exit status 0 only when everything held.

import { parseArgs } from 'node:util'
import { SHOP } from './demo/cast.ts'
import { CheckFailed, makeChecks } from './demo/checks.ts'
import { instructions } from './demo/instructions.ts'
import { makePaper, type Paper } from './demo/paper.ts'
import { ProgramFailed } from './demo/processes.ts'
import { openStage, type Stage } from './demo/stage.ts'
import { tell } from './demo/story.ts'
import { interruption } from './proof/interruption.ts'

const USAGE = `Usage: npm run demo -- [--json] [--keep]
  --json   the last line on standard output is {"ok",…} with what was measured; the story goes to standard error
  --keep   leaves everything running afterwards, with what you need to play on; Ctrl-C ends it`
const LOG_LINES = 30
const INTERRUPTED = 130

interface Settings {
  readonly json: boolean
  readonly keep: boolean
}

class Interrupted extends Error {}

/** @returns the exit status */
async function run({ json, keep }: Settings): Promise<number> {
  const paper = makePaper(json ? process.stderr : process.stdout, SHOP.name)
  const check = makeChecks()
  const print = (result: object) => {
    if (json) process.stdout.write(`${JSON.stringify(result)}\n`)
  }
  const interrupted = interruption()
  const stopped = interrupted.then((why): never => {
    throw new Interrupted(`Ended early: ${why}.`)
  })
  stopped.catch(() => undefined)
  paper.say('A simulated WhatsApp and the real server, as it comes out of the box: no limit is relaxed.')
  const stage = await openStage({ port: 0 })
  const accident = stage.accident.then((sentence): never => {
    throw new ProgramFailed(sentence)
  })
  try {
    const { token, ...told } = await Promise.race([tell({ stage, paper, check }), stopped, accident])
    paper.chapter(`All ${check.passed()} checks passed.`)
    print({ ok: true, ...told })
    if (!keep) return 0
    paper.chapter('Everything is left running; Ctrl-C ends it.')
    for (const line of instructions(stage, token)) paper.verbatim(line)
    await Promise.race([interrupted, accident])
    return 0
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    if (error instanceof Interrupted) paper.say(reason)
    else explain(paper, stage, error)
    print({ ok: false, error: reason })
    return error instanceof Interrupted ? INTERRUPTED : 1
  } finally {
    await stage.close()
  }
}

/** What was expected, what was seen, and what the server said last. */
function explain(paper: Paper, stage: Stage, error: unknown): void {
  if (error instanceof CheckFailed) {
    paper.chapter(`✗ ${error.message}`)
    paper.verbatim(`expected: ${error.expected}`)
    paper.verbatim(`seen:     ${error.seen}`)
  } else if (error instanceof ProgramFailed) paper.chapter(`✗ ${error.message}`)
  else paper.chapter(`✗ ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  paper.chapter('The end of the log of the server:')
  for (const line of stage.log(LOG_LINES)) paper.verbatim(line)
}

function settings(): Settings {
  const { values } = parseArgs({ options: { json: { type: 'boolean' }, keep: { type: 'boolean' } } })
  return { json: values.json ?? false, keep: values.keep ?? false }
}

let chosen: Settings | null = null
try {
  chosen = settings()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`)
  process.exitCode = 1
}
if (chosen !== null)
  process.exit(
    await run(chosen).catch((error: unknown) => {
      process.stderr.write(`The demo cannot start: ${error instanceof Error ? error.message : String(error)}\n`)
      return 1
    }),
  )
