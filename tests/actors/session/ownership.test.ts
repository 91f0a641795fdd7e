import t from 'tap'
import { makeGuard } from '../../../src/actors/session/ownership.ts'
import { makeLog } from '../../../src/log.ts'
import { type Meters, NO_METERS } from '../../../src/meters.ts'

function counted() {
  const causes: string[] = []
  const meters: Meters = {
    ...NO_METERS,
    count: (name, labels) => void (name === 'fences' && causes.push((labels as { cause: string }).cause)),
  }
  return { causes, meters }
}

t.test('a fence is counted once, under the cause that was first', async (t) => {
  const lease = { good: true, valid: () => lease.good }
  const log = makeLog('silent')
  const frame = counted()
  const guard = makeGuard(lease, log, frame.meters)
  t.equal(guard.valid('guard-in'), true)
  lease.good = false
  t.equal(guard.valid('guard-out'), false)
  guard.fence('deadline')
  t.same(frame.causes, ['guard-out'])
  lease.good = true
  t.equal(guard.valid(), false, 'once no, it stays no')

  const idle = counted()
  makeGuard(lease, log, idle.meters).fence('told-dead')
  t.same(idle.causes, ['told-dead'])

  const write = counted()
  makeGuard(lease, log, write.meters).fence('a write was refused')
  t.same(write.causes, ['write'])
})
