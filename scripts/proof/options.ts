// The options of a proof: one table from which they are read, and which --help and the line after a bad one show. Pure.

import { type ParseArgsConfig, parseArgs } from 'node:util'

/** What somebody typed cannot be used. The message is one sentence for that person. */
export class BadOption extends Error {}

/** Options with a value: what its value is called, and what it decides. */
export type Options<Name extends string> = Readonly<Record<Name, readonly [value: string, decides: string]>>

/** What was given, as text. */
export type Given<Name extends string> = { readonly [Key in Name]?: string | undefined }

export interface Help<Name extends string> {
  /** Of `npm run`. */
  readonly command: string
  readonly options: Options<Name>
  /** Sentences: how long a run takes. */
  readonly takes: string
  /** Sentences: what the last line means. */
  readonly lastLine: string
  /** Names of the last line, and what they count. */
  readonly columns: Readonly<Record<string, string>>
  /** "Status 1: …": what must not be. */
  readonly wrong: string
}

/** Every proof has these. */
export const SHARED = {
  database: ['URL', 'a PostgreSQL on which databases may be made; a bundled one is started if not given'],
} as const satisfies Options<string>
const FLAGS = { json: 'the last line is one object', help: 'this, and nothing is run' } as const

/**
 * Reads the words after a command.
 * @returns null when help is asked for
 * @throws BadOption
 */
export function readOptions<Name extends string>(
  names: readonly Name[],
  args: readonly string[],
): { readonly given: Given<Name>; readonly json: boolean } | null {
  const flag = { type: 'boolean' } as const
  const texts = Object.fromEntries(names.map((name) => [name, { type: 'string' } as const]))
  const options = { ...texts, json: flag, help: flag }
  const values: Readonly<Record<string, unknown>> = parsed({ args: [...args], options }).values
  if (values['help'] === true) return null
  return {
    given: Object.fromEntries(names.map((name) => [name, values[name]])) as Given<Name>,
    json: values['json'] === true,
  }
}

/** As Node's own. @throws BadOption */
export function parsed<const Config extends ParseArgsConfig>(config: Config): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config)
  } catch (error) {
    // What follows the first line is advice for options of other kinds.
    throw new BadOption(error instanceof Error ? error.message.split('\n')[0] : String(error))
  }
}

/** @throws BadOption for anything but digits, or a number below `least` (0 if not given) or above `most` */
export function whole<Name extends string>(
  given: Given<NoInfer<Name>>,
  name: Name,
  limits: { readonly otherwise: number; readonly least?: number; readonly most?: number },
): number {
  const { otherwise, least = 0, most = Number.MAX_SAFE_INTEGER } = limits
  const text = given[name]
  if (text === undefined) return otherwise
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  const range = limits.most === undefined ? `, ${least} or more` : ` from ${least} to ${most}`
  throw new BadOption(`--${name} must be a whole number${range}.`)
}

/** @returns null when it was not given. @throws BadOption for a word that is none of them */
export function oneOf<Name extends string, Choice extends string>(
  given: Given<NoInfer<Name>>,
  name: Name,
  choices: readonly Choice[],
): Choice | null {
  const text = given[name]
  const choice = choices.find((each) => each === text) ?? null
  if (text !== undefined && choice === null) throw new BadOption(`--${name} must be one of ${choices.join(', ')}.`)
  return choice
}

/** Its own first; what it says itself of a shared one counts. */
const valued = ({ options }: Help<string>) =>
  Object.entries({ ...options, ...SHARED, ...options }).map(
    ([name, [value, decides]]) => [`--${name} ${value}`, decides] as const,
  )

/** One line with every option. */
export function usage(help: Help<string>): string {
  const all = [...valued(help).map(([option]) => option), ...Object.keys(FLAGS).map((name) => `--${name}`)]
  return `Usage: npm run ${help.command} -- ${all.map((each) => `[${each}]`).join(' ')}`
}

/** All that --help says. */
export function helpText(help: Help<string>): string {
  const flags = Object.entries(FLAGS).map(([name, decides]) => [`--${name}`, decides])
  return [
    usage(help),
    aligned([...valued(help), ...flags]),
    help.takes,
    help.lastLine,
    aligned(Object.entries(help.columns)),
    [
      'Status 0: all of it held.',
      help.wrong,
      'Status 2: an option cannot be used. Status 130: a signal ended it, and nothing is proved.',
    ].join('\n'),
  ].join('\n\n')
}

function aligned(rows: readonly (readonly string[])[]): string {
  const width = Math.max(...rows.map(([name = '']) => name.length))
  return rows.map(([name = '', text = '']) => `  ${name.padEnd(width)}  ${text}`).join('\n')
}
