// Whether the ports of a cluster are free, said before anything is started.

import { createServer } from 'node:net'
import { INTERNAL_OFFSET } from './settings.ts'

/** @throws with a sentence that names the first one that is taken */
export async function assertPortsFree(first: number, nodes: number): Promise<void> {
  for (const from of [first, first + INTERNAL_OFFSET])
    for (let port = from; port < from + nodes; port += 1)
      if (!(await isFree(port)))
        throw new Error(
          `Port ${port} is taken by another program: stop it, or choose another first port, such as --port ${first + 1000}.`,
        )
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
