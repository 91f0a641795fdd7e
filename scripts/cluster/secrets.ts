// The secrets that all nodes of a local cluster share: made once, kept where only their owner reads them.

import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const hex = z.string().regex(/^[0-9a-f]{64}$/)
const shape = z.object({ JWT_SECRET: hex, AUTH_ENCRYPTION_KEY: hex, CLUSTER_SECRET: hex })
export type SharedSecrets = z.infer<typeof shape>

const OWNER_ONLY = 0o600

/** @returns those of the directory, made when there are none. @throws with a sentence when the file cannot be used */
export function sharedSecrets(dataDir: string): SharedSecrets {
  const path = join(dataDir, 'cluster-secrets.json')
  if (!existsSync(path)) {
    const make = () => randomBytes(32).toString('hex')
    const made: SharedSecrets = { JWT_SECRET: make(), AUTH_ENCRYPTION_KEY: make(), CLUSTER_SECRET: make() }
    writeFileSync(path, `${JSON.stringify(made)}\n`, { mode: OWNER_ONLY, flag: 'wx' })
    return made
  }
  try {
    return shape.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    throw new Error(`${path} does not hold the three secrets any more: bring it back, or the database cannot be read.`)
  }
}
