import t from 'tap'
import { serverEnvironment } from '../../../scripts/demo/settings.ts'
import { readConfig, SETTINGS } from '../../../src/config.ts'

const simulator = { url: 'ws://127.0.0.1:5100/ws/chat', trustRoot: 'ab'.repeat(32) }

t.test('the server of the demo takes no setting of the operator, whatever a .env says', async (t) => {
  const operator = { DATABASE_URL: 'postgres://shop@db/shop', NODE_ENV: 'production', SIGNUP_MODE: 'closed', PORT: '1' }
  const given = serverEnvironment({ dataDir: '/somewhere', simulator, port: 0 })
  const config = readConfig({ ...operator, ...given })
  const { dataDir, port, whatsappSocketUrl, organizationName, organizationContact, whatsappTrustRoot, ...rest } = config
  t.match([dataDir, port, whatsappSocketUrl, organizationName], ['/somewhere', 0, simulator.url, 'Corner Shop'])
  t.match(readConfig({}), rest, 'all others are as they come out of the box')
  t.ok(organizationContact && whatsappTrustRoot)
  for (const { variable } of Object.values(SETTINGS)) t.ok(given[variable], `${variable} wins over a .env`)
})
