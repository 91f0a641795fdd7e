import t from 'tap'
import { script } from '../support/script.ts'
import { until } from '../support/until.ts'

const START_MS = 60_000
const ANSWER_MS = 20_000

t.test('one person plays every part at the prompt, and a signal ends all of it', async (t) => {
  const demo = await script(t, ['scripts/start.mjs', '--demo'], { PORT: '0' })
  const reads = (text: RegExp, ms = ANSWER_MS) => until(`${text}`, () => text.test(demo.out()), ms)
  await reads(/Type scan/, START_MS)
  t.match(demo.out(), /curl -X POST http:\/\/127\.0\.0\.1:\d+\/customers\/15550101111\/send/)
  demo.type('scan')
  await reads(/WhatsApp: open/)
  demo.type('amal hi')
  await reads(/Corner Shop → Amal: .*Welcome/)
  demo.type('amal')
  demo.type('staff stranger hello')
  await reads(/What does Amal write\?[\s\S]*your contacts/)
  demo.type('staff amal It is ready')
  await reads(/The bot is silent towards Amal for a while: a person has the chat\. Type bot amal/)
  demo.type('bot amal')
  await reads(/The bot answers Amal again/)
  process.kill(demo.pid, 'SIGTERM')
  t.same(await demo.ended, [0, null], demo.errors())
  t.same(demo.left(), { files: [], processes: [] })
})

t.test('what the server cannot use is said in its sentence', async (t) => {
  const demo = await script(t, ['scripts/start.mjs', '--demo'], { PORT: 'five thousand' })
  t.same(await demo.ended, [1, null])
  t.match(demo.errors(), /^Cannot start: PORT is "five thousand"\. Give a port/)
  t.same(demo.left(), { files: [], processes: [] })
})
