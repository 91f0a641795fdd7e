import t, { type Test } from 'tap'
import { startControl } from '../../simulator/control.ts'
import { connectSimulator } from '../../simulator/remote.ts'
import { buildPaired, comeBack, goOffline, heard, nextClose, type Session } from './client.ts'

const SHOP = '15550001000'
const ANNA = '15550002001'

const buildRemote = async (t: Test) => {
  const session: Session = await buildPaired(t, SHOP)
  const control = await startControl(session.sim)
  t.teardown(() => control.close())
  return { ...session, control, remote: connectSimulator(control.url) }
}

t.test('another process plays phone and customers', async (t) => {
  const session = await buildRemote(t)
  const { remote, client, sim } = session
  t.same(await remote.health(), { ok: true, url: sim.url, trustRoot: sim.trustRoot })
  t.same((await remote.phone(SHOP)).linkedDevices, [{ device: 1, online: true }])
  const { id } = await remote.send(ANNA, SHOP, 'hi', { pushName: 'Anna', addressing: 'pn' })
  const { message } = await heard(session, 'hi')
  t.match(message, { pushName: 'Anna', key: { id, remoteJid: `${ANNA}@s.whatsapp.net` } })
  const sent = await client.socket?.sendMessage(sim.customer(ANNA).jid, { text: 'hello' })
  const reply = await remote.waitForReply(ANNA, /hello/)
  t.match(reply, { id: sent?.key.id, from: SHOP, text: 'hello', count: 1 })
  t.notHas(reply, 'message', 'the raw message is not JSON')
  await remote.read(ANNA, reply.id)
  const typed = await remote.type(SHOP, ANNA, 'typed')
  t.match(
    (await remote.inbox(ANNA)).map((one) => one.id),
    [reply.id, typed.id],
  )
  await remote.waitForLog(({ kind, id: about }) => kind === 'client-receipt' && about === id, { what: 'the receipt' })
  t.equal(await remote.receiptsFor(ANNA, id), 'delivered')
  await t.rejects(remote.waitForReply(ANNA, /never/, { timeoutMs: 30 }), /like \/never\/: not seen within 30 ms/)
})

t.test('another process orders faults and logs the device out', async (t) => {
  const session = await buildRemote(t)
  const { remote } = session
  const cut = nextClose(session)
  await remote.fault('drop', { number: SHOP })
  t.equal(await cut, 428)
  await remote.fault('nextLogin', { number: SHOP, failure: 503 })
  const refused = nextClose(session)
  session.client.connect()
  t.equal(await refused, 503)
  await comeBack(session)
  await goOffline(session)
  await remote.logout(SHOP)
  const loggedOut = nextClose(session)
  session.client.connect()
  t.equal(await loggedOut, 401)
  t.same((await remote.phone(SHOP)).linkedDevices, [])
})

t.test('the log can be read from where one left off', async (t) => {
  const { remote, sim } = await buildRemote(t)
  const all = await remote.log()
  t.equal(all.length, sim.log.length)
  await remote.send(ANNA, SHOP, 'hi')
  const later = await remote.log(all.length)
  t.equal(later[0]?.seq, all.length + 1)
  t.equal(later[0]?.kind, 'handed-over')
})

t.test('bad input gets a sentence', async (t) => {
  const { control, remote } = await buildRemote(t)
  const ask = async (method: string, path: string, body?: string, type = 'application/json') => {
    const response = await fetch(control.url + path, {
      method,
      ...(body && { body, headers: { 'content-type': type } }),
    })
    const { error } = (await response.json()) as { error: string }
    return `${response.status} ${error}`
  }
  t.match(await ask('GET', '/nothing'), /^404 There is no GET \/nothing/)
  t.match(await ask('DELETE', '/log'), /^404 There is no DELETE/)
  t.match(await ask('GET', '/log?after=x'), /^400 "after" must be/)
  t.match(await ask('POST', '/phones/1/scan', '{"qr":"x"}'), /^400 "1" is not a phone number/)
  t.match(await ask('POST', `/phones/${SHOP}/scan`), /^400 "qr" must be a text/)
  t.match(await ask('POST', `/phones/${SHOP}/scan`, '{"qr":"x"}'), /^400 This is not a linking QR/)
  t.match(await ask('POST', `/phones/${SHOP}/type`, '{"to":7}'), /^400 "to" must be a text/)
  t.match(await ask('POST', `/customers/${ANNA}/send`, '{'), /^400 The body is not valid JSON/)
  t.match(await ask('POST', `/customers/${ANNA}/send`, '[]'), /^400 The body must be a JSON object/)
  t.match(await ask('POST', `/customers/${ANNA}/send`, '{}', 'text/plain'), /^400 The body must be JSON/)
  const wrongMode = JSON.stringify({ to: SHOP, text: 'hi', addressing: 'mail' })
  t.match(await ask('POST', `/customers/${ANNA}/send`, wrongMode), /^400 "addressing" must be "lid" or "pn"/)
  t.match(await ask('POST', `/customers/${ANNA}/read`, '{"id":"NONE"}'), /^400 .* never got message NONE/)
  t.match(await ask('POST', '/faults/earthquake', '{}'), /^404 There is no fault called "earthquake"/)
  t.match(await ask('POST', '/faults/silence', `{"number":"${SHOP}"}`), /^400 "on" is missing/)
  t.match(await ask('POST', '/faults/streamError', `{"number":"${SHOP}","code":"500"}`), /^400 "code" must be a number/)
  await t.rejects(remote.fault('earthquake'), /There is no fault called "earthquake"/)
})

t.test('a simulator that is not there is said to be out of reach', async (t) => {
  await t.rejects(connectSimulator('http://127.0.0.1:9').health(), /cannot be reached at http:\/\/127\.0\.0\.1:9/)
})
