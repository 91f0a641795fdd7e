import t from 'tap'
import { build, heard } from './client.ts'

const SHOP = '15550001000'
const ANNA = '15550002001'

t.test('a client is linked by the code typed on the phone', async (t) => {
  const session = await build(t)
  const { sim, client } = session
  client.connect()
  await sim.waitFor(() => client.qrs.length > 0, { what: 'a connection ready to be linked' })
  const code = await client.socket?.requestPairingCode(SHOP)
  await sim.waitForLog(({ kind, type }) => kind === 'pairing-offered' && type === 'code', { what: 'the code' })
  await sim.phone(SHOP).enterCode(code ?? '')
  await sim.waitFor(() => client.opens > 0, { what: 'an open connection' })
  await sim.customer(ANNA).send(SHOP, 'hi')
  t.equal((await heard(session, 'hi')).message.key.remoteJid, sim.customer(ANNA).lid)
})

t.test('another code, and a code nobody shows, are refused in words', async (t) => {
  const { sim, client } = await build(t)
  await t.rejects(sim.phone(SHOP).enterCode('ABCDEFGH'), /No client shows a code/)
  client.connect()
  await sim.waitFor(() => client.qrs.length > 0, { what: 'a connection ready to be linked' })
  await client.socket?.requestPairingCode(SHOP, 'AAAABBBB')
  await sim.waitForLog(({ kind, type }) => kind === 'pairing-offered' && type === 'code', { what: 'the code' })
  await t.rejects(sim.phone(SHOP).enterCode('CCCCDDDD'), /not the code the client shows/)
  t.same(sim.phone(SHOP).linkedDevices, [])
})
