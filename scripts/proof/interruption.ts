// When the person, or the npm above us, wants an end: one promise for Ctrl-C, signals and a parent that is gone.

import { followParent } from '../../src/parent.ts'

/** Resolves once, with what happened. From now on signals no longer end the process by themselves. */
export function interruption(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(signal))
    if (process.env['npm_lifecycle_event'] !== undefined) followParent(() => resolve('npm is gone'))
  })
}
