import t from 'tap'
import { installation } from './support/node.ts'
import { until } from './support/until.ts'

const ERIN = '+15550100000'
const AMAL = '+15550101111'
const STRANGER = '+15550103333'

t.test('a node shows what it did for its sessions, and nothing of who wrote what', async (t) => {
  const { simulator, start } = await installation(t)
  const node = await start()
  const { token, userId } = await node.signUp('nour@company.com')
  await node.pair(token, ERIN)
  await node.call('POST', '/api/whatsapp/contact/add', { token, body: { phoneNumber: AMAL, name: 'Amal' } })
  const amal = simulator.customer(AMAL, { addressing: 'pn' })
  await amal.send(ERIN, 'hello there')
  await amal.waitForReply(/Welcome/)
  await simulator.customer(STRANGER).send(ERIN, 'hello there')

  const read = async () => (await fetch(`${node.url}/metrics`)).text()
  const value = (text: string, series: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`whatsapp_erp_${series} `))
        ?.split(' ')[1] ?? Number.NaN,
    )
  const text = await until('the stranger is counted and the reply acknowledged', async () => {
    const text = await read()
    const counted = value(text, 'inbound_messages_total{outcome="stranger"}') === 1
    return counted && value(text, 'outbound_messages_total{outcome="acknowledged"}') >= 1 ? text : null
  })
  t.equal(value(text, 'inbound_messages_total{outcome="stored"}'), 1)
  t.ok(value(text, 'outbound_messages_total{outcome="on-the-wire"}') >= 1)
  t.equal(value(text, 'sessions{state="open"}'), 1)
  t.equal(value(text, 'sessions_owned'), 1)
  t.ok(value(text, 'lease_slack_seconds') > 1 && value(text, 'lease_slack_seconds') <= 6)
  t.ok(value(text, 'asks_total{where="local",outcome="ok"}') >= 1)
  t.equal(value(text, 'connections_closed_total{code="515"}'), 1, 'after a pairing WhatsApp asks for a new connection')
  t.equal(value(text, 'reconnects_total{code="515"}'), 1)
  t.equal(value(text, 'planner_source{source="rows"}'), 1)
  t.equal(value(text, 'database_up'), 1)
  t.equal(value(text, 'fences_total{cause="write"}'), 0)
  await until('a renewal was timed', async () => value(await read(), 'lease_renew_duration_seconds_count') >= 1)
  for (const secret of [userId, ERIN.slice(1), AMAL.slice(1), STRANGER.slice(1), 'Amal', 'hello', 'nour'])
    t.notOk(text.includes(secret), `nothing says ${secret}`)
})
