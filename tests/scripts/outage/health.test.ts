import t from 'tap'
import { judge, type Look } from '../../../scripts/outage/health.ts'

const look = (at: number, status: number | null, database: string | null): Look => ({
  askedAt: at - 10,
  at,
  status,
  database,
})
const well = (at: number) => look(at, 200, 'up')
const down = (at: number) => look(at, 503, 'down')

t.test('how long it took to say down, and to say well again', async (t) => {
  const looks = [well(900), well(1_100), down(1_400), down(2_000), down(3_050), well(3_200)]
  t.same(judge(looks, 1_000, 3_000), { downAfterMs: 400, upAfterMs: 200, wrong: 0, unanswered: 0 })
})

t.test(
  'an answer that says well while the database is away is wrong, and so is a 503 for another reason',
  async (t) => {
    t.equal(judge([down(1_400), well(2_000), down(2_500), well(3_200)], 1_000, 3_000).wrong, 1)
    t.equal(judge([down(1_400), look(2_000, 503, 'up'), well(3_200)], 1_000, 3_000).wrong, 1)
  },
)

t.test('never is told apart from late', async (t) => {
  t.equal(judge([well(1_400), well(3_200)], 1_000, 3_000).downAfterMs, null)
  t.equal(judge([well(1_400), down(3_100), well(3_200)], 1_000, 3_000).downAfterMs, null, 'only when it was over')
  t.equal(judge([down(1_400), down(9_000)], 1_000, 3_000).upAfterMs, null)
})

t.test('a question nobody answered is counted, whenever it was asked', async (t) => {
  const looks = [well(500), look(800, null, null), down(1_400), look(2_000, null, null), well(3_200)]
  t.match(judge(looks, 1_000, 3_000), { unanswered: 2, wrong: 0 })
})
