// Who reads lists: a pool of undici as it comes, the same requests to whoever answers.

import { Pool } from 'undici'
import { serve } from './channel.ts'
import { type Repeat, type Timed, timed } from './timed.ts'

const pools = new Map<string, Pool>()

const functions = {
  /** Asks for these paths in turns. @returns the time of each, and how many a second */
  async read({ url, paths, repeat }: { url: string; paths: readonly string[]; repeat: Repeat }): Promise<Timed> {
    const pool = pools.get(url) ?? new Pool(url, { connections: repeat.lanes, pipelining: 1 })
    pools.set(url, pool)
    let asked = 0
    return timed(repeat, async () => {
      const path = paths[asked++ % paths.length] ?? '/'
      const answer = await pool.request({ method: 'GET', path })
      const read = JSON.parse(await answer.body.text()) as { data: readonly unknown[] }
      if (answer.statusCode !== 200 || read.data.length === 0) throw new Error(`nothing was listed: ${path}`)
    })
  },
}
export type ListClient = typeof functions

serve(functions, () => Promise.all([...pools.values()].map((pool) => pool.close())))
