import t from 'tap'
import { endingOf, endingOfHttp, masked } from '../../../src/actors/whatsapp/disconnected.ts'
import { SignatureInvalid } from '../../../src/actors/whatsapp/signature.ts'

const boom = (message: string, statusCode: number) => Object.assign(new Error(message), { output: { statusCode } })

t.test("WhatsApp's own codes are passed on", async (t) => {
  for (const code of [401, 403, 408, 428, 440, 503, 515]) t.equal(endingOf(boom('x', code)).code, code)
  t.equal(endingOf(new Error('what is this?')).code, 500)
  t.equal(endingOf(undefined).code, 428)
})

t.test('whatever proves nothing is one code', async (t) => {
  t.equal(endingOf(new SignatureInvalid('x')).code, 903)
  for (const text of [
    'invalid noise leaf certificate',
    'noise intermediate certificate signature invalid',
    'certification match failed',
    'Invalid account signature',
    'Failed to verify account signature',
  ]) {
    t.equal(endingOf(boom(text, 400)).code, 903, text)
  }
})

t.test('HTTP statuses never look like a verdict on the account', async (t) => {
  for (const status of [401, 402, 403, 405, 406, 409, 411, 440, 500, 502, 0]) t.equal(endingOfHttp(status).code, 503)
  t.equal(endingOfHttp(429).code, 429)
})

t.test('no number of a person gets into a detail', async (t) => {
  t.equal(masked('JID "15550001000:1@s.whatsapp.net" is 515'), 'JID "…:1@s.whatsapp.net" is 515')
  t.equal(masked('x'.repeat(500)).length, 200)
})
