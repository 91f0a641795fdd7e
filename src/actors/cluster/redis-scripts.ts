// The names under which the plan lies in Redis, and how its scripts (lua/) are called. One hash tag, so that all of them live in one slot.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

export const KEYS = {
  nodes: 'wa:{c}:nodes',
  node: 'wa:{c}:node',
  takers: 'wa:{c}:takers',
  count: 'wa:{c}:count',
  version: 'wa:{c}:version',
  load: 'wa:{c}:load',
  home: 'wa:{c}:home',
  tok: 'wa:{c}:tok',
} as const

export const CHANNELS = {
  bell: (incarnation: string) => `wa:{c}:bell:${incarnation}`,
  moved: 'wa:{c}:moved',
} as const

const SCRIPTS = {
  beat: [KEYS.nodes, KEYS.node, KEYS.takers, KEYS.count, KEYS.version, KEYS.load],
  place: [KEYS.nodes, KEYS.takers, KEYS.count, KEYS.load, KEYS.home],
  publish: [KEYS.home],
  forget: [KEYS.home],
  gone: [KEYS.nodes, KEYS.node, KEYS.takers, KEYS.count, KEYS.version, KEYS.load],
  take: [KEYS.tok],
} as const

export type ScriptName = keyof typeof SCRIPTS
/** Answers are as Redis gives them: whoever asks checks them. */
export type RunScript = (name: ScriptName, args: readonly string[]) => Promise<unknown>

interface Client {
  call(command: string, ...args: string[]): Promise<unknown>
}

/** Reads the scripts of the plan once. */
export function loadScripts(client: Client): RunScript {
  const names = Object.keys(SCRIPTS) as ScriptName[]
  const scripts = new Map(names.map((name) => [name, loadScript(client, name)]))
  return async (name, args) => scripts.get(name)?.(SCRIPTS[name], args)
}

/** Reads one script of lua/. A Redis that does not know it is sent its text. */
export function loadScript(client: Client, name: string) {
  const text = readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8')
  const sha = createHash('sha1').update(text).digest('hex')
  return async (keys: readonly string[], args: readonly string[]): Promise<unknown> => {
    try {
      return await client.call('EVALSHA', sha, `${keys.length}`, ...keys, ...args)
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return client.call('EVAL', text, `${keys.length}`, ...keys, ...args)
    }
  }
}
