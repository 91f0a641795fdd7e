// The asking side of a bare round trip: a pool of undici as it comes, JSON there and back.

import { Pool } from 'undici'
import { serve } from './channel.ts'
import { type Repeat, type Timed, timed } from './timed.ts'

let pool: Pool | null = null
const headers = { 'content-type': 'application/json' }

const functions = {
  async time({ url, user, repeat }: { url: string; user: string; repeat: Repeat }): Promise<Timed> {
    pool ??= new Pool(url, { connections: 32, pipelining: 1 })
    const to = pool
    return timed(repeat, async () => {
      const body = JSON.stringify({ v: 1, name: 'session.status', user, body: {} })
      const answer = await to.request({ method: 'POST', path: '/ask', headers, body })
      const read = JSON.parse(await answer.body.text()) as { type: string }
      if (answer.statusCode !== 200 || read.type !== 'value') throw new Error('a bare ask failed')
    })
  },
}
export type BareClient = typeof functions

serve(functions, async () => pool?.close())
