import t from 'tap'
import { returnedLines } from '../../../src/domain/order/restock.ts'

const SOLD = [
  { lineId: 'a', sold: 3 },
  { lineId: 'b', sold: 2 },
]

t.test('all goes back on the shelf, or what is named does', async (t) => {
  const back = (wanted: Parameters<typeof returnedLines>[1]) => {
    const lines = returnedLines(SOLD, wanted)
    return lines.ok ? lines.value.map(({ restocked }) => restocked) : lines.refusal.errors?.[0]?.path
  }
  t.same(back(null), [3, 2])
  t.same(back([]), [0, 0])
  t.same(back([{ lineId: 'b' }]), [0, 2])
  t.same(
    back([
      { lineId: 'a', quantity: 1 },
      { lineId: 'b', quantity: 0 },
    ]),
    [1, 0],
  )
  t.equal(back([{ lineId: 'a', quantity: 4 }]), 'restock[0].quantity')
  t.equal(back([{ lineId: 'b' }, { lineId: 'c' }]), 'restock[1].lineId')
  t.equal(back([{ lineId: 'b' }, { lineId: 'b' }]), 'restock[1].lineId')
})
