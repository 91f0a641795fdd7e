import t from 'tap'
import { AMAL, LUIS, STRANGER } from '../../../scripts/demo/cast.ts'
import { HELP, readMove } from '../../../scripts/play/line.ts'

t.test('a customer writes', async (t) => {
  const said = { kind: 'customer', who: AMAL, text: 'hi' }
  for (const line of ['amal hi', 'Amal: hi', 'as Amal: hi', '  AS amal  hi  ']) t.same(readMove(line), said, line)
  t.same(readMove('luis ORDER Blue Mug:2'), { kind: 'customer', who: LUIS, text: 'ORDER Blue Mug:2' })
  t.same(readMove('stranger scan'), { kind: 'customer', who: STRANGER, text: 'scan' })
})

t.test('the shop writes, from the phone or through the API', async (t) => {
  const said = { kind: 'phone', to: AMAL, text: 'it is ready' }
  for (const line of ['phone amal it is ready', 'phone amal: it is ready', 'phone: it is ready to amal'])
    t.same(readMove(line), said, line)
  t.same(readMove('staff luis come to amal'), { kind: 'staff', to: LUIS, text: 'come to amal' })
})

t.test('the shop gives a chat back to the bot', async (t) => {
  t.same(readMove('bot amal'), { kind: 'bot', to: AMAL })
  t.match(readMove('bot'), { kind: 'wrong', why: /Whose chat\? Like this: bot amal/ })
  t.ok(HELP.some((line) => line.startsWith('bot amal')))
})

t.test('a word alone is a move', async (t) => {
  for (const word of ['scan', 'connect', 'logout', 'drop', 'kill', 'orders', 'help', 'quit'] as const) {
    t.same(readMove(` ${word.toUpperCase()} `), { kind: word })
    t.ok(
      HELP.some((line) => line.startsWith(word)),
      `help tells of ${word}`,
    )
  }
  t.same(readMove('?'), { kind: 'help' })
  t.same(readMove('   '), { kind: 'nothing' })
})

t.test('what cannot be understood is answered with what to write', async (t) => {
  t.match(readMove('amal'), { kind: 'wrong', why: /What does Amal write\? Like this: amal hi/ })
  t.match(readMove('phone amal'), { kind: 'wrong', why: /phone amal It is ready/ })
  t.match(readMove('phone: hello to nobody'), { kind: 'wrong', why: /To whom/ })
  t.match(readMove('dance'), { kind: 'wrong', why: /I do not know "dance"\. Type help/ })
})
