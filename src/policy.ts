// Every number that decides how the system behaves over time, and every limit that would stop a load test, in one object. Tests and
// harnesses relax them here and nowhere else, and a harness prints what it relaxed.

import type { RoutingPolicy } from './routing-policy.ts'
import type * as shop from './shop-policy.ts'

export type * from './routing-policy.ts'
export type * from './shop-policy.ts'

export interface Policy {
  readonly session: SessionPolicy
  readonly pace: PacePolicy
  readonly bot: shop.BotPolicy
  readonly strangers: shop.StrangerPolicy
  readonly orders: shop.OrderPolicy
  readonly lease: LeasePolicy
  readonly cluster: ClusterPolicy
  readonly planner: PlannerPolicy
  readonly database: DatabasePolicy
  readonly http: HttpPolicy
  readonly retention: shop.RetentionPolicy
  readonly settings: shop.SettingsPolicy
  readonly routing: RoutingPolicy
  readonly files: shop.FilePolicy
}

export interface SessionPolicy {
  /** How long one QR is shown before the next. */
  readonly qrTimeoutMs: number
  /** How long a pairing code can be typed on the phone. */
  readonly codeTimeoutMs: number
  readonly keepAliveMs: number
  /** From opening the socket to a login or a first QR. */
  readonly handshakeTimeoutMs: number
  readonly sendTimeoutMs: number
  readonly queryTimeoutMs: number
  /** How many sockets of one node may be in their handshake at once. */
  readonly handshakesAtOnce: number
  /** How many inbound messages of one node are worked on at once, of how many chats of one account, and while more than so many are stored. */
  readonly processingAtOnce: number
  readonly chatsAtOnce: number
  readonly storingAtOnce: number
  readonly processingBeside: number
  /** How many of them are looked at, or written, in one statement. */
  readonly writesTogether: number
  /** The delay between attempts once the quick ones are used up. */
  readonly slowRetryMs: number
  /** The longest delay between two quick attempts. */
  readonly longestDelayMs: number
  /** On a conflict (440) that nobody else owns: the pause before the one retry, and the window in which a second one suspends. */
  readonly conflictRetryMs: number
  readonly conflictWindowMs: number
  /** How long a command waits for its answer. */
  readonly askTimeoutMs: number
  /** How many commands of one session may wait at once. */
  readonly mailbox: number
  /** An actor that crashes is started again after this, doubling up to the longest. */
  readonly restartDelayMs: number
  readonly longestRestartDelayMs: number
}

export interface PacePolicy {
  /** The least gap between two messages of one account, and what is added to it at random. */
  readonly gapMs: number
  readonly jitterMs: number
  /** Delays before a send that failed is tried again; the last one repeats. */
  readonly retryMs: readonly number[]
  readonly attempts: number
  /** How many rows are looked at in one go. */
  readonly batch: number
  /** How many messages of one account may be on their way to the wire at once, each of another chat: one that hangs stops no other. */
  readonly atOnce: number
  /** How often the outbox is looked at when nobody rings. */
  readonly pollMs: number
  /** How long nothing goes to customers who never wrote, after WhatsApp refused such a message (error 463). */
  readonly coldHoldMs: number
}

export interface LeasePolicy {
  readonly ttlMs: number
  readonly renewMs: number
  /** The node stops acting this long before its lease may be taken from it. */
  readonly marginMs: number
  /** How much further ahead than ours the clock of the database may go from one renewal to the next; more is a jump. Less than the margin. */
  readonly jumpMs: number
  /** How often a node looks whether the lease of another has run out. */
  readonly buryMs: number
  /** How often an idle node looks whether its lease has run out; every frame looks for itself. */
  readonly guardMs: number
  /** How long one statement for the lease may take, on connections of its own. */
  readonly controlTimeoutMs: number
  readonly controlPool: number
}

export interface ClusterPolicy {
  /** How often a node looks for sessions without an owner when nobody rings. */
  readonly reconcileMs: number
  /** How many of them it looks at in one round. */
  readonly orphansAtOnce: number
  /** How far back a node looks for sessions that became its own without its doing. */
  readonly arrivalWindowMs: number
  /** How long a node that stops may take to hand its sessions over, how many at once, and how long each waits for what is being sent. */
  readonly drainMs: number
  readonly drainAtOnce: number
  readonly inFlightMs: number
}

export interface PlannerPolicy {
  /** How long Redis is waited for before the rows of the database answer instead. */
  readonly answerMs: number
  /** A node of which Redis heard nothing for this long is planned for no more. */
  readonly livesMs: number
  /** A connection to Redis on which an answer is owed for this long is opened again. */
  readonly silentMs: number
  /** The delay between attempts to connect to Redis. */
  readonly reconnectMs: number
  /** How many homes are published in one go after Redis has lost them. */
  readonly batch: number
  /** Without Redis: how long the rows of the nodes may be remembered. */
  readonly membersMs: number
}

export interface DatabasePolicy {
  /** A statement that takes longer is ended; the connection to WhatsApp that waits for it is then cut. */
  readonly statementTimeoutMs: number
}

export interface HttpPolicy {
  readonly loginPerMinute: number
  readonly signupPerHour: number
  readonly sendPerMinute: number
  readonly requestsPerMinute: number
  readonly qrStreamsPerUser: number
  readonly pingMs: number
  /** How long fetching a file from WhatsApp may take. */
  readonly mediaTimeoutMs: number
}

export const DEFAULT_POLICY: Policy = {
  session: {
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
  },
  pace: {
    gapMs: 1_000,
    jitterMs: 500,
    retryMs: [1_000, 5_000, 15_000, 60_000],
    attempts: 20,
    batch: 20,
    atOnce: 4,
    pollMs: 2_000,
    coldHoldMs: 86_400_000,
  },
  bot: {
    oldAfterMs: 900_000,
    catchUpEveryMs: 900_000,
    promptMs: 1_800_000,
    sameOrderMs: 120_000,
    reviewMs: 604_800_000,
    staysOut: true,
    kindEveryMs: 600_000,
    editWithinMs: 1_200_000,
    awayEveryMs: 43_200_000,
    guard: {
      sameTextTimes: 3,
      sameTextWithinMs: 120_000,
      repliesPerMinute: 6,
      repliesPerTenMinutes: 20,
      echoWithinMs: 2_000,
      echoes: 4,
      pauseMs: 3_600_000,
      misunderstoodMs: 600_000,
    },
  },
  strangers: {
    helpEveryMs: 86_400_000,
    intentMs: 900_000,
    perHour: 20,
    perHourOfAll: 200,
    oldAfterMs: 900_000,
  },
  orders: {
    noticeMergeMs: 30_000,
    noticeLifeMs: 86_400_000,
    draftMs: 1_800_000,
    staleMs: 86_400_000,
    freeDiscountBp: 1_000,
  },
  lease: {
    ttlMs: 8_000,
    renewMs: 1_500,
    marginMs: 2_000,
    jumpMs: 500,
    buryMs: 500,
    guardMs: 50,
    controlTimeoutMs: 1_000,
    controlPool: 2,
  },
  cluster: {
    reconcileMs: 500,
    orphansAtOnce: 200,
    arrivalWindowMs: 10_000,
    drainMs: 20_000,
    drainAtOnce: 8,
    inFlightMs: 2_000,
  },
  planner: { answerMs: 50, livesMs: 8_000, silentMs: 5_000, reconnectMs: 500, batch: 500, membersMs: 2_000 },
  database: { statementTimeoutMs: 15_000 },
  http: {
    loginPerMinute: 10,
    signupPerHour: 20,
    sendPerMinute: 30,
    requestsPerMinute: 300,
    qrStreamsPerUser: 5,
    pingMs: 15_000,
    mediaTimeoutMs: 20_000,
  },
  settings: { refreshMs: 3_000 },
  retention: {
    outboxDays: 30,
    batch: 500,
    batches: 40,
    purgeMs: 600_000,
    nodeDays: 7,
    strangerDays: 1,
    lostSalesDays: 365,
  },
  routing: {
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
  },
  files: {
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
  },
}

/** Some of the numbers, for a test or a harness. */
export type PolicyOverride = { readonly [Part in keyof Policy]?: Partial<Policy[Part]> }

/** The default policy with some numbers replaced. */
export function makePolicy(override: PolicyOverride = {}): Policy {
  const part = <K extends keyof Policy>(name: K): Policy[K] => ({ ...DEFAULT_POLICY[name], ...override[name] })
  return {
    session: part('session'),
    pace: part('pace'),
    bot: part('bot'),
    strangers: part('strangers'),
    orders: part('orders'),
    lease: part('lease'),
    cluster: part('cluster'),
    planner: part('planner'),
    database: part('database'),
    http: part('http'),
    retention: part('retention'),
    settings: part('settings'),
    routing: part('routing'),
    files: part('files'),
  }
}
