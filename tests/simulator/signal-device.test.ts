import t from 'tap'
import { createSignalDevice } from '../../simulator/signal-device.ts'

let devices = 0
const device = () => createSignalDevice(`test-${++devices}`)

t.test('two devices talk: a first message, an answer, then ordinary messages', async (t) => {
  const [anna, shop] = [device(), device()]
  const hello = await anna.encrypt('shop', Buffer.from('hello'), shop.publish)
  t.equal(hello.type, 'pkmsg')
  t.equal(String(await shop.decrypt('anna', hello)), 'hello')
  const answer = await shop.encrypt('anna', Buffer.from('hi'), anna.publish)
  t.equal(answer.type, 'msg', 'the session that was begun serves the answer')
  t.equal(String(await anna.decrypt('shop', answer)), 'hi')
  t.equal((await anna.encrypt('shop', Buffer.from('again'), shop.publish)).type, 'msg')
})

t.test('a failed trial leaves every session as it was', async (t) => {
  const [anna, shop] = [device(), device()]
  await shop.decrypt('anna', await anna.encrypt('shop', Buffer.from('hello'), shop.publish))
  await anna.decrypt('shop', await shop.encrypt('anna', Buffer.from('hi'), anna.publish))
  const next = await anna.encrypt('shop', Buffer.from('precious'), shop.publish)
  const broken = Buffer.from(next.bytes)
  const position = broken.length - 12
  broken[position] = (broken[position] ?? 0) ^ 1
  await t.rejects(shop.decrypt('anna', { type: 'msg', bytes: broken }))
  t.equal(String(await shop.decrypt('anna', next)), 'precious')
  await t.rejects(shop.decrypt('anna', next), 'the same ciphertext opens once')
})

t.test('what was sent in an older session still opens after a new one has begun', async (t) => {
  const [anna, shop] = [device(), device()]
  await shop.decrypt('anna', await anna.encrypt('shop', Buffer.from('hello'), shop.publish))
  await anna.decrypt('shop', await shop.encrypt('anna', Buffer.from('hi'), anna.publish))
  const underWay = await anna.encrypt('shop', Buffer.from('under way'), shop.publish)
  await shop.renew('anna', anna.publish())
  const fresh = await shop.encrypt('anna', Buffer.from('fresh'), anna.publish)
  t.equal(fresh.type, 'pkmsg')
  t.equal(String(await anna.decrypt('shop', fresh)), 'fresh')
  t.equal(String(await shop.decrypt('anna', underWay)), 'under way')
})

t.test('messages of one session open in any order', async (t) => {
  const [anna, shop] = [device(), device()]
  const sealed = []
  for (const text of ['a', 'b', 'c']) sealed.push(await anna.encrypt('shop', Buffer.from(text), shop.publish))
  const opened = []
  for (const one of sealed.reverse()) opened.push(String(await shop.decrypt('anna', one)))
  t.same(opened, ['c', 'b', 'a'])
})

t.test('every published bundle has a one-time key of its own', (t) => {
  const shop = device()
  t.not(shop.publish().preKey?.id, shop.publish().preKey?.id)
  t.end()
})

t.test('nothing of it reaches the console', async (t) => {
  const printed: unknown[] = []
  const saved = { ...console }
  for (const level of ['log', 'info', 'warn', 'error'] as const) console[level] = (...parts) => printed.push(parts)
  t.teardown(() => Object.assign(console, saved))
  const [anna, shop] = [device(), device()]
  await shop.decrypt('anna', await anna.encrypt('shop', Buffer.from('hello'), shop.publish))
  await shop.renew('anna', anna.publish())
  await anna.decrypt('shop', await shop.encrypt('anna', Buffer.from('hi'), anna.publish))
  await t.rejects(anna.decrypt('shop', { type: 'msg', bytes: Buffer.alloc(60, 0x33) }))
  t.same(printed, [])
})
