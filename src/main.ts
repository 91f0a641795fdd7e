// The program: reads the operator's file, starts one node, says what to do next, and ends it in order when asked to.

import { readFileSync } from 'node:fs'
import closeWithGrace from 'close-with-grace'
import { loadCluster } from '../cluster.config.ts'
import { layGround } from './ground.ts'
import { makeLog } from './log.ts'
import { followParent } from './parent.ts'
import { welcome } from './welcome.ts'

const CLOSE_WITHIN_MS = 30_000

/** Starts the node of this process. A start that fails says why in one sentence and leaves with status 1. */
export async function main(): Promise<void> {
  const stop = new AbortController()
  try {
    const { config, followsParent, strangeNames } = loadCluster()
    const log = makeLog(config.logLevel)
    for (const name of strangeNames)
      log.warn({ name }, 'the .env file gives a variable that is no setting: docs/configuration.md has their names')
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string
    }
    const toldDead = () => {
      log.fatal('another node declared this one dead; it ends so that a new one can take over')
      process.exit(1)
    }
    const { signal } = stop
    const begun = Promise.withResolvers<void>()
    const ground = layGround(config, log, { signal, begun: begun.resolve })
    // Most of a start is loading what node.ts needs: the bundled database comes up meanwhile.
    const starting = Promise.race([begun.promise, ground])
      .then(() => import('./node.ts'))
      .then(({ startNode }) => startNode({ config, log, version, toldDead, signal, ground }))
    // From the first moment on: a start that is interrupted takes down what it has opened so far.
    const grace = closeWithGrace({ delay: CLOSE_WITHIN_MS, logger: false }, async ({ err, signal }) => {
      if (err !== undefined) log.fatal({ err }, 'something unexpected happened; the node ends in order')
      else log.info({ signal }, 'the node ends in order')
      stop.abort()
      await starting.then((node) => node.close()).catch(() => undefined)
    })
    if (followsParent) followParent(() => void grace.close())
    process.stdout.write(welcome(await starting, config))
  } catch (error) {
    if (stop.signal.aborted) return
    process.stderr.write(`Cannot start: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  }
}

await main()
