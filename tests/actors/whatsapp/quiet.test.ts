import { createRequire } from 'node:module'
import t from 'tap'
import { introduce, signalPeer } from '../../support/signal-peers.ts'

const SHOP = '15550001000@s.whatsapp.net'
const ANN = '15550002000@s.whatsapp.net'

interface Record {
  sessions: { [key: string]: unknown }
  getOpenSession(): { indexInfo: { closed: number } } | undefined
  closeSession(session: unknown): void
  openSession(session: unknown): void
  removeOldSessions(): void
}

const { SessionRecord } = createRequire(import.meta.url)('libsignal') as {
  SessionRecord: { deserialize(data: unknown): Record }
}

/** Everything that reaches the console or the standard streams during the work. */
async function printed(work: () => Promise<void>): Promise<string> {
  const lines: string[] = []
  const note = (...parts: unknown[]) =>
    void lines.push(parts.map((part) => JSON.stringify(part) ?? String(part)).join(' '))
  const saved = { log: console.log, info: console.info, warn: console.warn, error: console.error, debug: console.debug }
  const streams = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }))
  Object.assign(console, { log: note, info: note, warn: note, error: note, debug: note })
  for (const { stream } of streams) {
    stream.write = (text: string | Uint8Array) => {
      lines.push(String(text))
      return true
    }
  }
  try {
    await work()
  } finally {
    Object.assign(console, saved)
    for (const { stream, write } of streams) stream.write = write
  }
  return lines.join('\n')
}

t.test('a session that is closed, replaced, used after closing or not decryptable is not printed', async (t) => {
  const shop = signalPeer(SHOP)
  const ann = signalPeer(ANN)
  await introduce(ann, shop, 1)
  let lateText = ''
  let refusal: unknown
  const output = await printed(async () => {
    await shop.open(ANN, await ann.seal(SHOP, 'first'))
    await ann.open(SHOP, await shop.seal(ANN, 'reply'))
    const late = await ann.seal(SHOP, 'late')
    await introduce(shop, ann, 2)
    await introduce(ann, shop, 3)
    await shop.open(ANN, await ann.seal(SHOP, 'on a new session'))
    lateText = await shop.open(ANN, late)
    const broken = Buffer.from((await ann.seal(SHOP, 'broken')).ciphertext)
    broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1
    refusal = await shop.open(ANN, { type: 'msg', ciphertext: broken }).catch((error: unknown) => error)
  })
  t.equal(output, '')
  t.equal(lateText, 'late', 'decrypted with a closed session')
  t.match(refusal, /No matching sessions/)
})

t.test(
  'libsignal keeps its steps: closed stays closed, opened is open, the oldest closed one goes first',
  async (t) => {
    const shop = signalPeer(SHOP)
    const ann = signalPeer(ANN)
    for (let n = 1; n <= 3; n++) await introduce(shop, ann, n)
    const stored = JSON.parse(Buffer.from(shop.store.keys.get('session/15550002000.0') ?? []).toString())
    const record = SessionRecord.deserialize(stored)
    const open = record.getOpenSession()
    const closedAt: (number | undefined)[] = []
    const output = await printed(async () => {
      record.closeSession(open)
      closedAt.push(open?.indexInfo.closed)
      record.closeSession(open)
      closedAt.push(open?.indexInfo.closed)
      record.openSession(open)
      for (let n = 0; n < 45; n++) record.sessions[`old ${n}`] = { indexInfo: { closed: n + 1 } }
      record.removeOldSessions()
    })
    t.equal(output, '')
    t.ok((closedAt[0] ?? -1) > 0)
    t.equal(closedAt[0], closedAt[1])
    t.equal(record.getOpenSession(), open)
    t.equal(Object.keys(record.sessions).length, 40)
    t.notOk('old 0' in record.sessions)
    t.ok('old 44' in record.sessions)
  },
)

t.test("the application's own console is not touched", async (t) => {
  t.match(await printed(async () => console.info('Closing session:', 'ours')), /Closing session:.*ours/)
})
