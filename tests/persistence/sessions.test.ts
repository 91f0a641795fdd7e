import t from 'tap'
import { FencedError } from '../../src/persistence/leases.ts'
import { desire, findSession, forgetAccount, noteError, saveIdentity } from '../../src/persistence/sessions.ts'
import { makeShop, NOON } from '../support/bot-shop.ts'
import { takenOver } from '../support/rows.ts'

const account = { phone: '+15550109999', lid: '77', pushName: 'Erin', connectedAt: NOON }

t.test('what is wanted of a session is remembered with its reason', async (t) => {
  const shop = await makeShop(t)
  const omar = (await shop.account('omar@example.com')).session
  await desire(shop.db, omar, 'suspended', 'banned')
  t.match(await findSession(shop.db, omar), { desired: 'suspended', reason: 'banned' })
  await desire(shop.db, omar, 'connected')
  t.match(await findSession(shop.db, omar), { desired: 'connected', reason: null })
})

t.test('who the account is, is saved, noted and forgotten', async (t) => {
  const shop = await makeShop(t)
  const erin = await shop.account('erin@example.com')
  await noteError(shop.db, erin, 'lost', NOON)
  t.match(await findSession(shop.db, erin.session), { lastErrorCode: 'lost', lastErrorAt: NOON })
  await saveIdentity(shop.db, erin, account)
  t.match(await findSession(shop.db, erin.session), { ...account, lastErrorCode: null, lastSeenAt: NOON })
  await forgetAccount(shop.db, erin)
  t.match(await findSession(shop.db, erin.session), { phone: null, lid: null, pushName: null, desired: 'connected' })
})

t.test('who lost the session changes nothing', async (t) => {
  const shop = await makeShop(t)
  const erin = await shop.account('erin@example.com')
  await takenOver(shop.db, erin)
  await t.rejects(saveIdentity(shop.db, erin, account), FencedError)
  await t.rejects(noteError(shop.db, erin, 'lost', NOON), FencedError)
  await t.rejects(forgetAccount(shop.db, erin), FencedError)
  t.match(await findSession(shop.db, erin.session), { phone: null, lastErrorCode: null, lastSeenAt: null })
})

t.test('what several sessions note at once changes each of them alone, and of those taken over nothing', async (t) => {
  const shop = await makeShop(t)
  const names = ['erin', 'omar', 'lena', 'yusuf']
  const fences = await Promise.all(names.map((name) => shop.account(`${name}@example.com`)))
  const [erin, omar, lena, yusuf] = fences
  if (!erin || !omar || !lena || !yusuf) throw new Error('four accounts')
  await saveIdentity(shop.db, omar, { ...account, phone: '+15550108888', lid: '88', pushName: 'Omar' })
  await takenOver(shop.db, lena)
  const noted = await Promise.allSettled([
    saveIdentity(shop.db, erin, account),
    saveIdentity(shop.db, omar, { ...account, phone: '+15550107777', lid: null, pushName: null }),
    saveIdentity(shop.db, lena, account),
    noteError(shop.db, yusuf, 'lost', NOON),
  ])
  t.same(
    noted.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  )
  t.match(await findSession(shop.db, erin.session), { ...account, lastErrorCode: null })
  t.match(await findSession(shop.db, omar.session), { phone: '+15550107777', lid: '88', pushName: 'Omar' })
  t.match(await findSession(shop.db, lena.session), { phone: null, connectedAt: null })
  t.match(await findSession(shop.db, yusuf.session), { phone: null, lastErrorCode: 'lost', lastErrorAt: NOON })
  await noteError(shop.db, yusuf, null, NOON)
  t.match(await findSession(shop.db, yusuf.session), { lastErrorCode: null, lastErrorAt: null })
})
