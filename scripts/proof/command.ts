// What the commands that prove something on real processes have in common: options, progress on standard error, a database, an end on a
// signal that leaves nothing behind, the result on standard output, and the status. What is proved, and how, is theirs.

import { type DatabaseServer, openDatabaseServer } from './database-server.ts'
import { dropAll } from './databases.ts'
import { interruption } from './interruption.ts'
import { MISUSED, misuse } from './misuse.ts'
import { BadOption, type Given, type Help, helpText, readOptions, SHARED, usage } from './options.ts'
import { clearAway } from './processes.ts'

export interface Proof<Name extends string, Settings> {
  readonly help: Help<Name>
  /** Nothing is started yet. @throws BadOption, or an Error that says what this machine lacks */
  readonly settings: (given: Given<Name | keyof typeof SHARED>) => Settings
  /** Limits that differ from a normal installation, a line each. */
  readonly relaxed: readonly string[]
  /** May be left in the middle of it: its processes and databases are those of processes.ts and databases.ts. */
  readonly run: (settings: Settings, stage: Stage) => Promise<Verdict>
}

export interface Stage {
  readonly server: DatabaseServer
  /** Progress: a line, or several. */
  readonly say: (text: string) => void
  /** Whether the verdict is told in one line. */
  readonly json: boolean
}

export interface Verdict {
  /** For standard output. */
  readonly told: string
  readonly held: boolean
}

export const STATUS = { held: 0, wrong: 1, misused: MISUSED, interrupted: 130 } as const

/** What a command does to the world around it. */
export interface World {
  readonly args: readonly string[]
  readonly tell: (text: string) => void
  readonly say: (text: string) => void
  /** Resolves with what happened; from then on signals no longer end the process. */
  readonly interruption: () => Promise<string>
  readonly openServer: (given: string | null) => Promise<DatabaseServer>
  /** What is left is ended and removed: after a run that came to its end little, after an interruption whatever was in use. */
  readonly clear: readonly (() => Promise<void>)[]
}

const REAL: World = {
  args: process.argv.slice(2),
  tell: (text) => void process.stdout.write(`${text}\n`),
  say: (text) => void process.stderr.write(`${text}\n`),
  interruption,
  openServer: openDatabaseServer,
  clear: [clearAway, dropAll],
}

/** The whole command: ends the process. */
export async function prove<Name extends string, Settings>(proof: Proof<Name, Settings>): Promise<never> {
  process.exit(await carryOut(proof, REAL))
}

/** @returns the status */
export async function carryOut<Name extends string, Settings>(
  proof: Proof<Name, Settings>,
  world: World,
): Promise<number> {
  try {
    const names = Object.keys({ ...proof.help.options, ...SHARED }) as (Name | keyof typeof SHARED)[]
    const read = readOptions(names, world.args)
    if (read !== null) return await staged(proof, proof.settings(read.given), read, world)
    world.tell(helpText(proof.help))
    return STATUS.held
  } catch (error) {
    if (error instanceof BadOption) return misuse(usage(proof.help), world.say)(error)
    world.say(error instanceof Error ? error.message : String(error))
    return STATUS.wrong
  }
}

async function staged<Name extends string, Settings>(
  proof: Proof<Name, Settings>,
  settings: Settings,
  { given, json }: { readonly given: Given<keyof typeof SHARED>; readonly json: boolean },
  { say, tell, clear, openServer, ...world }: World,
): Promise<number> {
  const interrupted = world.interruption().then((why) => {
    say(`${why}: everything is ended.`)
    return null
  })
  for (const line of proof.relaxed) say(`relaxed: ${line}`)
  const server = await openServer(given.database ?? null)
  try {
    say(`database: ${server.says}`)
    const verdict = await Promise.race([proof.run(settings, { server, say, json }), interrupted])
    if (verdict === null) return STATUS.interrupted
    tell(verdict.told)
    return verdict.held ? STATUS.held : STATUS.wrong
  } finally {
    for (const each of clear) await each().catch((error: unknown) => say(`cleaning up: ${String(error)}`))
    await server.close()
  }
}
