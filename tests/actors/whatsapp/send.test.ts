import t from 'tap'
import { type Sending, send } from '../../../src/actors/whatsapp/send.ts'

const ME = { id: '15550001000:5@s.whatsapp.net', lid: '11:5@lid', name: 'Shop' }
const MESSAGE = {
  recipient: '77@lid',
  waMessageId: '3EB0',
  content: { kind: 'text', text: 'hi https://example.com' },
} as const

interface Script {
  readonly devices?: readonly { user: string; device: number; jid: string }[]
  readonly encrypts?: boolean
  readonly fails?: Error
  readonly hangs?: boolean
}

const build = ({
  devices = [{ user: '77', device: 0, jid: '77@lid' }],
  encrypts = true,
  fails,
  hangs,
}: Script = {}) => {
  let encrypted = 0
  const asked: unknown[] = []
  const sent: unknown[] = []
  const sending = {
    timeoutMs: 50,
    repository: { encryptedFor: () => encrypted, keepingSessions: (work: () => Promise<unknown>) => work() },
    sock: {
      user: ME,
      getUSyncDevices: async (jids: string[]) => {
        asked.push(jids)
        return devices
      },
      relayMessage: async (...args: unknown[]) => {
        sent.push(args)
        if (fails !== undefined) throw fails
        if (hangs) await new Promise(() => undefined)
        if (encrypts) encrypted += 1
      },
    },
  } as unknown as Sending
  return { sending, asked, sent }
}

t.test('a message leaves under its stored id, without a link preview', async (t) => {
  const { sending, asked, sent } = build()
  t.same(await send(sending, MESSAGE), { kind: 'on-the-wire' })
  t.same(asked, [['11@lid', '77@lid']])
  t.same(sent, [['77@lid', { extendedTextMessage: { text: MESSAGE.content.text } }, { messageId: '3EB0' }]])
})

t.test('a chat by number asks with our own number', async (t) => {
  const { sending, asked } = build({ devices: [{ user: '15550002000', device: 0, jid: 'x' }] })
  await send(sending, { ...MESSAGE, recipient: '15550002000:0@s.whatsapp.net' })
  t.same(asked, [['15550001000@s.whatsapp.net', '15550002000@s.whatsapp.net']])
})

t.test('only our own devices are no recipient, and nothing is sent', async (t) => {
  const { sending, sent } = build({ devices: [{ user: '11', device: 0, jid: '11@lid' }] })
  t.same(await send(sending, MESSAGE), { kind: 'no-recipient' })
  t.same(sent, [])
})

t.test('a send that encrypted nothing for the recipient is not called sent', async (t) => {
  t.same(await send(build({ encrypts: false }).sending, MESSAGE), { kind: 'no-recipient' })
})

t.test('failures and silence are values; numbers are left out', async (t) => {
  const fails = new Error('no session for 15550002000')
  t.same(await send(build({ fails }).sending, MESSAGE), { kind: 'failed', reason: 'no session for …' })
  t.same(await send(build({ hangs: true }).sending, MESSAGE), { kind: 'failed', reason: 'timeout' })
  t.match(await send(build().sending, { ...MESSAGE, recipient: '@lid' }), { kind: 'failed' })
})
