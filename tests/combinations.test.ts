import t, { type Test } from 'tap'
import { badCombination } from '../src/combinations.ts'
import { BadSetting, readConfig } from '../src/config.ts'

const DATABASE = { DATABASE_URL: 'postgresql://me:pw@db.example:5432/erp' }
const SECRETS = { CLUSTER_SECRET: 'c'.repeat(32), JWT_SECRET: 'j'.repeat(32), AUTH_ENCRYPTION_KEY: 'a'.repeat(64) }
const NODE = { ...DATABASE, ...SECRETS }

const sentenceFor = (environment: Readonly<Record<string, string>>): string => {
  try {
    readConfig(environment)
  } catch (error) {
    return error instanceof BadSetting ? error.message : `not a BadSetting: ${error}`
  }
  return `accepted: ${JSON.stringify(environment)}`
}

const refused = (t: Test, environment: Readonly<Record<string, string>>, ...words: readonly RegExp[]) => {
  const message = sentenceFor(environment)
  for (const word of words) t.match(message, word)
  t.notMatch(message, /^accepted|^not a/)
  t.match(message, /(give|leave|make)/i, 'it says what to do')
}

t.test('a node alone needs none of the settings of a cluster', async (t) => {
  t.equal(badCombination(readConfig({})), null)
  t.equal(badCombination(readConfig(DATABASE)), null)
})

t.test('Redis, a role, an address or a port for others need a database they share', async (t) => {
  refused(t, { ...SECRETS, REDIS_URL: 'redis://localhost:6379' }, /REDIS_URL/, /DATABASE_URL/)
  refused(t, { ...SECRETS, NODE_ROLE: 'edge' }, /NODE_ROLE is edge/, /DATABASE_URL/)
  refused(t, { ...SECRETS, NODE_ROLE: 'worker' }, /NODE_ROLE is worker/, /DATABASE_URL/)
  refused(t, { ...SECRETS, ADVERTISE_URL: 'http://10.0.0.7:5001' }, /ADVERTISE_URL/, /DATABASE_URL/)
  refused(t, { ...SECRETS, INTERNAL_PORT: '5001' }, /INTERNAL_PORT/, /DATABASE_URL/)
})

t.test('they need the secrets that all nodes share, and with them they start', async (t) => {
  for (const given of [
    { REDIS_URL: 'redis://localhost:6379' },
    { NODE_ROLE: 'edge' },
    { NODE_ROLE: 'worker' },
    { INTERNAL_PORT: '5001' },
    { INTERNAL_PORT: '5001', ADVERTISE_URL: 'http://10.0.0.7:5001', HOST: '0.0.0.0' },
  ] as const) {
    t.doesNotThrow(() => readConfig({ ...NODE, ...given }), JSON.stringify(given))
    for (const missing of Object.keys(SECRETS)) refused(t, { ...NODE, ...given, [missing]: '' }, new RegExp(missing))
  }
})

t.test('an address for others that nobody could use is refused', async (t) => {
  const at = { ...NODE, INTERNAL_PORT: '5001' }
  refused(t, { ...NODE, ADVERTISE_URL: 'http://10.0.0.7:5001' }, /INTERNAL_PORT/)
  refused(t, { ...at, ADVERTISE_URL: 'http://127.0.0.1:5001', HOST: '0.0.0.0' }, /ADVERTISE_URL/, /HOST/)
  refused(t, { ...at, ADVERTISE_URL: 'http://[::1]:5001', HOST: '10.0.0.7' }, /ADVERTISE_URL/)
  refused(t, { ...at, ADVERTISE_URL: 'http://0.0.0.0:5001', HOST: '0.0.0.0' }, /nobody can be reached/)
  refused(t, { ...NODE, PORT: '5001', INTERNAL_PORT: '5001' }, /PORT and INTERNAL_PORT/)
  t.doesNotThrow(() => readConfig({ ...at, ADVERTISE_URL: 'http://127.0.0.1:5001' }), 'all nodes on one machine')
  t.doesNotThrow(() => readConfig({ ...NODE, PORT: '5001', INTERNAL_PORT: '5001', NODE_ROLE: 'worker' }))
})

t.test('no secret and no password is repeated in a refusal', async (t) => {
  for (const environment of [
    { REDIS_URL: 'http://:hunter2@h' },
    { ADVERTISE_URL: 'http://me:hunter2@h:1' },
    { CLUSTER_SECRET: 'hunter2' },
    { REDIS_URL: 'redis://:hunter2@h' },
  ])
    t.notMatch(sentenceFor(environment), 'hunter2')
})
