import t from 'tap'
import { type HistoryEvent, judge, merge, tellOffence, timelineOf } from './history.ts'

const S = { session: 's1' } as const
let clock = 0
const by = (log: string) => {
  clock += 1
  return { log, at: clock }
}
const wa = () => by('whatsapp')
const broken = (history: readonly HistoryEvent[], quiet = true) =>
  judge(history, { quiet }).map(({ invariant, slice }) => [invariant, slice])

const GOOD: readonly HistoryEvent[] = [
  { ...wa(), ev: 'login', ...S, epoch: 1n },
  { ...wa(), ev: 'ordered', ...S, message: 'm1' },
  { ...by('a'), ev: 'journaled', ...S, message: 'm1' },
  { ...by('audit'), ev: 'write', ...S, epoch: 1n, serial: 1n },
  { ...wa(), ev: 'receipt', ...S, message: 'm1' },
  { ...wa(), ev: 'login', ...S, epoch: 5n },
  { ...by('b'), ev: 'order', ...S, message: 'm1', order: 'o1' },
  { ...by('audit'), ev: 'write', ...S, epoch: 5n, serial: 2n },
  { ...by('api'), ev: 'asked', key: 'k1' },
  { ...by('api'), ev: 'accepted', key: 'k1', row: 'r1' },
  { ...by('b'), ev: 'sent', ...S, row: 'r1', waMessageId: 'W1', epoch: 5n },
  { ...wa(), ev: 'arrived', ...S, chat: 'c', row: 'r1', waMessageId: 'W1', seq: 1n },
]

t.test('a move between nodes with everything in its place is no offence', async (t) => {
  t.same(broken(GOOD), [])
})

t.test('I1: an older epoch is heard after a newer one, and the two frames show it', async (t) => {
  const old: HistoryEvent = { ...wa(), ev: 'frame', ...S, epoch: 1n }
  t.same(broken([...GOOD, old]), [['I1', [GOOD[5], old]]])
})

t.test('I2: writes are judged by their serial numbers, not by when they were noted', async (t) => {
  const [late, early]: readonly HistoryEvent[] = [
    { log: 'audit', at: 1_000, ev: 'write', ...S, epoch: 7n, serial: 4n },
    { log: 'audit', at: 1_001, ev: 'write', ...S, epoch: 5n, serial: 3n },
  ]
  if (late === undefined || early === undefined) throw new Error('two events')
  t.same(broken([...GOOD, late, early]), [])
  const stale: HistoryEvent = { log: 'audit', at: 1_002, ev: 'write', ...S, epoch: 5n, serial: 5n }
  t.same(broken([...GOOD, late, early, stale]), [['I2', [late, stale]]])
})

t.test('I4: an order that is gone, and a receipt for what was not journaled', async (t) => {
  const ordered: HistoryEvent = { ...wa(), ev: 'ordered', ...S, message: 'm2' }
  t.same(broken([...GOOD, ordered]), [['I4', [ordered]]])
  t.same(broken([...GOOD, ordered], false), [], 'it may still come')
  const receipt: HistoryEvent = { ...wa(), ev: 'receipt', ...S, message: 'm3' }
  t.same(broken([...GOOD, receipt]), [['I4', [receipt]]])
})

t.test('I5: two orders for one message; the same order told twice is one', async (t) => {
  const same: HistoryEvent = { ...by('a'), ev: 'order', ...S, message: 'm1', order: 'o1' }
  const other: HistoryEvent = { ...by('a'), ev: 'order', ...S, message: 'm1', order: 'o2' }
  const elsewhere: HistoryEvent = { ...by('a'), ev: 'order', session: 's2', message: 'm1', order: 'o3' }
  t.same(broken([...GOOD, same, elsewhere]), [])
  t.same(broken([...GOOD, other]), [['I5', [GOOD[6], other]]])
})

t.test('I6: shown twice, in the wrong order, never, or stored twice for one key', async (t) => {
  const arrived = (row: string, seq: bigint): HistoryEvent => ({
    ...wa(),
    ev: 'arrived',
    ...S,
    chat: 'c',
    row,
    waMessageId: `W${row}`,
    seq,
  })
  const twice = arrived('r1', 1n)
  t.same(broken([...GOOD, twice]), [['I6', [GOOD[11], twice]]])
  const [third, second] = [arrived('r3', 3n), arrived('r2', 2n)]
  t.same(broken([...GOOD, third, second]), [['I6', [third, second]]])
  const accepted: HistoryEvent = { ...by('api'), ev: 'accepted', key: 'k4', row: 'r4' }
  t.same(broken([...GOOD, accepted]), [['I6', [accepted]]])
  t.same(broken([...GOOD, { ...by('api'), ev: 'asked', key: 'k5' }]), [], 'nobody promised anything')
  const again: HistoryEvent = { ...by('api'), ev: 'accepted', key: 'k1', row: 'r9' }
  t.same(broken([...GOOD, again], false), [['I6', [GOOD[9], again]]])
})

t.test('I7: one row under two ids, or by an older epoch', async (t) => {
  const other: HistoryEvent = { ...by('b'), ev: 'sent', ...S, row: 'r1', waMessageId: 'W2', epoch: 5n }
  t.same(broken([...GOOD, other]), [['I7', [GOOD[10], other]]])
  const older: HistoryEvent = { ...by('a'), ev: 'sent', ...S, row: 'r1', waMessageId: 'W1', epoch: 1n }
  t.same(broken([...GOOD, older]), [['I7', [GOOD[10], older]]])
  const same: HistoryEvent = { ...by('c'), ev: 'sent', ...S, row: 'r1', waMessageId: 'W1', epoch: 8n }
  t.same(broken([...GOOD, same]), [], 'sent again under its id')
})

t.test('lines of several writers become one history; half a line of a killed writer is left out', async (t) => {
  const history = merge(
    new Map([
      [
        'b',
        '{"ev":"login","at":5,"session":"s1","epoch":"12345678901234567890"}\n{"ev":"frame","at":3,"session":"s1","epo',
      ],
      ['a', '{"ev":"asked","at":2,"key":"k"}\n{"ev":"ordered","at":9,"session":"s1","message":"m"}\n'],
    ]),
  )
  t.same(history, [
    { log: 'a', at: 2, ev: 'asked', key: 'k' },
    { log: 'b', at: 5, ev: 'login', session: 's1', epoch: 12345678901234567890n },
    { log: 'a', at: 9, ev: 'ordered', session: 's1', message: 'm' },
  ])
  t.same(
    timelineOf(history, 's1').map(({ ev }) => ev),
    ['login', 'ordered'],
  )
  t.throws(() => merge(new Map([['a', '{"at":1}\n']])), /not an event/)
})

t.test('an offence is told with its events', async (t) => {
  const [offence] = judge(
    [
      { log: 'wa', at: 1, ev: 'login', session: 's1', epoch: 2n },
      { log: 'wa', at: 4, ev: 'frame', session: 's1', epoch: 1n },
    ],
    { quiet: true },
  )
  if (offence === undefined) throw new Error('no offence')
  t.equal(
    tellOffence(offence),
    'I1 broke: s1: epoch 1 is heard after 2\n  1 wa: login session s1 epoch 2\n  4 wa: frame session s1 epoch 1',
  )
})
