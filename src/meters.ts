// What this node counts and measures, one row a metric: its name, its labels, what it says and what to do when it says something bad. And the
// small port by which every layer counts. How it is kept and shown is prometheus.ts. No label ever holds a number, a name, an id or a text of
// a person: all values come from lists of ours.

import { DISCONNECTS } from './domain/session/disconnect.ts'
import { SESSION_STATES } from './domain/session/state.ts'

/** Why a session may not act any more. */
export const FENCE_CAUSES = ['guard-in', 'guard-out', 'deadline', 'told-dead', 'write'] as const
export type FenceCause = (typeof FENCE_CAUSES)[number]

/** What made a node look for sessions that are nobody's. */
export const WAKES = ['poll', 'bell', 'start', 'death'] as const
export type Wake = (typeof WAKES)[number]

interface Row {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  /** Without the prefix; in base units. */
  readonly name: string
  /** Each label with its values, or with a word for values that cannot be listed. */
  readonly labels: Readonly<Record<string, readonly string[] | string>>
  readonly help: string
  /** What to alert on; null: nothing, it is there to be looked at. */
  readonly alert: string | null
  /** Upper bounds, of a histogram. */
  readonly buckets?: readonly number[]
}

const row = <const R extends Row>(given: R): R => given

/** Seconds: from a look into memory to a deadline that was missed. */
const ASK_S = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5, 10] as const
const HTTP_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] as const
const RENEW_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1] as const
/** Seconds: from a hand-over that nobody notices to one that somebody has to look into. */
const GAP_S = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120] as const
const CODES = [...Object.keys(DISCONNECTS), 'other']

export const METERS = {
  httpRequests: row({
    kind: 'counter',
    name: 'http_requests_total',
    labels: { method: 'the method', route: 'the pattern of the route', status: 'the status' },
    help: 'Requests that were answered, by the pattern of their route.',
    alert: '5xx above 1 % of all for five minutes.',
  }),
  httpDuration: row({
    kind: 'histogram',
    name: 'http_request_duration_seconds',
    labels: { method: 'the method', route: 'the pattern of the route' },
    help: 'How long answers took; streams count when they end.',
    alert: 'The 99th percentile above 1 s for five minutes, streams left out.',
    buckets: HTTP_S,
  }),
  asks: row({
    kind: 'counter',
    name: 'asks_total',
    labels: {
      where: ['local', 'remote', 'nowhere'],
      outcome: 'ok, the code of the refusal, or what became of the try',
    },
    help: 'Tries to ask a session, here or at another node; moved is a 421.',
    alert:
      'unreachable or unknown for more than five minutes: nodes cannot reach each other. mailbox-full, overloaded: add nodes.',
  }),
  askDuration: row({
    kind: 'histogram',
    name: 'ask_duration_seconds',
    labels: { where: ['local', 'remote'] },
    help: 'How long one try to ask a session took.',
    alert: 'remote: the 99th percentile above 0.25 s for five minutes.',
    buckets: ASK_S,
  }),
  internalRequests: row({
    kind: 'counter',
    name: 'internal_requests_total',
    labels: { route: 'the pattern of the route', status: 'the status' },
    help: 'Requests of other nodes that were answered; 421: asked at the wrong node.',
    alert:
      '401 at all: a node has another CLUSTER_SECRET or a wrong clock, or somebody knocks. 503 for five minutes: overloaded.',
  }),
  sessions: row({
    kind: 'gauge',
    name: 'sessions',
    labels: { state: SESSION_STATES },
    help: 'Sessions of this node by state.',
    alert: 'open falls by a fifth within five minutes.',
  }),
  sessionsOwned: row({
    kind: 'gauge',
    name: 'sessions_owned',
    labels: {},
    help: 'Sessions this node has a lease for, connected or not.',
    alert: null,
  }),
  mailboxWaiting: row({
    kind: 'gauge',
    name: 'mailbox_waiting',
    labels: {},
    help: 'Messages that wait in the mailboxes of all sessions of this node.',
    alert: 'It grows for five minutes.',
  }),
  mailboxLongest: row({
    kind: 'gauge',
    name: 'mailbox_longest',
    labels: {},
    help: 'Messages that wait in the fullest mailbox; at 200 a session refuses (mailbox-full).',
    alert: 'Above 100 for a minute.',
  }),
  leaseSlack: row({
    kind: 'gauge',
    name: 'lease_slack_seconds',
    labels: {},
    help: 'What is left of the lease of this node; at 0 it closes every connection.',
    alert: 'Below 3 at two scrapes: the database is slow, or this process is.',
  }),
  leaseRenew: row({
    kind: 'histogram',
    name: 'lease_renew_duration_seconds',
    labels: {},
    help: 'How long the renewal of the lease took, when it succeeded.',
    alert: 'The 99th percentile above 0.25 s.',
    buckets: RENEW_S,
  }),
  leaseRenewalsFailed: row({
    kind: 'counter',
    name: 'lease_renewals_failed_total',
    labels: {},
    help: 'Renewals of the lease that were not answered in time, or failed.',
    alert: 'More than two in a minute.',
  }),
  fences: row({
    kind: 'counter',
    name: 'fences_total',
    labels: { cause: FENCE_CAUSES },
    help: 'Connections that were cut because this node may not act for the session any more, by who noticed.',
    alert: 'Any increase that no deployment and no hand-off explains.',
  }),
  connectionsClosed: row({
    kind: 'counter',
    name: 'connections_closed_total',
    labels: { code: CODES },
    help: 'Connections to WhatsApp that ended, by their code (docs/errors.md).',
    alert:
      '401, 402, 403 or 406: accounts are lost. 903: the server is not WhatsApp. 905: the encryption key is wrong.',
  }),
  reconnects: row({
    kind: 'counter',
    name: 'reconnects_total',
    labels: { code: CODES },
    help: 'Connections to WhatsApp that are tried again, by the code the one before ended with.',
    alert: 'Above one a minute and open session for ten minutes.',
  }),
  inboundMessages: row({
    kind: 'counter',
    name: 'inbound_messages_total',
    labels: { outcome: ['stored', 'changed', 'stranger', 'ignored', 'duplicate', 'failed'] },
    help: 'Messages of customers that were worked on; failed: kept, and tried again later.',
    alert: 'failed: any increase.',
  }),
  outboundMessages: row({
    kind: 'counter',
    name: 'outbound_messages_total',
    labels: { outcome: ['on-the-wire', 'acknowledged', 'refused', 'retried', 'failed'] },
    help: 'What became of messages to customers: given to WhatsApp, acknowledged or refused by it, tried again, given up.',
    alert: 'refused or failed above 1 % of on-the-wire.',
  }),
  handOffs: row({
    kind: 'counter',
    name: 'handoffs_total',
    labels: { outcome: ['given', 'kept'] },
    help: 'Sessions that were to be given to another node.',
    alert: 'kept: any increase; they end with this node and come back elsewhere.',
  }),
  handOffGap: row({
    kind: 'histogram',
    name: 'handoff_gap_seconds',
    labels: {},
    help: 'How long a session that another node handed over took to be open here, from when it became ours.',
    alert: 'The 99th percentile above 5 s.',
    buckets: GAP_S,
  }),
  orphans: row({
    kind: 'gauge',
    name: 'orphans',
    labels: {},
    help: 'Sessions that should be connected and have no living owner, of the whole cluster: take the maximum over nodes.',
    alert:
      'Above 0 for a minute: no node takes sessions, or all are full of others that wait for permission to connect.',
  }),
  timeToOwner: row({
    kind: 'histogram',
    name: 'time_to_owner_seconds',
    labels: {},
    help: "From when this node first saw that a session is nobody's until it took it. Before that a dead node's lease has to run out.",
    alert: 'The 99th percentile above 30 s.',
    buckets: GAP_S,
  }),
  sessionsTaken: row({
    kind: 'counter',
    name: 'sessions_taken_total',
    labels: { by: WAKES },
    help: 'Sessions that this node took, by what made it look: the half-second poll, a bell of another node, its start, a node that died.',
    alert: 'poll much above bell while nodes are stopped in order: bells are lost (Redis).',
  }),
  plannerSource: row({
    kind: 'gauge',
    name: 'planner_source',
    labels: { source: ['redis', 'rows'] },
    help: '1 for who plans at the moment: Redis, or the rows of the database.',
    alert: 'rows for five minutes although REDIS_URL is set: Redis does not answer. Nothing is lost meanwhile.',
  }),
  limitsAlone: row({
    kind: 'counter',
    name: 'limits_alone_total',
    labels: {},
    help: 'Calls and logins whose limit this node counted alone, because Redis did not answer.',
    alert: 'Any increase for five minutes: with n nodes a client may do n times as much.',
  }),
  inboxWaiting: row({
    kind: 'gauge',
    name: 'inbox_waiting',
    labels: {},
    help: 'Messages of customers that wait to be worked on, of the whole cluster: take the maximum over nodes.',
    alert: null,
  }),
  inboxAge: row({
    kind: 'gauge',
    name: 'inbox_oldest_age_seconds',
    labels: {},
    help: 'How long the oldest of them has waited; 0 when none waits.',
    alert: 'Above 60 for five minutes.',
  }),
  outboxPending: row({
    kind: 'gauge',
    name: 'outbox_pending',
    labels: {},
    help: 'Messages to customers that have not left, of the whole cluster: take the maximum over nodes. Held ones count.',
    alert: null,
  }),
  outboxAge: row({
    kind: 'gauge',
    name: 'outbox_oldest_age_seconds',
    labels: {},
    help: 'How long the oldest of them that is not held has waited; 0 when none waits.',
    alert: 'Above 600: an account that sends is not connected.',
  }),
  databaseUp: row({
    kind: 'gauge',
    name: 'database_up',
    labels: {},
    help: '1 when the database answered the question for the figures of inbox and outbox in time.',
    alert: '0 for a minute.',
  }),
  loopLag: row({
    kind: 'gauge',
    name: 'event_loop_lag_seconds',
    labels: {},
    help: 'How far the event loop ran behind: the 99th percentile of the last second or more.',
    alert: 'Above 0.2 for five minutes.',
  }),
  draining: row({
    kind: 'gauge',
    name: 'draining',
    labels: {},
    help: '1 while this node gives its sessions away and stops.',
    alert: null,
  }),
  nodeInfo: row({
    kind: 'gauge',
    name: 'node_info',
    labels: { version: 'the version of the program', role: ['all', 'edge', 'worker'] },
    help: 'Always 1: version and role of this node.',
    alert: 'Two versions for longer than a deployment takes.',
  }),
} as const satisfies Readonly<Record<string, Row>>

type Table = typeof METERS
type Named<K extends Row['kind']> = {
  [N in keyof Table]: Table[N]['kind'] extends K ? N : never
}[keyof Table]
export type CounterName = Named<'counter'>
export type GaugeName = Named<'gauge'>
export type HistogramName = Named<'histogram'>
export type Labels<N extends keyof Table> = { readonly [L in keyof Table[N]['labels']]: string }

/** Counting, for every layer. Nothing of it throws, waits or costs more than a look into a map. */
export interface Meters {
  /** @param by 1 when left out */
  count<N extends CounterName>(name: N, labels: Labels<N>, by?: number): void
  /** @param value in the unit of the metric: seconds */
  observe<N extends HistogramName>(name: N, labels: Labels<N>, value: number): void
}

/** What a scrape reads. */
export interface Exposition {
  readonly contentType: string
  /** A gauge that cannot be read is left out. */
  read(): Promise<string>
}

export type SetGauge = <N extends GaugeName>(name: N, labels: Labels<N>, value: number) => void

/** Counts nothing: for tests and tools. */
export const NO_METERS: Meters = { count: () => undefined, observe: () => undefined }

/** The label of a code with which a connection ended. */
export function codeLabel(code: number): string {
  return Object.hasOwn(DISCONNECTS, code) ? String(code) : 'other'
}

/** The cause of a fence as it is counted; whatever a refused access was, it was a write of ours that the fence stopped. */
export function fenceCause(said: string): FenceCause {
  return FENCE_CAUSES.find((cause) => cause === said) ?? 'write'
}
