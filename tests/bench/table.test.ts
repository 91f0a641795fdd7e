import t from 'tap'
import { table } from '../../bench/table.ts'

t.test('the table has one line a figure, with a dash where there is nothing', async (t) => {
  const lines = table([
    { name: 'warm start', ours: 900, bare: null, ratio: null, better: 'lower', unit: 'ms', note: 'five times' },
    {
      name: 'reconnect',
      ours: 20,
      bare: 40,
      ratio: 0.5,
      better: 'lower',
      unit: 'ms',
      bareNative: 16,
      ratioNative: 1.25,
    },
  ]).split('\n')
  t.match(lines[0], /ours +bare +ratio +better +unit +native +ratio/)
  t.match(lines[1], /^warm start +900 +- +- +lower +ms +- +- +five times$/)
  t.match(lines[2], /^reconnect +20 +40 +0\.5 +lower +ms +16 +1\.25$/)
})
