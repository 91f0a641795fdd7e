import t from 'tap'
import { bounded } from '../../../src/actors/whatsapp/bounded.ts'

t.test('the least recently used entry goes first', async (t) => {
  const map = bounded<number>(2)
  map.set('a', 1)
  map.set('b', 2)
  t.equal(map.get('a'), 1)
  map.set('c', 3)
  t.equal(map.get('b'), undefined)
  t.equal(map.get('a'), 1)
  t.equal(map.get('c'), 3)
})

t.test('an entry lives no longer than its time, and setting it again starts anew', async (t) => {
  let now = 0
  const map = bounded<number>(10, 100, () => now)
  map.set('a', 1)
  now = 99
  t.equal(map.get('a'), 1)
  map.set('b', 2)
  now = 100
  t.equal(map.get('a'), undefined)
  t.equal(map.get('b'), 2)
  map.set('b', 3)
  now = 199
  t.equal(map.get('b'), 3)
})

t.test('null is a value, and what was deleted is gone', async (t) => {
  const map = bounded<number | null>(10)
  map.set('a', null)
  t.equal(map.get('a'), null)
  map.delete('a')
  t.equal(map.get('a'), undefined)
  map.set('b', 1)
  map.clear()
  t.equal(map.get('b'), undefined)
})
