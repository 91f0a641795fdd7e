import { Curve } from '@whiskeysockets/baileys'
import t from 'tap'
import { build, buildPaired, comeBack, createClient, goOffline, heard, nextClose } from './client.ts'

const SHOP = '15550001000'
const ANNA = '15550002001'

t.test('a linked device comes back without a QR', async (t) => {
  const session = await buildPaired(t, SHOP)
  const shown = session.client.qrs.length
  await goOffline(session)
  t.same(session.sim.phone(SHOP).linkedDevices, [{ device: 1, online: false }])
  await comeBack(session)
  t.equal(session.client.qrs.length, shown)
  await session.sim.customer(ANNA).send(SHOP, 'back?')
  await heard(session, 'back?')
})

t.test('a second login with the same credentials replaces the first: 440', async (t) => {
  const { sim, client } = await buildPaired(t, SHOP)
  const second = createClient(sim)
  t.teardown(() => second.stop())
  Object.assign(second.state, client.state)
  second.connect()
  t.equal(await nextClose({ sim, client }), 440)
  await sim.waitFor(() => second.opens === 1, { what: 'the second login' })
})

t.test('a device removed on the phone hears it at once: 401', async (t) => {
  const session = await buildPaired(t, SHOP)
  const closing = nextClose(session)
  await session.sim.phone(SHOP).logout()
  t.equal(await closing, 401)
  t.same(session.sim.phone(SHOP).linkedDevices, [])
})

t.test('a device removed while it was away hears it at its next login: 401', async (t) => {
  const session = await buildPaired(t, SHOP)
  await goOffline(session)
  await session.sim.phone(SHOP).logout(1)
  const closing = nextClose(session)
  session.client.connect()
  t.equal(await closing, 401)
})

t.test('a client that logs itself out is unlinked on the phone', async (t) => {
  const { sim, client } = await buildPaired(t, SHOP)
  await client.socket?.logout()
  await sim.waitForLog(({ kind }) => kind === 'removed', { what: 'the unlinking' })
  t.same(sim.phone(SHOP).linkedDevices, [])
})

t.test('a banned account is refused: 403', async (t) => {
  const session = await buildPaired(t, SHOP)
  const cut = nextClose(session)
  session.sim.phone(SHOP).ban()
  await cut
  const closing = nextClose(session)
  session.client.connect()
  t.equal(await closing, 403)
})

t.test('a login that was ordered to fail fails once with that reason', async (t) => {
  const session = await buildPaired(t, SHOP)
  for (const failure of [403, 405, 503, 401]) {
    await goOffline(session)
    session.sim.faults.nextLogin(SHOP, { failure })
    const closing = nextClose(session)
    session.client.connect()
    t.equal(await closing, failure)
    await comeBack(session)
  }
})

t.test('a login with a key that was never linked is refused: 401', async (t) => {
  const session = await buildPaired(t, SHOP)
  await goOffline(session)
  Object.assign(session.client.state.creds, { noiseKey: Curve.generateKeyPair() })
  const closing = nextClose(session)
  session.client.connect()
  t.equal(await closing, 401)
})

t.test('a login of a number nobody has is refused: 401', async (t) => {
  const { sim, client } = await build(t)
  client.state.creds.me = { id: '15557777777:3@s.whatsapp.net' }
  client.connect()
  t.equal(await nextClose({ sim, client }, 0), 401)
})
