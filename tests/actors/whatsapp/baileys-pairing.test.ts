import t from 'tap'
import { memoryAuthStore } from '../../support/auth-store.ts'
import { DOOR_POLICY, openDoor, simulator } from '../../support/door.ts'

const SHOP = '15550001000'

t.test('pairing: QR, scan, stored before the restart is reported', async (t) => {
  const sim = await simulator(t)
  const store = memoryAuthStore()
  const gate = Promise.withResolvers<void>()
  store.before = async (access, change) => {
    if (access === 'commit' && change?.creds !== undefined) await gate.promise
  }
  const door = await openDoor(t, sim, store)
  const { qr } = await door.wait('qr')
  t.equal(store.creds, null, 'an unscanned QR leaves no row')
  sim.phone(SHOP).scan(qr)
  const answered = () => sim.log.some(({ kind }) => kind === 'paired')
  await new Promise((resolve) => setTimeout(resolve, 150))
  t.notOk(answered(), 'the phone is not answered before the account is stored')
  gate.resolve()
  const { code } = await door.wait('closed')
  t.equal(code, 515)
  t.ok(store.creds)
  t.same(
    door.events.map(({ type }) => type),
    ['qr', 'paired', 'closed'],
  )
  const again = await openDoor(t, sim, store)
  const opened = await again.wait('opened')
  t.equal(opened.phone, `+${SHOP}`)
  t.equal(`${opened.lid}@lid`, sim.phone(SHOP).lid)
})

t.test('pairing by code, and a code nobody typed in', async (t) => {
  const sim = await simulator(t)
  const store = memoryAuthStore()
  const given = await openDoor(t, sim, store, { pairingPhone: `+${SHOP}` })
  t.match((await given.wait('pairing-code')).code, /^[0-9A-Z]{8}$/)
  await given.socket.end()
  t.equal(store.creds, null, 'an attempt leaves no row that would log in later')
  const door = await openDoor(t, sim, store, { pairingPhone: `+${SHOP}` })
  const { code } = await door.wait('pairing-code')
  await sim.phone(SHOP).enterCode(code)
  t.equal((await door.wait('closed')).code, 515)
  t.same(
    door.events.map(({ type }) => type),
    ['pairing-code', 'paired', 'closed'],
  )
  const again = await openDoor(t, sim, store)
  t.equal((await again.wait('opened')).phone, `+${SHOP}`)
})

t.test('forged signatures fail closed: nothing is stored', async (t) => {
  for (const forgeCertificate of ['leaf', 'intermediate'] as const) {
    const sim = await simulator(t, { forgeCertificate })
    const door = await openDoor(t, sim)
    t.equal((await door.wait('closed')).code, 903, `a forged ${forgeCertificate}`)
    t.notOk(door.events.some(({ type }) => type === 'qr'))
  }
  const sim = await simulator(t, { forgeAccountSignature: true })
  const store = memoryAuthStore()
  const door = await openDoor(t, sim, store)
  const { qr } = await door.wait('qr')
  await t.rejects(Promise.resolve(sim.phone(SHOP).scan(qr)), 'the phone is not answered')
  t.equal((await door.wait('closed')).code, 903, 'a forged account')
  t.equal(store.creds, null)
  t.notOk(door.events.some(({ type }) => type === 'paired'))
})

t.test('the wrong trust root is refused', async (t) => {
  const [sim, other] = [await simulator(t), await simulator(t)]
  const door = await openDoor(t, sim, memoryAuthStore(), { trustRoot: Buffer.from(other.trustRoot, 'hex') })
  t.equal((await door.wait('closed')).code, 903)
  const { socketUrl } = { socketUrl: sim.url }
  await t.rejects(
    openDoor(t, sim, memoryAuthStore(), { socketUrl, trustRoot: undefined as unknown as Uint8Array }),
    /both/,
  )
})

t.test('a demand for a passkey ends the pairing and says why, by QR and by code', async (t) => {
  const sim = await simulator(t)
  sim.faults.passkey(SHOP)
  const store = memoryAuthStore()
  const door = await openDoor(t, sim, store)
  const { qr } = await door.wait('qr')
  await t.rejects(sim.phone(SHOP).scan(qr), /passkey/)
  t.equal((await door.wait('closed')).code, 906)

  const typed = await openDoor(t, sim, store, { pairingPhone: `+${SHOP}` })
  const { code } = await typed.wait('pairing-code')
  await t.rejects(sim.phone(SHOP).enterCode(code), /passkey/)
  t.equal((await typed.wait('closed')).code, 906)
  t.equal(store.creds, null, 'nothing is linked')

  sim.faults.passkey(SHOP, false)
  const again = await openDoor(t, sim)
  await sim.phone(SHOP).scan((await again.wait('qr')).qr)
  await again.wait('paired')
})

t.test('QRs that nobody scans end as 408', async (t) => {
  const sim = await simulator(t)
  const door = await openDoor(t, sim, memoryAuthStore(), { policy: { ...DOOR_POLICY, qrTimeoutMs: 30 } })
  t.match(await door.wait('closed'), { code: 408, detail: 'QR refs attempts ended' })
  t.equal(new Set(door.events.flatMap((event) => (event.type === 'qr' ? [event.qr] : []))).size, 6)
})
