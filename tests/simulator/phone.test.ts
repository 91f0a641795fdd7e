import t from 'tap'
import { buildPaired, comeBack, goOffline, heard } from './client.ts'

const SHOP = '15550001000'
const ANNA = '15550002001'

t.test('what is typed on the phone reaches the customer, and the linked device as its own', async (t) => {
  const session = await buildPaired(t, SHOP)
  const { sim } = session
  const anna = sim.customer(ANNA)
  const { id } = await sim.phone(SHOP).type(ANNA, 'typed by hand')
  t.match(await anna.waitForReply(), { id, from: SHOP, device: 0, text: 'typed by hand' })
  const { message } = await heard(session, 'typed by hand')
  t.match(message.key, { id, fromMe: true, remoteJid: anna.lid, remoteJidAlt: anna.jid })
})

t.test('what is typed by number is seen by number, and after a login as well', async (t) => {
  const session = await buildPaired(t, SHOP)
  const { sim } = session
  const anna = sim.customer(ANNA)
  await goOffline(session)
  await sim.phone(SHOP).type(ANNA, 'while you slept', { addressing: 'pn' })
  await comeBack(session)
  const { message, type } = await heard(session, 'while you slept')
  t.equal(type, 'append')
  t.match(message.key, { fromMe: true, remoteJid: anna.jid, remoteJidAlt: anna.lid })
})

t.test('the phone sees what customers write and gets a copy of what the device answers', async (t) => {
  const session = await buildPaired(t, SHOP)
  const { sim, client } = session
  const anna = sim.customer(ANNA)
  await anna.send(SHOP, 'hi')
  await heard(session, 'hi')
  const sent = await client.socket?.sendMessage(anna.lid, { text: 'hello' })
  await anna.waitForReply()
  await sim.waitFor(() => sim.phone(SHOP).ownCopies.length > 0, { what: 'the copy' })
  t.same(
    sim.phone(SHOP).inbox.map(({ from, text }) => [from, text]),
    [[ANNA, 'hi']],
  )
  t.same(sim.phone(SHOP).ownCopies, [{ id: sent?.key.id, to: ANNA, text: 'hello' }])
})
