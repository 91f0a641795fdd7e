import t, { type Test } from 'tap'
import { startControl } from '../../simulator/control.ts'
import { startSimulator } from '../../simulator/index.ts'
import { connectSimulator } from '../../simulator/remote.ts'

const SHOP = '15550001000'
const ANNA = '15550002001'
const BEN = '15550002002'

const build = async (t: Test) => {
  const sim = await startSimulator()
  t.teardown(() => sim.close())
  const control = await startControl(sim)
  t.teardown(() => control.close())
  return { sim, remote: connectSimulator(control.url) }
}

const messages = Array.from({ length: 40 }, (_, index) => ({
  from: index % 2 === 0 ? ANNA : BEN,
  to: SHOP,
  text: `text ${index}`,
  id: `ID${index}`,
}))

t.test('a load sends every message once, under its id, and says what was accepted', async (t) => {
  const { sim, remote } = await build(t)
  t.same(await remote.load(), { asked: 0, accepted: [], refused: [] })
  await remote.startLoad(messages, 2_000)
  await sim.waitFor(() => sim.phone(SHOP).inbox.length === messages.length, { what: 'all messages' })
  const { asked, accepted, refused } = await remote.load()
  t.equal(asked, messages.length)
  t.same([...accepted].sort(), messages.map(({ id }) => id).sort())
  t.same(refused, [])
  t.same(
    sim
      .phone(SHOP)
      .inbox.map(({ text }) => text)
      .sort(),
    messages.map(({ text }) => text).sort(),
  )
})

t.test('a load keeps its rate, and a second one has to wait', async (t) => {
  const { sim, remote } = await build(t)
  const startedAt = performance.now()
  await remote.startLoad(messages, 200)
  await t.rejects(remote.startLoad(messages, 200), /running already/)
  await sim.waitFor(() => sim.phone(SHOP).inbox.length === messages.length, { what: 'all messages' })
  t.ok(performance.now() - startedAt > 150, '40 messages at 200 a second take 195 ms')
})

t.test('many inboxes come in one answer', async (t) => {
  const { sim, remote } = await build(t)
  await sim.customer(ANNA).send(BEN, 'for Ben', { id: 'B1' })
  await sim.customer(BEN).send(ANNA, 'for Anna', { id: 'A1' })
  t.same(await remote.inboxes([ANNA, BEN]), [
    { customer: ANNA, id: 'A1', from: BEN, text: 'for Anna', count: 1 },
    { customer: BEN, id: 'B1', from: ANNA, text: 'for Ben', count: 1 },
  ])
})

t.test('a bad load gets a sentence', async (t) => {
  const { remote } = await build(t)
  await t.rejects(remote.startLoad(messages, 0), /"perSecond" must be/)
  await t.rejects(remote.startLoad([{ from: ANNA, to: SHOP, text: '', id: 'X' }], 1), /"messages" must be a list/)
  await t.rejects(remote.inboxes(['']), /"numbers" must be a list of phone numbers/)
})

t.test('accounts are linked by the dozen without a QR, with what a client logs in with', async (t) => {
  const { sim, remote } = await build(t)
  const linked = await remote.link([SHOP, ANNA], 3)
  t.same(
    linked.accounts.map(({ number }) => number),
    [SHOP, ANNA],
  )
  t.equal(linked.preKeys.length, 3)
  t.match(JSON.parse(linked.accounts[0]?.creds ?? ''), { me: { id: /^15550001000:/ }, account: {} })
  t.equal(sim.phone(SHOP).linkedDevices.length, 1)
  await t.rejects(remote.link([SHOP], 0), /whole number from 1/)
})
