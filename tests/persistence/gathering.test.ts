import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { gathering } from '../../src/persistence/gathering.ts'
import { until } from '../support/until.ts'

interface Item {
  readonly name: string
  readonly fails?: boolean
}

/** Rounds that are over when they are told so. */
function rounds(atOnce: number, most: number) {
  const begun: { readonly names: string; readonly over: PromiseWithResolvers<void> }[] = []
  const add = gathering<Item>({
    atOnce,
    most,
    nameOf: ({ name }) => name,
    async run(items) {
      const over = Promise.withResolvers<void>()
      begun.push({ names: items.map(({ name }) => name).join(''), over })
      await over.promise
      return items.map(({ fails }) => ({ outcome: fails ? Promise.reject(new Error('its own')) : Promise.resolve() }))
    },
  })
  return {
    add: (name: string, fails = false) => add({ name, fails }),
    names: () => begun.map(({ names }) => names),
    over: (nth: number) => begun[nth]?.over.resolve(),
    fail: (nth: number) => begun[nth]?.over.reject(new Error('all of it')),
  }
}

const seen = async (names: () => readonly string[], wanted: readonly string[]) => {
  await until(`rounds ${wanted.join()}`, async () => names().join() === wanted.join())
}

t.test('what one turn brings is one round; what comes while all are under way is the next', async (t) => {
  const { add, names, over } = rounds(2, 10)
  const first = Promise.all([add('a'), add('b'), add('c')])
  t.same(names(), [], 'not before the turn is over')
  await seen(names, ['abc'])
  const second = add('d')
  await seen(names, ['abc', 'd'])
  const third = Promise.all([add('e'), add('f')])
  await setImmediate()
  await setImmediate()
  t.same(names(), ['abc', 'd'], 'two at once are enough')
  over(1)
  await second
  await seen(names, ['abc', 'd', 'ef'])
  over(0)
  over(2)
  await Promise.all([first, third])
})

t.test('a round has at most so many, and none of one name twice', async (t) => {
  const { add, names, over } = rounds(5, 3)
  const all = Promise.all(['a', 'b', 'a', 'c', 'd', 'a'].map((name) => add(name)))
  await seen(names, ['abc', 'ad', 'a'])
  for (const nth of [0, 1, 2]) over(nth)
  t.equal((await all).length, 6)
})

t.test('a round that fails is told to all of it, an item that fails to its own', async (t) => {
  const { add, names, over, fail } = rounds(1, 2)
  const all = Promise.allSettled([add('a'), add('b'), add('c'), add('d', true)])
  await seen(names, ['ab'])
  fail(0)
  await seen(names, ['ab', 'cd'])
  over(1)
  const told = (await all).map((each) => (each.status === 'fulfilled' ? 'done' : String(each.reason)))
  t.same(told, ['Error: all of it', 'Error: all of it', 'done', 'Error: its own'])
})
