import t from 'tap'
import { ACCOUNTS, PRODUCTS } from '../../../scripts/proof/cast.ts'
import { KINDS, planTrial } from '../../../scripts/proof/plan.ts'
import { interpret } from '../../../src/domain/bot/interpret.ts'
import { namesOf } from '../../../src/domain/bot/names.ts'
import { named } from '../../support/demo-names.ts'

t.test('a seed and a number decide a trial, and another seed another one', async (t) => {
  t.same(planTrial(7, 4), planTrial(7, 4))
  t.not(planTrial(7, 4).messages[0]?.id, planTrial(8, 4).messages[0]?.id)
})

t.test('the kinds take turns, and each trial kills the server at least once', async (t) => {
  for (let index = 0; index < 30; index += 1) {
    const { kind, kills } = planTrial(1, index)
    t.equal(kind, KINDS[index % 3])
    t.ok(kills.length > 0)
    t.equal(kind === 'outage', kills[0]?.kind === 'outage')
    t.not(kills[0]?.kind, 'boot', 'the first life has to be up before customers write')
  }
})

t.test('a burst is a thousand messages at a thousand a second', async (t) => {
  const { kind, messages, perSecond } = planTrial(1, 1)
  t.match({ kind, perSecond, count: messages.length }, { kind: 'burst', perSecond: 1_000, count: 1_000 })
})

t.test(
  'every message is one the bot always answers, has an id of its own and comes from a contact of the account',
  async (t) => {
    const { messages } = planTrial(3, 1)
    t.equal(new Set(messages.map(({ id }) => id)).size, messages.length)
    const names = namesOf(PRODUCTS.map(({ name }) => named(name, name)))
    for (const { text } of messages) t.not(interpret(text, { names, prompt: null }).intent, 'unknown', text)
    const strangers = messages.filter(({ from, to }) => {
      const account = ACCOUNTS.find(({ number }) => number === to)
      return account?.customers.includes(from) !== true
    })
    t.same(strangers, [])
  },
)
