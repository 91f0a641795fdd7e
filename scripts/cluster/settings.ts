// What `npm run cluster` may be told, and what it says of itself. Pure.

import { parseArgs } from 'node:util'

export const USAGE = `npm run cluster -- [--nodes 3] [--demo] [--redis | --no-redis] [--port 5000] [--data-dir .data/cluster]

  --nodes N         so many nodes, on this and the following ports
  --demo            with a simulated WhatsApp, and a shop that is open; nothing is kept
  --redis           a Redis has to be there: REDIS_URL, or redis-server or valkey-server on the PATH
  --no-redis        without one, even if there is one: PostgreSQL plans alone
  --install-redis   as root on Debian: installs the package redis-server when there is none
  --port P          of the first node; other nodes reach it on P + 500
  --data-dir DIR    database, secrets, logs, and a directory for each node`

export interface ClusterSettings {
  readonly nodes: number
  readonly demo: boolean
  /** `maybe`: when there is one. */
  readonly redis: 'must' | 'maybe' | 'none'
  readonly installRedis: boolean
  readonly port: number
  readonly dataDir: string
}

/** How far the port for other nodes lies from that of the API. */
export const INTERNAL_OFFSET = 500
const MOST_NODES = 20
const LAST_PORT = 65_535 - INTERNAL_OFFSET - MOST_NODES

/** @returns null when only help is wanted. @throws with a sentence */
export function readSettings(args: readonly string[], ci: boolean): ClusterSettings | null {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      nodes: text,
      demo: flag,
      redis: flag,
      'no-redis': flag,
      'install-redis': flag,
      port: text,
      'data-dir': text,
      help: flag,
    },
  })
  if (values.help === true) return null
  if (values.redis === true && values['no-redis'] === true) throw new Error('--redis or --no-redis, not both.')
  return {
    nodes: whole('nodes', values.nodes, 3, 1, MOST_NODES),
    demo: values.demo === true,
    redis: values.redis === true ? 'must' : values['no-redis'] === true ? 'none' : 'maybe',
    installRedis: values['install-redis'] === true || ci,
    port: whole('port', values.port, 5000, 1, LAST_PORT),
    dataDir: values['data-dir'] ?? '.data/cluster',
  }
}

function whole(name: string, given: string | undefined, fallback: number, least: number, most: number): number {
  const value = Number(given ?? fallback)
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new Error(`--${name} must be a whole number from ${least} to ${most}.`)
}
