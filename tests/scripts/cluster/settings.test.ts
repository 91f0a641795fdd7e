import t from 'tap'
import { readSettings } from '../../../scripts/cluster/settings.ts'

const read = (...args: string[]) => readSettings(args, false)

t.test('without a word it is three nodes, with a Redis when there is one', async (t) => {
  t.same(read(), { nodes: 3, demo: false, redis: 'maybe', installRedis: false, port: 5000, dataDir: '.data/cluster' })
})

t.test('everything can be said', async (t) => {
  t.match(read('--nodes', '5', '--demo', '--no-redis', '--port', '7000', '--data-dir', 'there'), {
    nodes: 5,
    demo: true,
    redis: 'none',
    port: 7000,
    dataDir: 'there',
  })
  t.match(read('--redis', '--install-redis'), { redis: 'must', installRedis: true })
  t.match(readSettings([], true), { installRedis: true }, 'CI installs what it needs')
  t.equal(read('--help'), null)
})

t.test('what makes no sense is said in a sentence', async (t) => {
  t.throws(() => read('--nodes', '0'), /--nodes must be a whole number from 1 to 20/)
  t.throws(() => read('--port', 'http'), /--port must be a whole number/)
  t.throws(() => read('--redis', '--no-redis'), /not both/)
  t.throws(() => read('--node', '3'), /node/)
})
