import t from 'tap'
import { asId, type VariantId } from '../../../src/domain/ids.ts'
import { type AdjustmentInput, planAdjustments } from '../../../src/domain/stock/adjust.ts'

const A = asId<VariantId>('01890000-0000-7000-8000-00000000000a')
const B = asId<VariantId>('01890000-0000-7000-8000-00000000000b')
const input = (more: Partial<AdjustmentInput>): AdjustmentInput => ({ variantId: A, reason: 'why', path: '', ...more })

const pathsOf = (...inputs: readonly AdjustmentInput[]) => {
  const planned = planAdjustments(inputs)
  return planned.ok ? null : planned.refusal.errors?.map(({ path }) => path)
}

t.test('a receipt brings, a write-off takes, an adjustment does either, a count says what is there', async (t) => {
  for (const good of [
    { delta: 5 },
    { delta: -5 },
    { delta: 5, kind: 'receipt' },
    { delta: -5, kind: 'writeoff' },
    { countedOnHand: 0 },
    { countedOnHand: 7, kind: 'adjustment' },
  ] as const)
    t.equal(pathsOf(input(good)), null, JSON.stringify(good))
  for (const [bad, field] of [
    [{}, 'delta'],
    [{ delta: 0 }, 'delta'],
    [{ delta: 1.5 }, 'delta'],
    [{ delta: 1_000_001 }, 'delta'],
    [{ delta: -1_000_001 }, 'delta'],
    [{ delta: -1, kind: 'receipt' }, 'delta'],
    [{ delta: 1, kind: 'writeoff' }, 'delta'],
    [{ delta: 1, countedOnHand: 1 }, 'delta'],
    [{ countedOnHand: -1 }, 'countedOnHand'],
    [{ countedOnHand: 1_000_001 }, 'countedOnHand'],
    [{ countedOnHand: 1, kind: 'receipt' }, 'kind'],
  ] as const)
    t.same(pathsOf(input(bad)), [field], JSON.stringify(bad))
})

t.test('corrections come in the order of their variants, each variant once', async (t) => {
  const planned = planAdjustments([input({ variantId: B, delta: 1 }), input({ variantId: A, countedOnHand: 3 })])
  t.match(planned, {
    ok: true,
    value: [
      { variantId: A, kind: 'adjustment', delta: null, counted: 3 },
      { variantId: B, kind: 'adjustment', delta: 1, counted: null },
    ],
  })
  t.same(
    pathsOf(
      input({ delta: 1, path: 'items[0].' }),
      input({ delta: 0, variantId: B, path: 'items[1].' }),
      input({ delta: 2, path: 'items[2].' }),
    ),
    ['items[1].delta', 'items[2].variantId'],
    'every one at fault is named',
  )
})
