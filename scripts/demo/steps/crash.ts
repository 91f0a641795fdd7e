// The server is killed; a customer orders meanwhile. After the next start they are answered, and nobody scanned anything.

import { statusAnswer } from '../../../src/http/schemas/whatsapp.ts'
import { MEI, OWNER, SHOP } from '../cast.ts'
import { hears, writes } from '../dialogue.ts'
import type { Scene } from '../story.ts'
import { until } from '../until.ts'

export async function crash(scene: Scene): Promise<void> {
  const { api, stage, paper, check } = scene
  paper.chapter('9. The server is killed (kill -9), and a customer orders meanwhile')
  await stage.killServer()
  const answers = await fetch(`${stage.url()}/health/live`).then(
    () => true,
    () => false,
  )
  check.equal('the server is gone', answers, false)
  const before = (await stage.sim.log()).at(-1)?.seq ?? 0
  await writes(scene, MEI, 'order green tea:3')
  paper.say('Nobody answers. The server is started again, on the same data.')
  const bootMs = await paper.waiting('the server', stage.startServer())
  paper.fact(`up after ${(bootMs / 1000).toFixed(1)} s: ${stage.url()}`)
  await hears(scene, MEI, /Thank you, Mei! We got ORD-\d{6}\n3 × Green Tea 50 Bags – \$6\.00 each, \$18\.00/, {
    among: true,
  })

  const status = () => api.call('GET', '/api/whatsapp/status', { shape: statusAnswer })
  const { phoneNumber } = await until('the account is open again', status, ({ state }) => state === 'open')
  check.equal('it is the same account', phoneNumber, SHOP.phone)
  const since = await stage.sim.log(before)
  const kinds = new Set(since.map(({ kind }) => kind))
  check.equal('it logged in without a new QR', [kinds.has('login'), kinds.has('pairing-offered')], [true, false])
  paper.fact(`${MEI.name} is answered without a new QR; the token of ${OWNER.name} still counts`)
}
