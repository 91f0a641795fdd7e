import t from 'tap'
import { memoryAuthStore } from '../../support/auth-store.ts'
import { connected, DOOR_POLICY, type Door, openDoor, pair, simulator, textIn } from '../../support/door.ts'

const SHOP = '15550001000'
const ANN = '15550002000'

const codes = (door: Door) => door.events.flatMap((event) => (event.type === 'closed' ? [event.code] : []))

t.test('an HTTP error, silence and a refused connection each end in one closed event', async (t) => {
  const sim = await simulator(t)
  sim.faults.httpStatus(429)
  t.equal((await (await openDoor(t, sim)).wait('closed')).code, 429)
  sim.faults.httpStatus(403)
  t.equal((await (await openDoor(t, sim)).wait('closed')).code, 503, "a proxy's 403 is no ban")
  sim.faults.httpStatus(undefined)
  sim.faults.handshakeSilence(true)
  const silent = await openDoor(t, sim, memoryAuthStore(), { policy: { ...DOOR_POLICY, handshakeTimeoutMs: 300 } })
  t.equal((await silent.wait('closed')).code, 902)
  sim.faults.handshakeSilence(false)
  sim.faults.refuseConnections(true)
  const refused = await openDoor(t, sim)
  t.ok([408, 428, 500].includes((await refused.wait('closed')).code))
  t.equal(codes(refused).length, 1)
})

t.test('stream errors, a logout on the phone and a second login are told apart', async (t) => {
  const sim = await simulator(t)
  const first = await connected(t, sim, SHOP)
  sim.faults.streamError(SHOP, 503)
  t.equal((await first.wait('closed')).code, 503)
  const second = await openDoor(t, sim, first.store)
  await second.wait('opened')
  const third = await openDoor(t, sim, first.store)
  t.equal((await second.wait('closed')).code, 440)
  await third.wait('opened')
  sim.phone(SHOP).logout()
  t.equal((await third.wait('closed')).code, 401)
})

t.test('end is orderly, once, and says closed last; nothing follows', async (t) => {
  const sim = await simulator(t)
  const door = await connected(t, sim, SHOP)
  await Promise.all([door.socket.end(), door.socket.end()])
  t.same(codes(door), [428])
  t.equal(door.events.at(-1)?.type, 'closed')
  const events = door.events.length
  sim.customer(ANN).send(SHOP, 'later')
  door.socket.destroy()
  await door.socket.logout()
  t.match(
    await door.socket.send({
      recipient: `${ANN}@s.whatsapp.net`,
      waMessageId: 'X',
      content: { kind: 'text', text: 'x' },
    }),
    { kind: 'failed' },
  )
  t.equal(door.events.length, events)
})

t.test('closed waits for what is still being written', async (t) => {
  const sim = await simulator(t)
  const door = await connected(t, sim, SHOP)
  const gate = Promise.withResolvers<void>()
  let held = false
  door.store.before = async (access, change) => {
    if (access !== 'commit' || change?.journal === undefined) return
    held = true
    await gate.promise
  }
  sim.customer(ANN).send(SHOP, 'held')
  await door.until('commit', () => held)
  door.socket.destroy()
  await new Promise((resolve) => setTimeout(resolve, 50))
  t.same(codes(door), [])
  gate.resolve()
  await door.wait('closed')
  t.same(codes(door), [428])
})

t.test('logout removes this device from the account', async (t) => {
  const sim = await simulator(t)
  const door = await connected(t, sim, SHOP)
  t.equal(sim.phone(SHOP).linkedDevices.length, 1)
  await door.socket.logout()
  await sim.waitFor(() => sim.phone(SHOP).linkedDevices.length === 0, { what: 'the device to be gone' })
  t.equal(codes(door).length, 1)
})

t.test('keep-alive answers count as frames', async (t) => {
  const sim = await simulator(t)
  const store = await pair(t, sim, SHOP)
  const door = await openDoor(t, sim, store, { policy: { ...DOOR_POLICY, keepAliveMs: 100 } })
  await door.wait('opened')
  await door.until('history', () => store.journal.size > 0)
  const before = door.socket.lastFrameAt()
  await door.until('a later frame', () => door.socket.lastFrameAt() > before + 150)
})

t.test('cut at any moment, it says closed once and leaves no failure behind', async (t) => {
  const sim = await simulator(t)
  const store = await pair(t, sim, SHOP)
  const ann = sim.customer(ANN)
  for (let round = 0; round < 25; round++) {
    for (let n = 0; n < 3; n++) ann.send(SHOP, `${round}/${n}`)
    const door = await openDoor(t, sim, store)
    const moment = round * 6
    await new Promise((resolve) => setTimeout(resolve, moment))
    if (round % 3 === 0) door.guard.fence('test')
    if (round % 3 === 1) door.socket.destroy()
    if (round % 3 === 2) {
      store.before = async (access) => {
        if (access === 'commit') throw new Error('the database is away')
      }
      void door.socket.send({ recipient: ann.lid, waMessageId: `3EB0${round}`, content: { kind: 'text', text: 'x' } })
      door.socket.destroy()
    }
    ann.send(SHOP, `${round}/wake`)
    await door.wait('closed')
    t.equal(codes(door).length, 1)
    store.before = async () => undefined
  }
  const door = await openDoor(t, sim, store)
  const texts = () =>
    new Set([...store.journal.values()].map(({ payload }) => textIn(payload)).filter((each) => each !== null))
  await door.until('every message', () => texts().size === 100, 15_000)
  t.notOk(sim.log.some(({ kind }) => kind === 'client-retry' || kind === 'undecryptable'))
})
