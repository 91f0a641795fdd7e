import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { asId, type UserId } from '../../src/domain/ids.ts'
import { makeTickets } from '../../src/http/tickets.ts'
import { pruneTickets } from '../../src/persistence/stream-tickets.ts'
import { testDatabase } from '../support/database.ts'

const NOW = Date.UTC(2026, 5, 1)
const ticket = { userId: asId<UserId>(uuidv7()), stream: 'qr', tokenVersion: 3, tokenExp: 1_790_000_000 } as const

t.test('a ticket of one node is taken by another, once, and by no node after a minute', async (t) => {
  const { db } = await testDatabase(t)
  const [one, other] = [makeTickets(db), makeTickets(db)]
  const text = await one.issue(ticket, NOW)
  t.match(await other.redeem(text, 'qr', NOW + 60_000), ticket)
  t.equal(await other.redeem(text, 'qr', NOW), null, 'the second time')
  t.equal(await one.redeem(text, 'qr', NOW), null)
  t.equal(await other.redeem(await one.issue(ticket, NOW), 'qr', NOW + 60_001), null, 'too late')
  t.equal(await other.redeem(await one.issue(ticket, NOW), 'events', NOW), null, 'of another stream')
  const both = await one.issue(ticket, NOW)
  const taken = await Promise.all([one.redeem(both, 'qr', NOW), other.redeem(both, 'qr', NOW)])
  t.equal(taken.filter((each) => each !== null).length, 1, 'at the same moment by two')
})

t.test('a ticket is not in the database, only its hash; one that nobody took is purged', async (t) => {
  const { db } = await testDatabase(t)
  const text = await makeTickets(db).issue(ticket, NOW)
  const [row] = await db.rows<{ all: string }>('select stream_ticket::text as all from stream_ticket')
  t.notMatch(row?.all, text)
  t.equal(await pruneTickets(db, new Date(NOW + 60_000)), 0)
  t.equal(await pruneTickets(db, new Date(NOW + 60_001)), 1)
})
