// Which settings cannot stand together, each said in a sentence with a way out. What one setting alone may be is config.ts and setting.ts.

import { isIP } from 'node:net'
import type { Config } from './config.ts'

const SAMPLE_JWT_SECRET = 'your_super_secure_jwt_secret_key_here'
const MAKE_ONE = 'Make one: openssl rand -hex 32'

/** @returns the first sentence that stops the start; null when everything goes together */
export function badCombination(config: Config): string | null {
  for (const rule of [testServer, sharedDatabase, sharedSecrets, addresses, production]) {
    const sentence = rule(config)
    if (sentence !== null) return sentence
  }
  return null
}

function testServer(config: Config): string | null {
  if ((config.whatsappSocketUrl === null) !== (config.whatsappTrustRoot === null))
    return 'WHATSAPP_SOCKET_URL and WHATSAPP_TRUST_ROOT go together: give both (for tests) or neither.'
  if (config.whatsappMediaCa !== null && config.whatsappSocketUrl === null)
    return 'WHATSAPP_MEDIA_CA is for tests: give WHATSAPP_SOCKET_URL and WHATSAPP_TRUST_ROOT too, or leave it out.'
  return null
}

/** The settings given that make sense only where there are several nodes, first to last; with a word on how they are given. */
function signsOfOthers(config: Config): readonly string[] {
  return [
    config.redisUrl === null ? null : 'REDIS_URL is given',
    config.nodeRole === 'all' ? null : `NODE_ROLE is ${config.nodeRole}`,
    config.advertiseUrl === null ? null : 'ADVERTISE_URL is given',
    config.internalPort === 0 ? null : 'INTERNAL_PORT is given',
  ].filter((sign) => sign !== null)
}

function sharedDatabase(config: Config): string | null {
  const [sign] = signsOfOthers(config)
  if (sign === undefined || config.databaseUrl !== null) return null
  return `${sign}, and that is for nodes that share a database, which the bundled one cannot be: give DATABASE_URL, the same on every node, or leave it out.`
}

function sharedSecrets(config: Config): string | null {
  const [sign] = signsOfOthers(config)
  if (sign === undefined) return null
  if (config.clusterSecret === null)
    return `${sign}, and nodes know each other by CLUSTER_SECRET: give one, the same on every node. ${MAKE_ONE}`
  for (const [name, value] of [
    ['JWT_SECRET', config.jwtSecret],
    ['AUTH_ENCRYPTION_KEY', config.authEncryptionKey],
  ] as const)
    if (value === null)
      return `${sign}, and without ${name} each node would make its own, which the others do not accept: give one, the same on every node. ${MAKE_ONE}`
  return null
}

function addresses(config: Config): string | null {
  const { advertiseUrl, host, internalPort, nodeRole, port } = config
  if (internalPort !== 0 && internalPort === port && nodeRole !== 'worker')
    return `PORT and INTERNAL_PORT are both ${port}: what other nodes use has a port of its own. Give INTERNAL_PORT another number.`
  if (advertiseUrl === null) return null
  if (internalPort === 0)
    return 'ADVERTISE_URL names a port and INTERNAL_PORT takes any free one: give INTERNAL_PORT, or leave ADVERTISE_URL out.'
  const advertised = new URL(advertiseUrl).hostname.replace(/^\[|\]$/g, '')
  if (advertised === '0.0.0.0' || advertised === '::')
    return `ADVERTISE_URL is ${advertiseUrl}, where nobody can be reached: give the address by which other nodes find this machine, or leave it out.`
  if (isLoopback(advertised) && !isLoopback(host))
    return `ADVERTISE_URL is ${advertiseUrl}, where another machine finds only itself, while HOST is ${host}: give an address that other nodes can reach, or leave ADVERTISE_URL out.`
  return null
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

function production(config: Config): string | null {
  if (config.env !== 'production') return null
  if (config.jwtSecret === SAMPLE_JWT_SECRET)
    return `JWT_SECRET is the sample from the documentation. Give a secret of your own: openssl rand -hex 32`
  if (config.jwtSecret !== null && Buffer.byteLength(config.jwtSecret) < 32)
    return `JWT_SECRET is shorter than 32 bytes, which production does not accept. ${MAKE_ONE}`
  for (const [name, value] of [
    ['JWT_SECRET', config.jwtSecret],
    ['AUTH_ENCRYPTION_KEY', config.authEncryptionKey],
  ] as const)
    if (value === null) return `${name} must be given in production. ${MAKE_ONE}`
  if (config.setupToken === null)
    return 'SETUP_TOKEN must be given in production, so that only you can make the first admin.'
  return null
}
