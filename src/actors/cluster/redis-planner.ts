// Planning with Redis: the scripts in lua/ and two connections, one to ask and one to listen. Nothing in Redis is needed for safety and all of
// it may vanish at any time; every call has a deadline and throws when Redis does not answer. Who answers then is planner-with-fallback.ts.

import { z } from 'zod'
import { takesSessions } from '../../domain/cluster/placement.ts'
import { sortableVersion } from '../../domain/cluster/version.ts'
import { asId, isUuid, type SessionId } from '../../domain/ids.ts'
import type { Logger } from '../../log.ts'
import type { PlannerPolicy } from '../../policy.ts'
import type { Budget } from './budget.ts'
import type { Bell, Home, Planner, PlannerEvents } from './planner.ts'
import { firstTry, openRedis } from './redis-connection.ts'
import { CHANNELS, KEYS, loadScripts, type RunScript } from './redis-scripts.ts'
import { type Member, NODE_ROLES } from './store.ts'
import { within } from './within.ts'

export interface RedisPlannerDeps {
  /** redis:// or rediss://, with the password and the number of the database if there are any. */
  readonly url: string
  /** Of this process start: its bells are listened to, and it leaves the list at the end. */
  readonly incarnation: string
  /** This node's own. */
  readonly budget: Budget
  /** Of all nodes together; 0 is no limit. */
  readonly clusterConnectsPerSecond: number
  readonly policy: PlannerPolicy
  readonly log: Logger
}

export interface RedisPlanner extends Planner {
  /** True until Redis has known this node for one whole beat: before, the others may not have said yet that they live. */
  fresh(): boolean
}

const memberShape = z.object({
  incarnation: z.string(),
  id: z.string(),
  url: z.string().nullable(),
  version: z.string(),
  role: z.enum(NODE_ROLES),
  capacity: z.number(),
  startedAt: z.coerce.date(),
  draining: z.boolean(),
  sessions: z.number(),
  loopLagMs: z.number(),
  rssMb: z.number(),
  leaseSlackMs: z.number(),
})
const beatShape = z.tuple([z.number(), z.array(z.string())])
const homeShape = z.tuple([z.string(), z.string().regex(/^\d+$/)]).nullable()
const HOME = /^(\d+)\|([^|]*)\|([01])$/

export function redisPlanner(deps: RedisPlannerDeps): RedisPlanner {
  const { incarnation: me, budget, clusterConnectsPerSecond, policy, log } = deps
  const open = () => openRedis({ url: deps.url, name: 'whatsapp-erp planner', policy, log })
  const [redis, ears] = [open(), open()]
  const listeners = new Set<PlannerEvents>()
  const tried = firstTry(redis)
  let fresh = true
  /** Redis may not know all our homes: it forgot this node, or a publication was lost. */
  let homesMissing = true

  ears.on('ready', () => {
    ears.subscribe(CHANNELS.bell(me), CHANNELS.moved).catch(() => {}) // the next 'ready' tries again
  })
  ears.on('message', (channel: string, text: string) => hear(channel, text))

  const script = loadScripts(redis)
  const run: RunScript = (name, args) => within(policy.answerMs, 'Redis', script(name, args))

  const hear = (channel: string, text: string) => {
    const [first = '', second = '', third = ''] = text.split(' ')
    if (channel === CHANNELS.moved) {
      if (!isUuid(first) || !/^\d+$/.test(second) || !isUuid(third)) return
      const home: Home = { incarnation: third, epoch: BigInt(second) }
      for (const { moved } of listeners) moved(asId<SessionId>(first), home)
    } else if ((first === 'own' || first === 'outbox') && isUuid(second))
      for (const { bell } of listeners) bell({ type: first, session: asId<SessionId>(second) })
  }

  const publishAll = async (homes: Iterable<readonly [SessionId, bigint]>) => {
    for (const batch of batches(homes, policy.batch))
      await run('publish', [me, '', ...batch.flatMap(([session, epoch]) => [session, `${epoch}`])])
  }

  return {
    fresh: () => fresh,
    async beat(self, homes) {
      // The first beat of a start comes before there is a connection; without this wait the plan would begin one beat later, with a warning.
      await tried
      ears.ping().catch(() => {}) // a connection that only listens would not notice that it is dead
      const version = Buffer.from(sortableVersion(self.version)).toString('hex') // hex: Lua compares by its host's locale
      const taker = takesSessions(self) ? `${Math.max(1, Math.round(self.capacity))}` : ''
      const args = [self.incarnation, `${policy.livesMs}`, JSON.stringify(self), taker, `${self.sessions}`, version]
      const [known, texts] = beatShape.parse(await run('beat', args))
      fresh = known === 0
      if (fresh || homesMissing) {
        homesMissing = false
        await publishAll(homes()).catch((error: unknown) => {
          homesMissing = true
          throw error
        })
      }
      return texts.flatMap(memberOf).sort((a, b) => (a.incarnation < b.incarnation ? -1 : 1))
    },
    async place(session, not) {
      const found = homeShape.parse(await run('place', [session, not ?? '']))
      return found === null ? null : { incarnation: found[0], epoch: BigInt(found[1]) }
    },
    async home(session) {
      const text = await within(policy.answerMs, 'Redis', redis.hget(KEYS.home, session))
      const [, epoch = '0', incarnation = '', planned] = HOME.exec(text ?? '') ?? []
      if (incarnation === '') return null
      return { incarnation, epoch: planned === '1' ? 0n : BigInt(epoch) }
    },
    async publish(session, home) {
      try {
        await run('publish', [home.incarnation, CHANNELS.moved, session, `${home.epoch}`])
      } catch (error) {
        homesMissing = true
        throw error
      }
    },
    async forget(session, epoch) {
      await run('forget', [session, `${epoch}`])
    },
    async gone(incarnation) {
      // Said at a start, of the node before this one: lost, it would hold that node's sessions back for as long as Redis thinks it lives.
      await tried
      await run('gone', [incarnation])
    },
    async take(count) {
      const own = budget.take(count)
      if (own === 0 || clusterConnectsPerSecond <= 0) return own
      let given = 0
      try {
        given = z.number().parse(await run('take', [`${own}`, `${clusterConnectsPerSecond}`]))
        return given
      } finally {
        budget.putBack(own - given)
      }
    },
    async ring(incarnation, bell) {
      await within(policy.answerMs, 'Redis', redis.publish(CHANNELS.bell(incarnation), textOf(bell)))
    },
    listen(events) {
      listeners.add(events)
      return () => void listeners.delete(events)
    },
    async close() {
      await run('gone', [me]).catch(() => {}) // it expires by itself
      redis.disconnect()
      ears.disconnect()
    },
  }
}

/** A node of another version may say what we cannot read: then it is left out. */
function memberOf(text: string): Member[] {
  try {
    return [memberShape.parse(JSON.parse(text))]
  } catch {
    return []
  }
}

function textOf(bell: Bell): string {
  return `${bell.type} ${bell.session}`
}

function* batches<T>(items: Iterable<T>, size: number): Generator<readonly T[]> {
  let batch: T[] = []
  for (const item of items) {
    batch.push(item)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
