import t from 'tap'
import { buildPaired, heard } from './client.ts'

const SHOP = '15550001000'
const UPLOADED_AT_FIRST = 812

t.test('each one-time key is handed out once', async (t) => {
  const session = await buildPaired(t, SHOP)
  const { sim } = session
  const uploaded = sim.log.find(({ kind }) => kind === 'prekeys-uploaded')
  t.equal(uploaded?.count, UPLOADED_AT_FIRST)
  for (const number of ['15550002001', '15550002002', '15550002003']) await sim.customer(number).send(SHOP, number)
  for (const number of ['15550002001', '15550002002', '15550002003']) await heard(session, number)
  const left = sim.log.filter(({ kind }) => kind === 'bundle-taken').map(({ count }) => count)
  t.same(left, [811, 810, 809, 808], 'the phone took the first for the history')
})

t.test('a device that runs out of one-time keys publishes more', async (t) => {
  const { sim, client } = await buildPaired(t, SHOP)
  const numbers = Array.from({ length: UPLOADED_AT_FIRST - 5 }, (_, index) => String(15_551_000_000 + index))
  const jid = `${SHOP}:1@s.whatsapp.net`
  // A stranger who fetches bundles empties the store faster than customers who write.
  const user = { tag: 'user', attrs: { jid } }
  const content = [{ tag: 'key', attrs: {}, content: numbers.map(() => user) }]
  await client.socket?.query({ tag: 'iq', attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'encrypt' }, content })
  const more = await sim.waitForLog(({ kind, count }) => kind === 'prekeys-uploaded' && count !== UPLOADED_AT_FIRST, {
    what: 'the second upload',
  })
  t.ok((more.count ?? 0) > 0)
})
