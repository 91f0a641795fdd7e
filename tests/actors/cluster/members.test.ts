import t from 'tap'
import { makeMembers } from '../../../src/actors/cluster/members.ts'
import type { Member } from '../../../src/actors/cluster/store.ts'

const member = (incarnation: string) => ({ incarnation }) as Member

t.test('a beat is believed for a while, then the store is asked, once for all who wait', async (t) => {
  let clock = 0
  let asked = 0
  let living = ['a']
  const store = {
    members: async () => {
      asked += 1
      return living.map(member)
    },
  }
  const members = makeMembers(store, 1_000, () => clock)
  members.update([member('b')])
  t.same([...(await members.all()).keys()], ['b'])
  t.equal(asked, 0)
  clock = 1_000
  const both = await Promise.all([members.all(), members.all()])
  t.same(
    both.map((known) => [...known.keys()]),
    [['a'], ['a']],
  )
  t.equal(asked, 1)

  living = ['a', 'new']
  t.equal(await members.find('new'), null, 'asked a moment ago')
  clock += 250
  t.match(await members.find('new'), { incarnation: 'new' }, 'a node that has just begun is found')
  t.match(await members.find('a'), { incarnation: 'a' })
  t.equal(asked, 2)
})
