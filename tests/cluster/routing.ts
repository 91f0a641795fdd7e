// Any node takes any request: what a cluster of three shows when it is asked at the wrong one. Run by processes.test.ts.

import type { Test } from 'tap'
import { askedForQr } from '../../scripts/chaos/scenes.ts'
import { type ChaosStage, stateAt } from '../../scripts/chaos/stage.ts'
import { PASSWORD } from '../../scripts/proof/cast.ts'
import { callApi } from '../../scripts/proof/http.ts'
import { moveTo } from '../support/processes.ts'
import { readEvents } from '../support/sse.ts'
import { until } from '../support/until.ts'

/** Every session route may be asked at any node. */
export async function wrongNode(t: Test, stage: ChaosStage) {
  const [account] = stage.accounts
  const [customer] = account?.customers ?? []
  if (account === undefined || customer === undefined) throw new Error('nobody takes part')
  const { number } = account
  const token = stage.users.get(number)?.token ?? ''
  const since = (await stage.sim.log()).at(-1)?.seq ?? 0

  for (const [owner, asked] of [
    ['node-2', 'node-1'],
    ['node-3', 'node-2'],
    ['node-1', 'node-3'],
  ] as const) {
    await moveTo(stage, number, owner)
    const url = stage.node(asked).url() ?? ''
    const call = (method: 'GET' | 'POST', path: string, body?: object) =>
      callApi(url, method, `/api/whatsapp/${path}`, { token, any: true, ...(body === undefined ? {} : { body }) })

    await until(`${asked} says that it is open`, async () => (await stateAt(stage, url, number)) === 'open')
    t.match(await call('GET', 'qr'), { status: 200, body: { state: 'open', qr: null } })
    const text = `to ${owner} by way of ${asked}`
    t.match(await call('POST', 'send-message', { to: `+${customer}`, message: text }), { status: 202 })
    t.match(await call('POST', 'send-catalog', { to: `+${customer}` }), { status: 202 })
    await stage.sim.waitForReply(customer, new RegExp(`^${text}$`))
    await stage.sim.waitForReply(customer, /Blue Mug/)
    t.equal((await stage.owners()).get(number), owner, 'who is asked does not move it')

    t.match(await call('POST', 'disconnect', {}), { status: 200 })
    for (const node of stage.nodes)
      t.equal(await stateAt(stage, node.url() ?? '', number), 'disconnected', `${node.name} knows`)
    t.match(await call('POST', 'connect', {}), { status: 202 })
    await until('it is open again', async () => (await stateAt(stage, url, number)) === 'open')
  }
  t.notOk(askedForQr(await stage.sim.log(since)), 'a linked account needs no QR')
}

/** A QR stream at one node follows its session from a second to a third. */
export async function follow(t: Test, stage: ChaosStage) {
  const [a, b, c] = stage.nodes.map((node) => node.url() ?? '')
  if (a === undefined || b === undefined || c === undefined) throw new Error('a node is missing')
  const signedUp = await callApi(b, 'POST', '/api/auth/signup', {
    body: { email: 'new@chaos.test', password: PASSWORD, role: 'employee' },
  })
  const { token, user } = signedUp.body as { token: string; user: { id: string } }
  await callApi(b, 'POST', '/api/whatsapp/connect', { token, body: {} })
  await moveTo(stage, user.id, 'node-2')

  const stream = await readEvents(`${a}/api/whatsapp/qr`, { authorization: `Bearer ${token}` })
  t.teardown(() => stream.close())
  const nextQr = async (not?: string) => {
    for (;;) {
      const { event, data } = await stream.next()
      if (event === 'qr' && data.qr !== not) return data.qr as string
    }
  }
  const before = await nextQr()
  await moveTo(stage, user.id, 'node-3')
  t.equal((await stage.owners()).get(user.id), 'node-3')
  const after = await nextQr(before)
  await stage.sim.scan('15559990000', after)
  await until('the browser is told on the same connection', async () => (await stream.next()).event === 'connected')
  t.equal((await stage.owners()).get(user.id), 'node-3')
}
