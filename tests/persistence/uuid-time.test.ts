import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { noEarlierThan } from '../../src/persistence/uuid-time.ts'

t.test('ids made at a time or later are not smaller than its floor, those made before are', async (t) => {
  const before = uuidv7()
  const at = new Date(Date.now() + 5)
  while (Date.now() <= at.getTime());
  t.ok(uuidv7() > noEarlierThan(at))
  t.ok(before < noEarlierThan(at))
  t.equal(noEarlierThan(new Date(0)), '00000000-0000-7000-8000-000000000000')
  t.equal(noEarlierThan(new Date('2026-03-01T12:00:00Z')), '019ca945-0a00-7000-8000-000000000000')
})
