import { mock } from 'node:test'
import t from 'tap'
import { gaugesOf, type Watched } from '../src/gauges.ts'
import type { QueueFigures } from '../src/persistence/queue-figures.ts'

const FIGURES: QueueFigures = {
  inbox: { waiting: 2, oldestSeconds: 7 },
  outbox: { pending: 4, oldestSeconds: 9 },
  orphans: 6,
}

function watched(over: Partial<Watched> = {}): Watched {
  return {
    version: '1.2.3',
    role: 'worker',
    sessions: {
      counts: () => ({ owned: 3 }),
      states: () => ['open', 'open', 'reconnecting'],
      mailboxes: () => ({ waiting: 5, longest: 4 }),
    },
    leaseLeftMs: () => 5_500,
    plannerSource: () => 'rows',
    loopLagMs: () => 20,
    draining: () => false,
    queues: async () => FIGURES,
    monotonic: () => 0,
    ...over,
  }
}

async function seen(look: ReturnType<typeof gaugesOf>): Promise<Record<string, number>> {
  const found: Record<string, number> = {}
  await look((name, labels, value) => {
    found[[name, ...Object.values(labels)].join(' ')] = value
  })
  return found
}

t.test('a look shows sessions, lease, planner and what waits, in base units', async (t) => {
  t.match(await seen(gaugesOf(watched())), {
    'sessions open': 2,
    'sessions reconnecting': 1,
    'sessions pairing': 0,
    sessionsOwned: 3,
    mailboxWaiting: 5,
    mailboxLongest: 4,
    leaseSlack: 5.5,
    'plannerSource redis': 0,
    'plannerSource rows': 1,
    loopLag: 0.02,
    'nodeInfo 1.2.3 worker': 1,
    databaseUp: 1,
    orphans: 6,
    inboxWaiting: 2,
    inboxAge: 7,
    outboxPending: 4,
    outboxAge: 9,
  })
})

t.test('the database is asked once in five seconds, however many look', async (t) => {
  let asked = 0
  let now = 0
  const queues = async () => {
    asked += 1
    return FIGURES
  }
  const look = gaugesOf(watched({ queues, monotonic: () => now }))
  await Promise.all([seen(look), seen(look)])
  now = 4_999
  await seen(look)
  t.equal(asked, 1)
  now = 5_000
  await seen(look)
  t.equal(asked, 2)
})

t.test('a database that is away is said, and nothing is made up for it', async (t) => {
  const figures = await seen(gaugesOf(watched({ queues: () => Promise.reject(new Error('away')) })))
  t.equal(figures['databaseUp'], 0)
  t.notOk('inboxWaiting' in figures)
  t.equal(figures['leaseSlack'], 5.5)
})

t.test('a database that does not answer holds up no look for longer than two seconds', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const look = seen(gaugesOf(watched({ queues: () => new Promise(() => undefined) })))
  mock.timers.tick(2_000)
  t.match(await look, { databaseUp: 0, leaseSlack: 5.5 })
})
