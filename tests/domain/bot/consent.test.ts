import t from 'tap'
import { mayAnswer, stepOf } from '../../../src/domain/bot/consent.ts'
import { interpret } from '../../../src/domain/bot/interpret.ts'
import { makeCatalogueNames } from '../../../src/domain/bot/names.ts'

const names = makeCatalogueNames()
const step = (text: string, pending: 'open' | 'expired' | 'none', helped = false) =>
  stepOf(interpret(text, { names, prompt: pending === 'open' ? { type: 'confirm' } : null }), pending, helped).step

t.test('only a YES to an open question makes a customer', async (t) => {
  t.equal(step('yes', 'open'), 'place')
  t.equal(step('yes', 'expired'), 'expired')
  t.equal(step('yes', 'none'), 'help')
  for (const text of ['ok then maybe', 'catalog', 'order Blue Mug:1', 'status', 'start', '1', '3'])
    t.not(step(text, 'open'), 'place', text)
})

t.test('NO forgets, STOP is always heard, and a new order takes the place of the one before', async (t) => {
  t.equal(step('no', 'open'), 'forget')
  t.equal(step('no', 'none', true), 'silence')
  for (const pending of ['open', 'expired', 'none'] as const) t.equal(step('STOP', pending, true), 'stop')
  t.equal(step('order blue mug:1', 'open'), 'order')
})

t.test('who is not understood is helped once', async (t) => {
  t.equal(step('my plumbus', 'none'), 'help')
  t.equal(step('my plumbus', 'open'), 'help')
  t.equal(step('my plumbus', 'none', true), 'silence')
  t.equal(step('help', 'none', true), 'answer', 'who asks is answered')
})

t.test('a person is not promised to somebody whom no person sees', async (t) => {
  t.same(stepOf({ intent: 'agent' }, 'none', false), { step: 'answer', to: { intent: 'contact' } })
})

t.test('answers end at the limit of one stranger, and of all together, and come back after an hour', async (t) => {
  const limits = { perHour: 2, perHourOfAll: 5 }
  const since = new Date('2026-03-01T12:00:00Z')
  const soon = new Date('2026-03-01T12:59:59Z')
  const later = new Date('2026-03-01T13:00:00Z')
  t.ok(mayAnswer(null, null, soon, limits))
  t.ok(mayAnswer({ since, count: 1 }, { since, count: 4 }, soon, limits))
  t.notOk(mayAnswer({ since, count: 2 }, null, soon, limits))
  t.notOk(mayAnswer(null, { since, count: 5 }, soon, limits))
  t.ok(mayAnswer({ since, count: 2 }, { since, count: 5 }, later, limits))
})
