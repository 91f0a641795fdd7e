import t from 'tap'
import { readBlock } from '../../../src/actors/cluster/watch-stream.ts'

t.test('events, moves and noise are told apart', async (t) => {
  const code = { type: 'code', code: 'ABCD-EFGH', expiresAt: '2026-01-31T12:00:00.000Z' }
  t.same(readBlock(`id: 7.1\nevent: code\ndata: ${JSON.stringify(code)}`), code)
  t.same(readBlock('event: moved\ndata: {"type":"moved","incarnation":null,"epoch":null}'), { moved: null })
  t.same(readBlock(': ping'), null)
  t.same(readBlock('retry: 3000'), null)
  t.same(readBlock('event: code\ndata: {"type":"of a newer node"}'), null)
  t.same(readBlock('event: code\ndata: {broken'), null)
})
