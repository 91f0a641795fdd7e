// The other side of a list of products: Fastify as it comes and pg as it comes, one route, the same statement as the server's, rows as they are.
// Nobody asks who asks, nothing is checked, no price is written for people.

import Fastify from 'fastify'
import { asId } from '../src/domain/ids.ts'
import { PRODUCT_SORTS, productPage } from '../src/persistence/catalogue-views.ts'
import { numbered } from '../src/persistence/placeholders.ts'
import { serve } from './channel.ts'
import { barePool } from './pg.ts'
import { cpuMs } from './process-figures.ts'

const pool = barePool(process.env['DATABASE_URL'] ?? '', Number(process.env['DATABASE_POOL']))
const org = asId<Parameters<typeof productPage>[0]>(process.env['ORGANIZATION'] ?? '')
const app = Fastify({ logger: false })
const LIMIT = 25

app.get<{ Querystring: { q?: string; sort?: string } }>('/api/products', async ({ query }) => {
  const sort = PRODUCT_SORTS.find((each) => each === query.sort)
  const { sql, params } = productPage(org, { q: query.q, sort }, { limit: LIMIT }, { staff: false })
  const { rows } = await pool.query(numbered(sql, params.length), params)
  return { data: rows.slice(0, LIMIT), more: rows.length > LIMIT }
})
const url = await app.listen({ host: '127.0.0.1', port: 0 })

const functions = { url: () => url, cpuMs }
export type BareList = typeof functions

serve(functions, async () => {
  await app.close()
  await pool.end()
})
