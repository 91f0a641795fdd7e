// Redis while it answers, the rows of the database while it does not. One call that fails is enough to stop asking; the beat goes on trying,
// and brings Redis back once it has known this node for one whole beat. Nobody has to notice: both planners keep the same promises.

import type { Logger } from '../../log.ts'
import type { Planner } from './planner.ts'
import type { RedisPlanner } from './redis-planner.ts'

export interface FallbackDeps {
  readonly redis: RedisPlanner
  readonly rows: Planner
  readonly log: Logger
}

export interface PlannerWithFallback extends Planner {
  /** Who plans at the moment. */
  source(): 'redis' | 'rows'
}

export function plannerWithFallback({ redis, rows, log }: FallbackDeps): PlannerWithFallback {
  /** `joining`: it answers, but has not known us for a whole beat. */
  let state: 'joining' | 'answers' | 'silent' = 'joining'

  const failed = (error: unknown) => {
    if (state !== 'silent') log.warn({ err: error }, 'Redis does not answer: planning goes on from the database')
    state = 'silent'
  }
  const answered = () => {
    if (state === 'silent') log.info('Redis answers again')
    state = redis.fresh() ? 'joining' : 'answers'
  }
  const ask = async <T>(ofRedis: () => Promise<T>, ofRows: () => Promise<T>): Promise<T> => {
    if (state === 'answers')
      try {
        return await ofRedis()
      } catch (error) {
        failed(error)
      }
    return ofRows()
  }
  /** What Redis should hear in any case; nobody waits for it while it is silent. */
  const tell = async (work: () => Promise<void>): Promise<void> => {
    const told = work().catch(failed)
    if (state !== 'silent') await told
  }

  return {
    source: () => (state === 'answers' ? 'redis' : 'rows'),
    async beat(self, homes) {
      try {
        const members = await redis.beat(self, homes)
        answered()
        if (state === 'answers') return members
      } catch (error) {
        failed(error)
      }
      return rows.beat(self, homes)
    },
    place: (session, not) =>
      ask(
        () => redis.place(session, not),
        () => rows.place(session, not),
      ),
    home: (session) =>
      ask(
        () => redis.home(session),
        () => rows.home(session),
      ),
    publish: (session, home) => tell(() => redis.publish(session, home)),
    forget: (session, epoch) => tell(() => redis.forget(session, epoch)),
    async gone(incarnation) {
      await rows.gone(incarnation)
      await tell(() => redis.gone(incarnation))
    },
    take: (count) =>
      ask(
        () => redis.take(count),
        () => rows.take(count),
      ),
    ring: (incarnation, bell) => tell(() => redis.ring(incarnation, bell)),
    listen: (events) => redis.listen(events),
    async close() {
      await redis.close()
      await rows.close()
    },
  }
}
