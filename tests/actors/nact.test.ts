import t from 'tap'
import { type ActorRef, ask, type Behaviour, startActors, stopTree, superviseOne } from '../../src/actors/nact.ts'

type Count = { kind: 'add'; by: number } | { kind: 'read'; reply: (sum: number) => void } | { kind: 'crash' }

function counter(more: Partial<Behaviour<Count, number>> = {}): Behaviour<Count, number> {
  return {
    name: 'counter',
    start: () => 0,
    handle(sum, message) {
      if (message.kind === 'crash') throw new Error('on purpose')
      if (message.kind === 'read') message.reply(sum)
      return message.kind === 'add' ? sum + message.by : sum
    },
    ...more,
  }
}

t.test('messages are handled one after the other, in order', async (t) => {
  const system = startActors()
  t.teardown(() => system.stop())
  const ref = system.spawn(counter())
  for (let i = 1; i <= 100; i++) ref.tell({ kind: 'add', by: i })
  t.same(await ask<Count, number>(ref, (reply) => ({ kind: 'read', reply }), 1000), { kind: 'answered', value: 5050 })
  t.equal(ref.waiting(), 0)
})

t.test('an ask that nobody answers ends at its deadline', async (t) => {
  const system = startActors()
  t.teardown(() => system.stop())
  const ref = system.spawn<Count, null>({ name: 'deaf', start: () => null, handle: () => null })
  t.same(await ask<Count, number>(ref, (reply) => ({ kind: 'read', reply }), 20), { kind: 'timeout' })
})

t.test('a full mailbox says so instead of growing', async (t) => {
  const system = startActors()
  t.teardown(() => system.stop())
  const ref = system.spawn(counter({ mailbox: 3 }))
  t.same(
    [1, 2, 3, 4].map((by) => ref.tell({ kind: 'add', by })),
    ['told', 'told', 'told', 'full'],
  )
  t.same(await ask<Count, number>(ref, (reply) => ({ kind: 'read', reply }), 1000), { kind: 'full' })
})

t.test('a stopped actor says gone, to a waiting ask too, and never drops a message in silence', async (t) => {
  const system = startActors()
  t.teardown(() => system.stop())
  const ref = system.spawn(counter())
  const asked = ask<Count, number>(ref, (reply) => ({ kind: 'read', reply }), 60_000)
  await stopTree(ref)
  t.same(await asked, { kind: 'gone' })
  t.equal(ref.tell({ kind: 'add', by: 1 }), 'gone')
})

t.test('stopping waits for the clean-up of every actor below, leaves first', async (t) => {
  const system = startActors()
  const order: string[] = []
  const cleanUp = (name: string) => async () => {
    await new Promise((resolve) => setImmediate(resolve))
    order.push(name)
  }
  let grandchild: ActorRef<Count> | null = null
  const parent = system.spawn<Count, null>({
    name: 'parent',
    start(context) {
      context.spawn<Count, null>({
        name: 'child',
        start(inner) {
          grandchild = inner.spawn(counter({ name: 'grandchild', cleanUp: cleanUp('grandchild') }))
          return null
        },
        handle: () => null,
        cleanUp: cleanUp('child'),
      })
      return null
    },
    handle: () => null,
    cleanUp: cleanUp('parent'),
  })
  await system.stop()
  t.same(order, ['grandchild', 'child', 'parent'])
  t.same(await parent.stopped, { kind: 'stopped' })
  t.equal((grandchild as ActorRef<Count> | null)?.tell({ kind: 'add', by: 1 }), 'gone')
})

t.test('a crash ends the actor with its error, cleans up once and leaves its neighbours alone', async (t) => {
  const system = startActors()
  t.teardown(() => system.stop())
  let cleaned = 0
  const ref = system.spawn(counter({ cleanUp: () => void cleaned++ }))
  const neighbour = system.spawn(counter({ name: 'neighbour' }))
  ref.tell({ kind: 'crash' })
  ref.tell({ kind: 'add', by: 1 })
  const end = await ref.stopped
  t.equal(end.kind, 'crashed')
  await stopTree(ref)
  t.equal(cleaned, 1)
  t.same(await ask<Count, number>(neighbour, (reply) => ({ kind: 'read', reply }), 1000), {
    kind: 'answered',
    value: 0,
  })
})

t.test('a clean-up that fails is a crash of this actor, not of the process', async (t) => {
  const system = startActors()
  t.teardown(() => system.stop())
  const ref = system.spawn(counter({ cleanUp: () => Promise.reject(new Error('on purpose')) }))
  t.equal((await stopTree(ref)).kind, 'crashed')
})

t.test(
  'a crashed actor is started again under a new generation, never beside the old one, with growing delays',
  async (t) => {
    const system = startActors()
    let alive = 0
    let most = 0
    const delays: number[] = []
    const generations: number[] = []
    const third = Promise.withResolvers<void>()
    const kept = superviseOne<Count>(
      (generation) => {
        generations.push(generation)
        alive += 1
        most = Math.max(most, alive)
        if (generation === 3) third.resolve()
        const ref = system.spawn(
          counter({
            name: `kept-${generation}`,
            cleanUp: async () => {
              await new Promise((resolve) => setImmediate(resolve))
              alive -= 1
            },
          }),
        )
        if (generation < 3) ref.tell({ kind: 'crash' })
        return ref
      },
      { firstDelayMs: 1, longestDelayMs: 50, stableMs: 60_000 },
      (_error, delay) => delays.push(delay),
    )
    await third.promise
    t.same(generations, [1, 2, 3])
    t.same(delays, [1, 2])
    t.equal(most, 1)
    await kept.stop()
    t.equal(alive, 0)
    t.equal(kept.current(), null)
    await system.stop()
  },
)
