import t from 'tap'
import { chosen, MEASUREMENTS } from '../../bench/plan.ts'

t.test('one figure is chosen by its name, with or without the number of accounts', async (t) => {
  t.equal(chosen(undefined), MEASUREMENTS)
  t.same(chosen('reconnect 300')[0]?.names, ['memory a session', 'reconnect 300'])
  t.same(chosen('reconnect')[0]?.names, ['reconnect'])
  t.equal(chosen('inbound stored on 20 accounts').length, 1)
  t.throws(() => chosen('speed of light'), /There are: warm start/)
})
