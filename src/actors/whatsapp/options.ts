// The settings of one Baileys socket, and why each differs from its default. Decides nothing at run time.

import { DEFAULT_CONNECTION_CONFIG, type UserFacingSocketConfig } from '@whiskeysockets/baileys'
import type { Logger } from 'pino'
import { ignored } from './address.ts'
import { type Bounded, bounded } from './bounded.ts'
import { masked } from './disconnected.ts'
import type { SocketPolicy } from './socket.ts'

type Options = Omit<UserFacingSocketConfig, 'auth' | 'makeSignalRepository' | 'getMessage'>
type CacheStore = NonNullable<UserFacingSocketConfig['msgRetryCounterCache']>
export type BaileysLogger = NonNullable<UserFacingSocketConfig['logger']>

/** Shown on the phone among the linked devices. */
const BROWSER: [string, string, string] = ['WhatsApp ERP', 'Chrome', '1.0.0']
const HOUR_MS = 3_600_000
/** WhatsApp tells when somebody's devices change; asking again replaces sessions and uses up their pre-keys. */
const DEVICES_MS = 24 * HOUR_MS
const DEVICES_CACHED = 300
const RETRIES_CACHED = 500
const CALLS_CACHED = 20
const RETRY_DELAY_MS = 250
const RETRIES = 5

export function socketOptions(policy: SocketPolicy, log: Logger, socketUrl: string | undefined): Options {
  return {
    // Pinned with the library: asking a server for the newest would let it decide what runs here.
    version: DEFAULT_CONNECTION_CONFIG.version,
    waWebSocketUrl: socketUrl ?? DEFAULT_CONNECTION_CONFIG.waWebSocketUrl,
    browser: BROWSER,
    logger: discreet(log),
    // None: the watchdog in baileys.ts stands for a handshake without an answer, the keep-alive for a connection that takes nothing more. With
    // one, Baileys captures two stacks and makes a timer and an error for every frame it sends.
    connectTimeoutMs: 0,
    keepAliveIntervalMs: policy.keepAliveMs,
    defaultQueryTimeoutMs: policy.queryTimeoutMs,
    qrTimeout: policy.qrTimeoutMs,
    // The owner's phone goes on ringing, and customers do not see them online around the clock.
    markOnlineOnConnect: false,
    // Privacy settings, block list and experiment flags of the owner are none of our business.
    fireInitQueries: false,
    syncFullHistory: false,
    shouldSyncHistoryMessage: () => false,
    shouldIgnoreJid: ignored,
    // What we send is in the outbox; messages reach us through the journal.
    emitOwnEvents: false,
    enableRecentMessageCache: false,
    enableAutoSessionRecreation: false,
    generateHighQualityLinkPreview: false,
    retryRequestDelayMs: RETRY_DELAY_MS,
    maxMsgRetryCount: RETRIES,
    // A commit that failed has already cut the connection: see safe-store.ts.
    transactionOpts: { maxCommitRetries: 1, delayBetweenTriesMs: 0 },
    msgRetryCounterCache: cacheStore(bounded(RETRIES_CACHED, HOUR_MS)),
    userDevicesCache: cacheStore(bounded(DEVICES_CACHED, DEVICES_MS)),
    callOfferCache: cacheStore(bounded(CALLS_CACHED, HOUR_MS)),
    placeholderResendCache: ALREADY_ASKED,
  }
}

/** Baileys would ask the owner's phone for a copy of what did not decrypt and hold all other messages for two seconds meanwhile. The sender
 *  is asked to send again, which is enough; saying "asked already" skips the rest. */
const ALREADY_ASKED: CacheStore = {
  get: <T>() => true as T,
  set: () => true,
  del: () => 0,
  flushAll: () => undefined,
}

function cacheStore(entries: Bounded<unknown>): CacheStore {
  return {
    get: <T>(key: string) => entries.get(key) as T | undefined,
    set: (key, value) => entries.set(key, value),
    del: (key) => entries.delete(key),
    flushAll: () => entries.clear(),
  }
}

/** Baileys logs whole stanzas, numbers and keys. Only the fixed text of its errors passes, and of the error's own message what is no number. */
function discreet(log: Logger): BaileysLogger {
  const nothing = () => undefined
  const logger: BaileysLogger = {
    level: 'silent',
    child: () => logger,
    trace: nothing,
    debug: nothing,
    info: nothing,
    warn: nothing,
    error(context: unknown, text?: string) {
      const { err, error } = (typeof context === 'object' && context !== null ? context : {}) as Record<string, unknown>
      const cause = err ?? error
      const why = cause instanceof Error ? masked(cause.message) : undefined
      log.debug({ what: masked(text ?? (typeof context === 'string' ? context : '')), why }, 'whatsapp library error')
    },
  }
  return logger
}
