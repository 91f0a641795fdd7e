import t from 'tap'
import { makeNonces } from '../../../src/actors/cluster/nonces.ts'

t.test('a nonce is fresh once, for at least its span', async (t) => {
  const nonces = makeNonces(1_000)
  t.ok(nonces.fresh('a', 0))
  t.notOk(nonces.fresh('a', 0))
  t.ok(nonces.fresh('b', 999))
  t.notOk(nonces.fresh('a', 1_000), 'the next generation remembers the one before')
  t.notOk(nonces.fresh('b', 1_998))
  t.ok(nonces.fresh('c', 2_000))
  t.notOk(nonces.fresh('c', 2_999))
})

t.test('without room nothing is believed, until the span is over', async (t) => {
  const nonces = makeNonces(1_000, 2)
  t.ok(nonces.fresh('a', 0))
  t.ok(nonces.fresh('b', 0))
  t.notOk(nonces.fresh('c', 0))
  t.ok(nonces.fresh('c', 1_000))
})
