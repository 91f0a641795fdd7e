import t from 'tap'
import { openBaileysSocket } from '../../src/actors/whatsapp/baileys.ts'
import type { OpenSocketFn } from '../../src/actors/whatsapp/socket.ts'
import { installation, PASSWORD } from '../support/node.ts'
import { until } from '../support/until.ts'

const ACCOUNTS = 12
const AT_ONCE = 3
const phoneOf = (n: number) => `+155501${String(n).padStart(5, '0')}`

/** Counts the connections that are between their opening and their first news. */
function counting(): { readonly open: OpenSocketFn; most(): number } {
  let now = 0
  let most = 0
  return {
    most: () => most,
    open(options) {
      now += 1
      most = Math.max(most, now)
      let waiting = true
      const emit: typeof options.emit = (event) => {
        if (waiting && (event.type === 'opened' || event.type === 'closed' || event.type === 'qr')) {
          waiting = false
          now -= 1
        }
        options.emit(event)
      }
      return openBaileysSocket({ ...options, emit })
    },
  }
}

t.test(
  'after a restart all accounts come back, a few at a time, and one that is stuck stands in nobody’s way',
  async (t) => {
    const { simulator, start } = await installation(t)
    const first = await start()
    const { token: admin } = await first.signUp('nour@company.com')
    const tokens: string[] = []
    for (let n = 0; n < ACCOUNTS; n++) {
      const email = `user-${n}@company.com`
      const body = { email, password: PASSWORD, role: 'employee' }
      await first.call('POST', '/api/auth/signup', { token: admin, body })
      const { body: login } = await first.call('POST', '/api/auth/login', { body: { email, password: PASSWORD } })
      tokens.push(login.token)
      await first.pair(login.token, phoneOf(n))
    }
    await first.close()

    const stuck = phoneOf(0)
    simulator.faults.silence(stuck, true)
    const counter = counting()
    const second = await start({}, { session: { handshakesAtOnce: AT_ONCE, handshakeTimeoutMs: 2_000 } }, counter.open)
    const state = (n: number) => second.state(tokens[n] ?? '')
    await until('all but the stuck one are open', () => second.sessions.counts().open === ACCOUNTS - 1, 30_000)
    t.not(await state(0), 'open')
    t.ok(counter.most() <= AT_ONCE, `never more than ${AT_ONCE} handshakes at once, ${counter.most()} seen`)
    t.equal(counter.most(), AT_ONCE, 'and not one by one either')
    simulator.faults.silence(stuck, false)
    await until('the stuck one as well', async () => (await state(0)) === 'open', 30_000)
    t.equal(second.sessions.counts().open, ACCOUNTS)
  },
)

t.test('a session whose actor crashes is started again under a new epoch, and nobody else notices', async (t) => {
  const { start, simulator } = await installation(t)
  let crash = true
  const node = await start({}, { session: { restartDelayMs: 20 } }, async (options) => {
    if (crash) {
      crash = false
      throw new TypeError('on purpose')
    }
    return openBaileysSocket(options)
  })
  const { token } = await node.signUp('nour@company.com')
  const other = await node.signUp('erin@company.com', 'employee')
  await node.call('POST', '/api/whatsapp/connect', { token, body: {} })
  await until('it was started again', () => !crash)
  await node.pair(other.token, phoneOf(1))
  await until('it answers', async () => (await node.call('GET', '/api/whatsapp/status', { token })).status === 200)
  await node.pair(token, phoneOf(2))
  t.equal(simulator.phone(phoneOf(2)).linkedDevices.length, 1)
})
