import t from 'tap'
import { FencedError } from '../../src/persistence/leases.ts'
import {
  desire,
  findSession,
  forgetAccount,
  listSessions,
  noteError,
  saveIdentity,
  sessionsDesired,
  touchSeen,
} from '../../src/persistence/sessions.ts'
import { makeShop, NOON } from '../support/bot-shop.ts'
import { takenOver } from '../support/rows.ts'

const account = { phone: '+15550109999', lid: '77', pushName: 'Erin', connectedAt: NOON }

t.test('what is wanted of a session is remembered with its reason', async (t) => {
  const shop = await makeShop(t)
  const erin = (await shop.account('erin@example.com')).session
  const omar = (await shop.account('omar@example.com')).session
  await desire(shop.db, omar, 'suspended', 'banned')
  t.match(await findSession(shop.db, omar), { desired: 'suspended', reason: 'banned' })
  t.same(await sessionsDesired(shop.db, 'connected'), [erin])
  await desire(shop.db, omar, 'connected')
  t.match(await findSession(shop.db, omar), { desired: 'connected', reason: null })
  t.same(
    (await listSessions(shop.db, { kind: 'users', ids: [omar] })).map((row) => row.userId),
    [omar],
  )
  t.equal((await listSessions(shop.db, { kind: 'all' })).length, 2)
})

t.test('who the account is, is saved, noted, seen and forgotten', async (t) => {
  const shop = await makeShop(t)
  const erin = await shop.account('erin@example.com')
  await noteError(shop.db, erin, 'lost', NOON)
  t.match(await findSession(shop.db, erin.session), { lastErrorCode: 'lost', lastErrorAt: NOON })
  await saveIdentity(shop.db, erin, account)
  const later = new Date(NOON.getTime() + 1_000)
  await touchSeen(shop.db, erin, later)
  t.match(await findSession(shop.db, erin.session), { ...account, lastErrorCode: null, lastSeenAt: later })
  await forgetAccount(shop.db, erin)
  t.match(await findSession(shop.db, erin.session), { phone: null, lid: null, pushName: null, desired: 'connected' })
})

t.test('who lost the session changes nothing', async (t) => {
  const shop = await makeShop(t)
  const erin = await shop.account('erin@example.com')
  await takenOver(shop.db, erin)
  await t.rejects(saveIdentity(shop.db, erin, account), FencedError)
  await t.rejects(noteError(shop.db, erin, 'lost', NOON), FencedError)
  await t.rejects(touchSeen(shop.db, erin, NOON), FencedError)
  await t.rejects(forgetAccount(shop.db, erin), FencedError)
  t.match(await findSession(shop.db, erin.session), { phone: null, lastErrorCode: null, lastSeenAt: null })
})
