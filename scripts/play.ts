// npm start -- --demo: the server and a simulated WhatsApp, with a prompt at which one person plays every part. Nothing is kept.

import { makeApi, OtherStatus } from './demo/api.ts'
import { CUSTOMERS, OWNER, SHOP } from './demo/cast.ts'
import { CheckFailed } from './demo/checks.ts'
import { instructions } from './demo/instructions.ts'
import { makePaper, type Paper } from './demo/paper.ts'
import { addContacts, fillShelves, signUpOwner } from './demo/shop.ts'
import { openStage, type Stage } from './demo/stage.ts'
import { openKeyboard } from './play/keyboard.ts'
import { HELP, readMove } from './play/line.ts'
import { connect, type Game, play } from './play/moves.ts'
import { watch } from './play/watch.ts'
import { interruption } from './proof/interruption.ts'

/** Everything up to the first prompt. */
async function prepare(stage: Stage, paper: Paper): Promise<{ readonly game: Game; readonly token: string }> {
  paper.say('Starting a simulated WhatsApp and the server, with an empty data directory …')
  await paper.waiting('the server', stage.startServer())
  const nobody = makeApi(stage.url)
  const { token } = await signUpOwner(nobody)
  const api = nobody.as(token)
  const { products } = await fillShelves(api)
  await addContacts(api, CUSTOMERS)
  const names = CUSTOMERS.map(({ name }) => name).join(', ')
  paper.say(`${SHOP.name} is open: ${OWNER.name} is the admin, ${products} products, contacts ${names}.`)
  const game = { stage, paper, api }
  await connect(game)
  return { game, token }
}

/** Plays line by line; lines that come while one is played wait. @returns what ended it */
async function prompt(game: Game, typed: AsyncIterable<string>, ask: () => void): Promise<'quit' | 'end of input'> {
  ask()
  for await (const line of typed) {
    const next = await play(game, readMove(line)).catch((error: unknown) => {
      game.paper.say(sentence(error))
      return 'on' as const
    })
    if (next === 'over') return 'quit'
    ask()
  }
  return 'end of input'
}

function sentence(error: unknown): string {
  if (error instanceof OtherStatus) return error.sentence
  if (error instanceof CheckFailed) return `${error.message}: ${error.seen}`
  return error instanceof Error ? error.message : String(error)
}

/** @returns the exit status */
async function run(): Promise<number> {
  const interrupted = interruption()
  const keyboard = openKeyboard()
  const paper = makePaper(keyboard.sheet, SHOP.name)
  const stage = await openStage()
  const watching = new AbortController()
  const game = async () => {
    const { game, token } = await prepare(stage, paper)
    for (const line of keyboard.terminal ? firstLines(stage) : instructions(stage, token)) paper.verbatim(line)
    void watch(game, watching.signal)
    const end = await prompt(game, keyboard.typed, keyboard.ask)
    // Without a terminal the end of the input is no reason to go: somebody drives it by curl.
    if (end === 'end of input' && !keyboard.terminal) await new Promise(() => undefined)
  }
  const accident = stage.accident.then((why): never => {
    throw new Error([why, ...stage.log(10)].join('\n'))
  })
  try {
    await Promise.race([game(), keyboard.interrupted, interrupted, accident])
    return 0
  } catch (error) {
    keyboard.close()
    process.stderr.write(`${sentence(error)}\n`)
    return 1
  } finally {
    watching.abort()
    keyboard.close()
    paper.say('Closing …')
    await stage.close()
  }
}

function firstLines(stage: Stage): readonly string[] {
  return [`API and its documentation: ${stage.url()}`, ...HELP]
}

process.exit(
  await run().catch((error: unknown) => {
    process.stderr.write(`${sentence(error)}\n`)
    return 1
  }),
)
