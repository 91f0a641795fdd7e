import { randomBytes } from 'node:crypto'
import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { openDatabase } from '../../src/persistence/database.ts'
import { checkKeyFingerprint, ensureOrganization, WrongEncryptionKey } from '../../src/persistence/organization.ts'
import { makeSealer } from '../../src/persistence/sealer.ts'
import { testDatabase } from '../support/database.ts'

const { db, url } = await testDatabase(t)
const defaults = { name: 'Shop', currency: 'EUR', timezone: 'Europe/Berlin', locale: 'de-DE', contactText: 'Call us' }

t.test('nodes that start at once make one organisation', async (t) => {
  const other = await openDatabase({ url })
  t.teardown(() => other.close())
  const made = await Promise.all(
    Array.from({ length: 8 }, (_, n) => ensureOrganization(n % 2 === 0 ? db : other, defaults, uuidv7)),
  )
  t.equal(new Set(made.map(({ id }) => id)).size, 1)
  t.match(made[0], defaults)
  t.equal((await db.rows('select from organizations')).length, 1)
})

t.test('later defaults do not change what is there', async (t) => {
  const again = await ensureOrganization(db, { ...defaults, name: 'Other' }, uuidv7)
  t.equal(again.name, 'Shop')
})

t.test('the key of the first start is remembered, another is refused and changes nothing', async (t) => {
  const { id } = await ensureOrganization(db, defaults, uuidv7)
  const [key, wrong] = [makeSealer(randomBytes(32)), makeSealer(randomBytes(32))]
  await checkKeyFingerprint(db, id, key)
  await t.rejects(checkKeyFingerprint(db, id, wrong), WrongEncryptionKey)
  await t.rejects(checkKeyFingerprint(db, id, wrong), { message: /AUTH_ENCRYPTION_KEY/ })
  await checkKeyFingerprint(db, id, key)
})
