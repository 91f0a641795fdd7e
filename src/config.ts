// What an operator may set: each setting with its variable, a sentence, a unit, a default and a parser. Reading the environment is
// the business of cluster.config.ts alone; this file turns the text it finds there into checked, frozen values.

import { z } from 'zod'
import { badCombination } from './combinations.ts'
import {
  anyText,
  BadSetting,
  base,
  bearerToken,
  bytes,
  currency,
  type Entry,
  hex32,
  host,
  integer,
  locale,
  nodeName,
  oneOf,
  optional,
  origins,
  proxies,
  seconds,
  secret,
  setting,
  setupToken,
  sharedSecret,
  timezone,
  url,
  withoutComment,
} from './setting.ts'

export { BadSetting, type Setting, withoutComment } from './setting.ts'

/** The whole table, in the order the documentation shows it. */
export const SETTINGS = {
  port: setting('PORT', 'port', '5000', 'The TCP port of the HTTP API.', integer(0, 65_535, 'a port')),
  host: setting(
    'HOST',
    'address',
    '127.0.0.1',
    'The address the HTTP API listens on; 0.0.0.0 for every interface.',
    host,
  ),
  env: setting(
    'NODE_ENV',
    'word',
    'development',
    'development, production or test; production wants secrets to be given and sign-ups to be approved.',
    oneOf('development', 'production', 'test'),
  ),
  dataDir: setting(
    'DATA_DIR',
    'path',
    './.data',
    'Where this node keeps its lock, the secrets it made and the bundled database.',
    anyText,
  ),
  databaseUrl: optional(
    'DATABASE_URL',
    'url',
    'The PostgreSQL database to use (15 or later); left out, the bundled PostgreSQL is started in DATA_DIR.',
    url('a URL such as postgresql://user:password@localhost:5432/whatsapp_erp', 'postgresql:', 'postgres:'),
  ),
  databasePool: setting(
    'DATABASE_POOL',
    'connections',
    '10',
    'How many database connections this node uses at most.',
    integer(2, 200, 'a number of connections'),
  ),
  jwtSecret: optional(
    'JWT_SECRET',
    'text',
    'The key that signs access tokens; left out, a random one is made and kept in DATA_DIR.',
    secret,
  ),
  jwtExpiresInS: setting('JWT_EXPIRES_IN', 'duration', '24h', 'How long an access token is valid.', seconds),
  authEncryptionKey: optional(
    'AUTH_ENCRYPTION_KEY',
    'hex or base64, 32 bytes',
    'The key that encrypts WhatsApp credentials, the journal and the outbox at rest; left out, a random one is made and kept in DATA_DIR.',
    anyText,
  ),
  setupToken: optional(
    'SETUP_TOKEN',
    'text',
    'When set, the sign-up of the first admin must carry it in the header X-Setup-Token.',
    setupToken,
  ),
  signupMode: optional(
    'SIGNUP_MODE',
    'word',
    'Who may sign up: open, approval or closed; left out it is open in development and approval in production.',
    oneOf('open', 'approval', 'closed'),
  ),
  allowedOrigins: setting(
    'ALLOWED_ORIGINS',
    'list of origins',
    'http://localhost:3000,http://localhost:3001',
    'The web origins whose pages may call the API.',
    origins,
  ),
  trustProxy: setting(
    'TRUST_PROXY',
    'off, number or addresses',
    'off',
    'Whether proxies stand before this node, so that limits count the client behind them: off, how many there are, or a list of their addresses. Set it only to what is true: otherwise anybody may say who they are.',
    proxies,
  ),
  maxFileSize: setting('MAX_FILE_SIZE', 'bytes', '10mb', 'The largest request body that is accepted.', bytes),
  logLevel: setting(
    'LOG_LEVEL',
    'word',
    'info',
    'How much is logged: fatal, error, warn, info, debug, trace or silent.',
    oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
  ),
  maxReconnectAttempts: setting(
    'MAX_RECONNECT_ATTEMPTS',
    'attempts',
    '5',
    'After how many quick attempts to reconnect the owner is told; the session then goes on trying every five minutes.',
    integer(1, 1000, 'a number of attempts'),
  ),
  reconnectIntervalMs: setting(
    'RECONNECT_INTERVAL',
    'ms',
    '5000',
    'The delay before the first attempt to reconnect; it doubles with each further one, with jitter.',
    integer(10, 3_600_000, 'milliseconds'),
  ),
  cleanupIntervalMs: setting(
    'SESSION_CLEANUP_INTERVAL',
    'ms',
    '300000',
    'How often the janitor looks for stale connections and purges what is past its time.',
    integer(50, 86_400_000, 'milliseconds'),
  ),
  staleTimeoutMs: setting(
    'STALE_CONNECTION_TIMEOUT',
    'ms',
    '1800000',
    'A connection on which no frame at all arrived for this long, keep-alive answers included, is closed and opened again.',
    integer(50, 86_400_000, 'milliseconds'),
  ),
  organizationName: setting(
    'ORGANIZATION_NAME',
    'text',
    'My shop',
    'The name customers read; used when the database is first set up.',
    anyText,
  ),
  organizationContact: setting(
    'ORGANIZATION_CONTACT',
    'text',
    '',
    'What the bot answers to `contact`, beside the name and the number; used when the database is first set up.',
    anyText,
  ),
  currency: setting(
    'CURRENCY',
    'ISO 4217',
    'USD',
    'The currency of all prices; used when the database is first set up.',
    currency,
  ),
  timezone: setting(
    'TIMEZONE',
    'IANA zone',
    'UTC',
    'The time zone in which days count; used when the database is first set up.',
    timezone,
  ),
  locale: setting(
    'LOCALE',
    'language tag',
    'en-US',
    'How numbers and money are written; used when the database is first set up.',
    locale,
  ),
  redisUrl: optional(
    'REDIS_URL',
    'url',
    'The Redis that plans where sessions live and counts limits for all nodes together, the same for all of them; left out, sessions are planned from the database, a little slower, and each node counts for itself.',
    url('a URL such as redis://localhost:6379/0', 'redis:', 'rediss:'),
  ),
  nodeRole: setting(
    'NODE_ROLE',
    'word',
    'all',
    'What this node does: edge answers HTTP, worker keeps sessions, all does both.',
    oneOf('all', 'edge', 'worker'),
  ),
  nodeId: optional(
    'NODE_ID',
    'text',
    'Your name for this node in logs and pages; left out, the name of the machine and the process id.',
    nodeName,
  ),
  clusterSecret: optional(
    'CLUSTER_SECRET',
    'text',
    'The key by which nodes know each other, at least 32 characters and the same on all; without it this node talks to no other.',
    sharedSecret,
  ),
  internalPort: setting(
    'INTERNAL_PORT',
    'port',
    '0',
    'The TCP port on which other nodes reach this one, at HOST; 0 takes any free port.',
    integer(0, 65_535, 'a port'),
  ),
  advertiseUrl: optional(
    'ADVERTISE_URL',
    'url',
    'Where other nodes reach INTERNAL_PORT; left out, http:// with the address of HOST (of this machine, when HOST is 0.0.0.0).',
    base,
  ),
  nodeCapacity: setting(
    'NODE_CAPACITY',
    'sessions',
    '500',
    'How many sessions this node should keep; nodes are filled in proportion to it.',
    integer(1, 100_000, 'a number of sessions'),
  ),
  connectsPerSecond: setting(
    'CONNECTS_PER_SECOND',
    'connections a second',
    '10',
    'How many sessions this node connects to WhatsApp a second at most; 0 for no limit.',
    integer(0, 10_000, 'connections a second'),
  ),
  clusterConnectsPerSecond: setting(
    'CLUSTER_CONNECTS_PER_SECOND',
    'connections a second',
    '50',
    'The same for all nodes together; 0 for no limit.',
    integer(0, 100_000, 'connections a second'),
  ),
  metricsToken: optional(
    'METRICS_TOKEN',
    'text',
    'The token with which GET /metrics may be read, at least 16 characters; without it only this machine itself may.',
    bearerToken,
  ),
  whatsappSocketUrl: optional(
    'WHATSAPP_SOCKET_URL',
    'url',
    'For tests: a server that speaks the WhatsApp protocol; goes together with WHATSAPP_TRUST_ROOT.',
    url('a URL such as ws://127.0.0.1:5100/ws/chat', 'ws:', 'wss:'),
  ),
  whatsappTrustRoot: optional(
    'WHATSAPP_TRUST_ROOT',
    'hex, 32 bytes',
    'For tests: the public key that signs the certificates of that server; goes together with WHATSAPP_SOCKET_URL.',
    hex32,
  ),
  whatsappMediaCa: optional(
    'WHATSAPP_MEDIA_CA',
    'path',
    'For tests: a PEM file with the certificate of that server’s media host, which is then trusted for files and nothing else is; needs WHATSAPP_SOCKET_URL.',
    anyText,
  ),
} as const

type Entries = typeof SETTINGS
type Values = { readonly [Name in keyof Entries]: Entries[Name] extends Entry<infer T> ? T : never }

/** The checked settings of one node, frozen. */
export interface Config extends Values {
  readonly signupMode: 'open' | 'approval' | 'closed'
}

const environmentShape = z.record(z.string(), z.union([z.string(), z.undefined()]))

/**
 * Reads every setting from a bag of variables.
 * @param environment names and texts; unknown names are ignored, empty texts count as left out
 * @throws BadSetting naming the first variable that cannot be used, or those that cannot be used together
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = environmentShape.parse(environment)
  const read = <T>(entry: Entry<T>): T => {
    const text = withoutComment(given[entry.variable] ?? '')
    if (text !== '') return entry.parse(text, entry.variable)
    return entry.default === null || entry.default === ''
      ? ((entry.default as T) ?? (null as T))
      : entry.parse(entry.default, entry.variable)
  }
  const values = Object.fromEntries(
    Object.entries(SETTINGS).map(([name, entry]) => [name, read(entry as Entry<unknown>)]),
  ) as Values
  const config = {
    ...values,
    signupMode: values.signupMode ?? (values.env === 'production' ? 'approval' : 'open'),
  } satisfies Config
  const clash = badCombination(config)
  if (clash !== null) throw new BadSetting(clash)
  return Object.freeze(config)
}

/** Of these names those that are no setting: a misspelt one would change nothing, and say nothing. */
export function notSettings(names: readonly string[]): readonly string[] {
  const known = new Set<string>(Object.values(SETTINGS).map(({ variable }) => variable))
  return names.filter((name) => !known.has(name))
}

/** What the operator's file hands to the node. */
export interface Cluster {
  readonly config: Config
}

/**
 * The one call of `cluster.config.ts`.
 * @param settings where the variables come from
 */
export function defineCluster(settings: {
  readonly environment: Readonly<Record<string, string | undefined>>
}): Cluster {
  return { config: readConfig(settings.environment) }
}
