import t, { type Test } from 'tap'
import { refreshOrganization } from '../../../src/persistence/organization.ts'
import { watchOrganization } from '../../../src/persistence/organization-watch.ts'
import { appOn, testApp } from '../../support/app.ts'
import { chat, order } from '../../support/shop.ts'
import { until } from '../../support/until.ts'

async function shop(t: Test) {
  const it = await testApp(t)
  const admin = await it.person('admin')
  const read = async () => it.call({ url: '/api/settings', as: admin.token })
  const change = (payload: object, headers = {}) =>
    it.call({ method: 'PATCH', url: '/api/settings', payload, headers, as: admin.token })
  return { ...it, admin, read, change }
}

t.test('a fresh shop has the defaults, and a change of one field leaves the others', async (t) => {
  const { read, change, organization, db, admin } = await shop(t)
  const first = await read()
  t.equal(first.headers['etag'], '"1"')
  t.match(first.body.settings, {
    name: 'Test shop',
    currency: 'USD',
    timezone: 'UTC',
    awayText: null,
    hours: null,
    open: true,
    nextOpening: null,
    employeesEditCatalog: true,
    bot: { enabled: true, pauseMinutes: 30, unknownSenderPolicy: 'consent', pendingExpiryHours: 48 },
    retention: { messages: 365, media: 90, orderPersonal: 730 },
  })
  const changed = await change({ name: 'Nour & Co.', bot: { pauseMinutes: 10 }, retention: { messages: 30 } })
  t.equal(changed.status, 200)
  t.equal(changed.headers['etag'], '"2"')
  t.match(changed.body.settings, {
    name: 'Nour & Co.',
    version: 2,
    bot: { enabled: true, pauseMinutes: 10 },
    retention: { messages: 30, media: 90 },
  })
  t.match((await read()).body.settings, changed.body.settings)
  t.equal(organization.name, 'Nour & Co.', 'the node that was asked knows at once')
  t.equal(organization.settings.bot.pauseMinutes, 10)
  const [written] = await db.rows<{ actor_id: string; before: object; after: object }>(
    `select actor_id, before, after from audit_log where action = 'settings.change'`,
  )
  t.match(written, { actor_id: admin.id, before: { name: 'Test shop' }, after: { name: 'Nour & Co.' } })
  t.notMatch(written?.after, { timezone: 'UTC' }, 'only what changed is written down')
  t.equal((await db.rows(`select from event_log where type = 'settings.updated'`)).length, 1)
  await change({ name: 'Nour & Co.' })
  t.equal((await read()).body.settings.version, 2, 'the same again is no change')
  t.match((await change({ awayText: 'Back at {time}!' })).body.settings, { awayText: 'Back at {time}!' })
  t.match((await change({ contactText: 'Call us' })).body.settings, { awayText: 'Back at {time}!' })
  t.equal(organization.awayText, 'Back at {time}!')
  t.match((await change({ awayText: null })).body.settings, { awayText: null, contactText: 'Call us' })
})

t.test('a change decided upon an older version is refused', async (t) => {
  const { change, read } = await shop(t)
  t.equal((await change({ name: 'One' }, { 'if-match': '"1"' })).status, 200)
  t.match((await change({ name: 'Two' }, { 'if-match': '"1"' })).body, { status: 412, code: 'stale-version' })
  t.equal((await read()).body.settings.name, 'One')
  t.match((await change({ name: 'Two' }, { 'if-match': 'two' })).body, { status: 400, code: 'invalid-parameter' })
  t.equal((await change({ name: 'Two' }, { 'if-match': '*' })).status, 200)
})

t.test('each field says what is wrong with it', async (t) => {
  const { change } = await shop(t)
  const day = [{ from: '09:00', to: '18:00' }]
  const week = { mon: day, tue: day, wed: day, thu: day, fri: day, sat: day, sun: [] }
  const cases: readonly [object, string][] = [
    [{ timezone: 'Mars/Olympus' }, 'timezone'],
    [{ timezone: '+02:00' }, 'timezone'],
    [{ currency: 'ZZZ' }, 'currency'],
    [{ locale: '!!' }, 'locale'],
    [{ name: '  ' }, 'name'],
    [{ hours: { mon: day } }, 'hours.tue'],
    [{ hours: { ...week, sun: [{ from: '18:00', to: '18:00' }] } }, 'hours.sun'],
    [{ bot: { pauseMinutes: 0 } }, 'bot.pauseMinutes'],
    [{ bot: { unknownSenderPolicy: 'maybe' } }, 'bot.unknownSenderPolicy'],
    [{ bot: { mood: 'good' } }, 'bot.mood'],
    [{ retention: { messages: 0 } }, 'retention.messages'],
    [{ retention: { receipts: 3 } }, 'retention.receipts'],
    [{ colour: 'blue' }, 'colour'],
  ]
  for (const [payload, path] of cases) {
    const { body } = await change(payload)
    t.match(body, { status: 422, code: 'validation-failed' }, JSON.stringify(payload))
    t.equal(body.errors[0].path, path)
  }
  t.match((await change({ hours: week, timezone: 'Europe/Berlin' })).body.settings, { hours: week })
})

t.test('the currency changes until something was ordered, and prices keep their amount', async (t) => {
  const { call, change, db, organization, admin } = await shop(t)
  const customer = await chat(db, organization, admin.id, '+15550100100', [])
  const product = { name: 'Green Mug', price: '12.50', sku: 'GREEN' }
  await call({ method: 'POST', url: '/api/products', payload: product, as: admin.token })
  const price = async () =>
    (await db.rows<{ price_minor: string; currency: string }>('select price_minor, currency from variants'))[0]
  t.same(await price(), { price_minor: '1250', currency: 'USD' })
  t.equal((await change({ currency: 'KWD' })).body.settings.currency, 'KWD')
  t.same(await price(), { price_minor: '12500', currency: 'KWD' })
  t.equal((await change({ currency: 'JPY' })).status, 200)
  t.same(await price(), { price_minor: '13', currency: 'JPY' }, 'to the nearest')
  await db.run('update stock_levels set on_hand = 10')
  await order(db, organization, admin.id, customer.customerId)
  t.match((await change({ currency: 'USD' })).body, { status: 409, code: 'currency-locked' })
  t.same(await price(), { price_minor: '13', currency: 'JPY' })
})

t.test('another node follows within its interval', async (t) => {
  const { change, db, organization } = await shop(t)
  const other = await appOn(t, db)
  t.not(other.organization, organization)
  await change({ timezone: 'Europe/Berlin' })
  t.equal(other.organization.timezone, 'UTC')
  const stop = watchOrganization(db, other.organization, 5, (error) => t.fail(String(error)))
  await until('it follows', () => other.organization.timezone === 'Europe/Berlin')
  await stop()
  t.equal(await refreshOrganization(db, other.organization), false, 'nothing more to follow')
})
