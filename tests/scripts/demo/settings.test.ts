import t from 'tap'
import { noonZone, serverEnvironment } from '../../../scripts/demo/settings.ts'
import { readConfig, SETTINGS } from '../../../src/config.ts'

const simulator = { url: 'ws://127.0.0.1:5100/ws/chat', trustRoot: 'ab'.repeat(32) }

t.test('the server of the demo takes no setting of the operator, whatever a .env says', async (t) => {
  const operator = { DATABASE_URL: 'postgres://shop@db/shop', NODE_ENV: 'production', SIGNUP_MODE: 'closed', PORT: '1' }
  const given = serverEnvironment({ dataDir: '/somewhere', simulator, port: 0, now: new Date() })
  const config = readConfig({ ...operator, ...given })
  const {
    dataDir,
    port,
    whatsappSocketUrl,
    organizationName,
    organizationContact,
    whatsappTrustRoot,
    timezone: _,
    ...rest
  } = config
  t.match([dataDir, port, whatsappSocketUrl, organizationName], ['/somewhere', 0, simulator.url, 'Corner Shop'])
  t.match(readConfig({}), rest, 'all others are as they come out of the box')
  t.ok(organizationContact && whatsappTrustRoot)
  for (const { variable } of Object.values(SETTINGS)) t.ok(given[variable], `${variable} wins over a .env`)
})

t.test('whenever the demo begins it is noon in its shop, so that no day ends while it runs', async (t) => {
  for (let hour = 0; hour < 24; hour += 1) {
    const now = new Date(Date.UTC(2026, 2, 1, hour, 59))
    const given = serverEnvironment({ dataDir: '/somewhere', simulator, now })
    const { timezone } = readConfig({ ...given })
    const clock = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, hour: '2-digit', minute: '2-digit' })
    t.equal(clock.format(now), '12:59', noonZone(now))
  }
})
