import t from 'tap'
import { script } from '../support/script.ts'

/** Nothing listens there: the demo must bring its own database. */
const ELSEWHERE = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', AUTH_ENCRYPTION_KEY: 'not a key' }

t.test('the demo plays the main job, says what it measured, and leaves nothing behind', async (t) => {
  const demo = await script(t, ['scripts/demo.ts', '--json'], ELSEWHERE)
  t.same(await demo.ended, [0, null], demo.errors())
  t.equal(demo.out().trim().split('\n').length, 1, 'with --json there is one line')
  const { bootMs, pairingMs, ...counted } = JSON.parse(demo.out())
  t.same(counted, { ok: true, orders: 9, messagesStored: 26, messagesIgnored: 3, replies: 25, notices: 3 })
  t.ok(bootMs > 100 && bootMs < 60_000, `bootMs ${bootMs}`)
  t.ok(pairingMs > 0 && pairingMs < 30_000, `pairingMs ${pairingMs}`)
  t.match(demo.errors(), /Luis → Corner Shop: ORDER Wireless Earbuds:1\n\s+Corner Shop → Luis: .*Sold out/)
  t.match(demo.errors(), /killed[\s\S]*Mei → Corner Shop: order green tea:3[\s\S]*Corner Shop → Mei: .*Thank you/)
  t.match(demo.errors(), /Corner Shop → Mei: .*is cancelled: the box was damaged/)
  t.match(
    demo.errors(),
    /Corner Shop → Amal: .*is ready for pickup[\s\S]*Corner Shop → Amal: .*is delivered\. Thank you/,
  )
  t.match(demo.errors(), /Sofia → Corner Shop: hey! order 2 gaming mouse[\s\S]*Corner Shop → Sofia: ❓ Did you mean:/)
  t.match(demo.errors(), /Corner Shop → Tom: ❓ Something has changed meanwhile/)
  t.match(demo.errors(), /Stranger → Corner Shop: NO[\s\S]*nothing is left of who said NO/)
  t.match(demo.errors(), /Corner Shop → Salma: ✅ [\u0600-\u06ff]/)
  t.match(demo.errors(), /All \d+ checks passed/)
  t.same(demo.left(), { files: [], processes: [] })
})

t.test('a wrong argument gets a sentence', async (t) => {
  const demo = await script(t, ['scripts/demo.ts', '--fast'])
  t.same(await demo.ended, [1, null])
  t.match(demo.errors(), /Unknown option '--fast'[\s\S]*Usage: npm run demo/)
})
