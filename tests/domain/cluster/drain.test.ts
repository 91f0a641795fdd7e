import t from 'tap'
import { drainOrder } from '../../../src/domain/cluster/drain.ts'
import { asId, type SessionId } from '../../../src/domain/ids.ts'

t.test('who has no connection leaves first, then the longest silent, the busiest last', async (t) => {
  const sessions = [
    { session: asId<SessionId>('busy'), idleMs: 0 },
    { session: asId<SessionId>('asleep'), idleMs: null },
    { session: asId<SessionId>('quiet'), idleMs: 60_000 },
    { session: asId<SessionId>('waiting'), idleMs: null },
  ]
  t.same(drainOrder(sessions), ['asleep', 'waiting', 'quiet', 'busy'])
})
