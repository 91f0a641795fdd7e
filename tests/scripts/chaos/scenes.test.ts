import t from 'tap'
import { askedForQr, drops, gaps, takeovers } from '../../../scripts/chaos/scenes.ts'
import type { LogEntry, LogKind } from '../../../simulator/log.ts'

const entry = (at: number, kind: LogKind, number?: string): LogEntry => ({
  seq: at,
  at,
  kind,
  ...(number === undefined ? {} : { number }),
})

t.test('a gap is the time from the end of a connection to the next login of the same account', async (t) => {
  const log = [
    entry(1, 'login', 'a'),
    entry(10, 'disconnected', 'a'),
    entry(12, 'disconnected', 'b'),
    entry(15, 'disconnected'),
    entry(20, 'login', 'b'),
    entry(40, 'login', 'a'),
    entry(41, 'login', 'a'),
  ]
  t.same(gaps(log), [8, 30])
  t.same(drops(log), ['a', 'b'], 'one that was never logged in is nobody’s')
  t.same(takeovers(log, ['a', 'b', 'c'], 11), [29, 9])
})

t.test('a pairing is noticed', async (t) => {
  t.notOk(askedForQr([entry(1, 'login', 'a')]))
  t.ok(askedForQr([entry(1, 'login', 'a'), entry(2, 'pairing-offered')]))
})
