import t from 'tap'
import { type Bucket, fullBucket, putBack, takeFrom } from '../../../src/domain/cluster/bucket.ts'

t.test('what a second allows may be taken at once, and comes back with time', async (t) => {
  let bucket: Bucket = fullBucket(10, 0)
  const take = (count: number, now: number) => {
    const result = takeFrom(bucket, count, 10, now)
    bucket = result.bucket
    return result.taken
  }
  t.equal(take(4, 0), 4)
  t.equal(take(20, 0), 6)
  t.equal(take(1, 50), 0, 'half a token is none')
  t.equal(take(5, 100), 1)
  t.equal(take(99, 60_000), 10, 'no more gathers than a second’s worth')
  t.equal(take(1, 59_000), 0, 'a clock that goes back gives nothing')
})

t.test('in a minute no more than its budget and one burst is taken', async (t) => {
  let bucket = fullBucket(7, 0)
  let sum = 0
  for (let now = 0; now <= 60_000; now += 37) {
    const result = takeFrom(bucket, 3, 7, now)
    bucket = result.bucket
    sum += result.taken
  }
  t.ok(sum <= 7 * 61 && sum >= 7 * 60 - 1, `${sum}`)
})

t.test('zero is no limit, and less than one a second still gives one', async (t) => {
  t.equal(takeFrom(fullBucket(0, 0), 1_000, 0, 0).taken, 1_000)
  const slow = takeFrom(fullBucket(0.5, 0), 1, 0.5, 0)
  t.equal(slow.taken, 1)
  t.equal(takeFrom(slow.bucket, 1, 0.5, 1_000).taken, 0)
  t.equal(takeFrom(slow.bucket, 1, 0.5, 2_000).taken, 1)
})

t.test('what is put back can be taken again', async (t) => {
  const { bucket } = takeFrom(fullBucket(5, 0), 5, 5, 0)
  t.equal(takeFrom(putBack(bucket, 2), 5, 5, 0).taken, 2)
})
