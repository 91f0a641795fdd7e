import t from 'tap'
import { figure, median, perSecond, rounded, slope } from '../../bench/figures.ts'

t.test('the median is the middle one, or the mean of the two in the middle', async (t) => {
  t.equal(median([3, 1, 100]), 3)
  t.equal(median([4, 1, 2, 100]), 3)
  t.equal(median([7]), 7)
  t.throws(() => median([]))
})

t.test('the slope is what one more costs', async (t) => {
  t.equal(slope({ count: 100, total: 250 }, { count: 300, total: 300 }), 0.25)
  t.throws(() => slope({ count: 3, total: 1 }, { count: 3, total: 2 }))
})

t.test('a rate is so many in a second', async (t) => {
  t.equal(perSecond(500, 1_000, 1_250), 2_000)
  t.throws(() => perSecond(1, 5, 5))
})

t.test('three digits that say something are kept', async (t) => {
  t.equal(rounded(1_234.5), 1_230)
  t.equal(rounded(0.045678), 0.0457)
})

t.test(
  'a ratio is ours divided by bare, of the medians, and null where there is nothing to compare with',
  async (t) => {
    const base = { name: 'x', better: 'higher', unit: 'msg/s' } as const
    t.same(figure({ ...base, ours: [30, 10, 20], bare: [40, 80, 20] }), {
      ...base,
      ours: 20,
      bare: 40,
      ratio: 0.5,
    })
    t.same(figure({ ...base, ours: [1] }), { ...base, ours: 1, bare: null, ratio: null })
    t.match(figure({ ...base, ours: [3], bare: [6], bareNative: [2] }), { ratio: 0.5, bareNative: 2, ratioNative: 1.5 })
  },
)
