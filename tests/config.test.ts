import { readFileSync } from 'node:fs'
import t from 'tap'
import { configurationPage } from '../scripts/configuration-page.ts'
import { notSettings, readConfig, SETTINGS, withoutComment } from '../src/config.ts'
import { DEFAULT_POLICY } from '../src/policy.ts'

const ROOT = 'ab'.repeat(32)

t.test('a name that is no setting is known for one', async (t) => {
  t.same(notSettings(['PORT', 'PROT', 'METRICS_TOKEN', 'port']), ['PROT', 'port'])
})

t.test('without any variable the defaults hold', async (t) => {
  const config = readConfig({})
  t.match(config, {
    port: 5000,
    env: 'development',
    dataDir: './.data',
    databaseUrl: null,
    jwtSecret: null,
    jwtExpiresInS: 86_400,
    maxReconnectAttempts: 5,
    reconnectIntervalMs: 5_000,
    cleanupIntervalMs: 300_000,
    staleTimeoutMs: 1_800_000,
    logLevel: 'info',
    allowedOrigins: ['http://localhost:3000', 'http://localhost:3001'],
    maxFileSize: 10 * 1024 * 1024,
    signupMode: 'open',
    redisUrl: null,
    nodeRole: 'all',
    clusterSecret: null,
    internalPort: 0,
    advertiseUrl: null,
    nodeCapacity: 500,
    connectsPerSecond: 10,
    clusterConnectsPerSecond: 50,
  })
  t.ok(Object.isFrozen(config))
})

t.test('every variable of the brief works under its name, with the comments people write behind values', async (t) => {
  const config = readConfig({
    DATABASE_URL: 'postgresql://username:password@localhost:5432/whatsapp_erp',
    JWT_EXPIRES_IN: '30m',
    PORT: '8080 # the proxy knows',
    NODE_ENV: 'production',
    MAX_RECONNECT_ATTEMPTS: '7',
    RECONNECT_INTERVAL: '250',
    SESSION_CLEANUP_INTERVAL: '300000  # 5 minutes',
    STALE_CONNECTION_TIMEOUT: '1800000 # 30 minutes',
    LOG_LEVEL: 'WARN',
    ALLOWED_ORIGINS: 'https://shop.example , http://localhost:3001/',
    MAX_FILE_SIZE: '2MB',
    ...{ JWT_SECRET: 'x'.repeat(32), AUTH_ENCRYPTION_KEY: 'k', SETUP_TOKEN: 'set-me-up' },
  })
  t.match(config, {
    databaseUrl: 'postgresql://username:password@localhost:5432/whatsapp_erp',
    jwtExpiresInS: 1_800,
    port: 8080,
    maxReconnectAttempts: 7,
    reconnectIntervalMs: 250,
    cleanupIntervalMs: 300_000,
    staleTimeoutMs: 1_800_000,
    logLevel: 'warn',
    allowedOrigins: ['https://shop.example', 'http://localhost:3001'],
    maxFileSize: 2 * 1024 * 1024,
    signupMode: 'approval',
  })
})

t.test('a hash without white space before it belongs to the value', async (t) => {
  t.equal(withoutComment('postgres://u:p#w@h/db'), 'postgres://u:p#w@h/db')
  t.equal(withoutComment('"a # b" # c'), 'a # b')
  t.equal(withoutComment('# only a comment'), '')
})

t.test('rubbish is refused with a sentence that names the variable', async (t) => {
  const bad: readonly (readonly [string, string])[] = [
    ['PORT', '99999'],
    ['PORT', '50x0'],
    ['DATABASE_URL', 'mysql://localhost/x'],
    ['DATABASE_URL', 'not a url'],
    ['JWT_SECRET', 'short'],
    ['JWT_EXPIRES_IN', 'soon'],
    ['NODE_ENV', 'staging'],
    ['MAX_RECONNECT_ATTEMPTS', '0'],
    ['RECONNECT_INTERVAL', '-5'],
    ['SESSION_CLEANUP_INTERVAL', '5 minutes'],
    ['STALE_CONNECTION_TIMEOUT', '1e99'],
    ['LOG_LEVEL', 'loud'],
    ['ALLOWED_ORIGINS', '*'],
    ['ALLOWED_ORIGINS', 'http://localhost:3000/app'],
    ['MAX_FILE_SIZE', 'big'],
    ['HOST', 'everywhere'],
    ['CURRENCY', 'DOLLARS'],
    ['TIMEZONE', 'Mars/Olympus'],
    ['LOCALE', '!!'],
    ['WHATSAPP_TRUST_ROOT', 'abc'],
    ['SIGNUP_MODE', 'sometimes'],
    ['SETUP_TOKEN', 'abc'],
    ['REDIS_URL', 'http://localhost:6379'],
    ['NODE_ROLE', 'boss'],
    ['NODE_ID', 'a b'],
    ['CLUSTER_SECRET', 'x'.repeat(31)],
    ['INTERNAL_PORT', '70000'],
    ['ADVERTISE_URL', 'http://10.0.0.7:5001/path'],
    ['ADVERTISE_URL', 'ws://10.0.0.7:5001'],
    ['NODE_CAPACITY', '0'],
    ['CONNECTS_PER_SECOND', '-1'],
    ['CLUSTER_CONNECTS_PER_SECOND', 'many'],
  ]
  for (const [variable, text] of bad)
    t.throws(
      () => readConfig({ [variable]: text }),
      { name: 'BadSetting', message: new RegExp(variable) },
      `${variable}=${text}`,
    )
})

t.test('secrets are not repeated in the sentence that refuses them', async (t) => {
  for (const [variable, text] of [
    ['JWT_SECRET', 'hunter2'],
    ['DATABASE_URL', 'mysql://me:hunter2@h/db'],
    ['SETUP_TOKEN', 'hunt'],
  ] as const)
    try {
      readConfig({ [variable]: text })
      t.fail(`${variable} was accepted`)
    } catch (error) {
      t.notMatch(String(error), text)
    }
})

t.test('the test server and its trust root go together', async (t) => {
  t.throws(() => readConfig({ WHATSAPP_SOCKET_URL: 'ws://127.0.0.1:1/' }), /go together/)
  t.throws(() => readConfig({ WHATSAPP_TRUST_ROOT: ROOT }), /go together/)
  t.equal(
    readConfig({ WHATSAPP_SOCKET_URL: 'ws://127.0.0.1:1/', WHATSAPP_TRUST_ROOT: ROOT }).whatsappTrustRoot?.length,
    32,
  )
})

t.test('production refuses the sample secret, short ones and missing ones', async (t) => {
  const full = {
    NODE_ENV: 'production',
    JWT_SECRET: 'x'.repeat(32),
    AUTH_ENCRYPTION_KEY: 'k',
    SETUP_TOKEN: 'set-me-up',
  }
  t.doesNotThrow(() => readConfig(full))
  t.throws(() => readConfig({ ...full, JWT_SECRET: 'your_super_secure_jwt_secret_key_here' }), /sample/)
  t.throws(() => readConfig({ ...full, JWT_SECRET: 'x'.repeat(31) }), /32 bytes/)
  for (const name of ['JWT_SECRET', 'AUTH_ENCRYPTION_KEY', 'SETUP_TOKEN'])
    t.throws(() => readConfig({ ...full, [name]: undefined }), new RegExp(name))
})

t.test('docs/configuration.md says what the table of settings says', async (t) => {
  const page = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8')
  t.equal(page, configurationPage(), 'write it again: node scripts/configuration-page.ts')
  for (const { variable, sentence, unit } of Object.values(SETTINGS)) {
    t.match(page, `\`${variable}\``)
    t.match(sentence, /\.$/, `${variable} is explained in a sentence`)
    t.ok(unit, `${variable} has a unit`)
  }
})

t.test('cluster.config.ts is the only reader of the environment', async (t) => {
  t.match(readFileSync(new URL('../cluster.config.ts', import.meta.url), 'utf8'), /process\.env/)
})

t.test('the default policy is what it was', async (t) => {
  t.matchOnlyStrict(DEFAULT_POLICY.session, {
    qrTimeoutMs: 60_000,
    codeTimeoutMs: 180_000,
    keepAliveMs: 25_000,
    handshakeTimeoutMs: 20_000,
    sendTimeoutMs: 30_000,
    queryTimeoutMs: 30_000,
    handshakesAtOnce: 8,
    processingAtOnce: 64,
    chatsAtOnce: 16,
    storingAtOnce: 3,
    processingBeside: 8,
    writesTogether: 64,
    slowRetryMs: 300_000,
    longestDelayMs: 60_000,
    conflictRetryMs: 10_000,
    conflictWindowMs: 60_000,
    askTimeoutMs: 10_000,
    mailbox: 200,
    restartDelayMs: 1_000,
    longestRestartDelayMs: 60_000,
  })
  t.matchOnlyStrict(DEFAULT_POLICY.settings, { refreshMs: 3_000 })
  t.matchOnlyStrict(DEFAULT_POLICY.orders, {
    noticeMergeMs: 30_000,
    noticeLifeMs: 86_400_000,
    draftMs: 1_800_000,
    staleMs: 86_400_000,
    freeDiscountBp: 1_000,
  })
  t.matchOnlyStrict(DEFAULT_POLICY.lease, {
    ttlMs: 8_000,
    renewMs: 1_500,
    marginMs: 2_000,
    jumpMs: 500,
    buryMs: 500,
    guardMs: 50,
    controlTimeoutMs: 1_000,
    controlPool: 2,
  })
  t.matchOnlyStrict(DEFAULT_POLICY.cluster, {
    reconcileMs: 500,
    orphansAtOnce: 200,
    arrivalWindowMs: 10_000,
    drainMs: 20_000,
    drainAtOnce: 8,
    inFlightMs: 2_000,
  })
  t.matchOnlyStrict(DEFAULT_POLICY.planner, {
    answerMs: 50,
    livesMs: 8_000,
    silentMs: 5_000,
    reconnectMs: 500,
    batch: 500,
    membersMs: 2_000,
  })
  t.matchOnlyStrict(DEFAULT_POLICY.files, {
    picturePixels: 50_000_000,
    pictureSide: 2_048,
    thumbSide: 320,
    pictureQuality: 85,
    picturesAtOnce: 2,
    pictureTimeoutS: 15,
    importRows: 50_000,
    importBatch: 1_000,
    importBreath: 200,
    importErrors: 1_000,
    exportBatch: 500,
  })
  t.matchOnlyStrict(DEFAULT_POLICY.routing, {
    routes: 50_000,
    askConnections: 32,
    streamConnections: 512,
    asksPerNode: 512,
    connectTimeoutMs: 1_000,
    keepAliveMs: 10_000,
    atOnce: 256,
    waiting: 1_024,
    retryAfterS: 1,
    floorMs: 20,
    clockSkewMs: 30_000,
    listTimeoutMs: 2_000,
    pingMs: 15_000,
    silentMs: 40_000,
    lookMs: 500,
    followMs: 50,
    longestFollowMs: 2_000,
    membersMs: 2_000,
  })
})
