import { DEFAULT_CONNECTION_CONFIG, promiseTimeout, proto } from '@whiskeysockets/baileys'
import { pino } from 'pino'
import t from 'tap'
import { socketOptions } from '../../../src/actors/whatsapp/options.ts'

const POLICY = { qrTimeoutMs: 1, keepAliveMs: 2, handshakeTimeoutMs: 3, sendTimeoutMs: 4, queryTimeoutMs: 5 }

t.test('the settings that promises depend on', async (t) => {
  const options = socketOptions(POLICY, pino({ level: 'silent' }), undefined)
  t.match(options, {
    version: DEFAULT_CONNECTION_CONFIG.version,
    waWebSocketUrl: 'wss://web.whatsapp.com/ws/chat',
    markOnlineOnConnect: false,
    syncFullHistory: false,
    emitOwnEvents: false,
    qrTimeout: 1,
    keepAliveIntervalMs: 2,
    defaultQueryTimeoutMs: 5,
    transactionOpts: { maxCommitRetries: 1 },
  })
  const { HistorySyncType } = proto.Message
  for (const syncType of Object.values(HistorySyncType).filter((type) => typeof type === 'number')) {
    t.equal(options.shouldSyncHistoryMessage?.({ syncType: syncType as proto.Message.HistorySyncType }), false)
  }
  t.equal(options.shouldIgnoreJid?.('1@g.us'), true)
  t.equal(options.shouldIgnoreJid?.('1@lid'), false)
  t.equal(socketOptions(POLICY, pino({ level: 'silent' }), 'ws://127.0.0.1:1').waWebSocketUrl, 'ws://127.0.0.1:1')
})

t.test('no frame that is sent has a timeout of its own', async (t) => {
  const { connectTimeoutMs } = socketOptions(POLICY, pino({ level: 'silent' }), undefined)
  t.equal(connectTimeoutMs, 0)
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = timers()
  for (const [timeoutMs, expected] of [
    [connectTimeoutMs, before],
    [60_000, before + 1],
  ]) {
    const seen = await promiseTimeout<number>(timeoutMs, (resolve) => resolve(timers()))
    t.equal(seen, expected, `timers within a send with a timeout of ${timeoutMs} ms`)
  }
})

t.test("of Baileys' log only errors pass, and of those no stanza, key or number", async (t) => {
  const lines: string[] = []
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })
  const logger = socketOptions(POLICY, log, undefined).logger
  const secret = {
    node: { attrs: { from: '15550002000@s.whatsapp.net' }, content: 'the text' },
    privKey: Buffer.from('k'),
  }
  for (const level of ['trace', 'debug', 'info', 'warn'] as const) logger?.[level](secret, 'about 15550002000')
  logger?.child({ class: 'x' }).info(secret, 'x')
  t.same(lines, [])
  logger?.error({ ...secret, err: new Error('Bad MAC for 15550002000') }, 'failed to decrypt message')
  logger?.error('text only 15550002000')
  t.equal(lines.length, 2)
  t.match(JSON.parse(lines[0] ?? ''), { what: 'failed to decrypt message', why: 'Bad MAC for …' })
  t.notMatch(lines.join(), /15550002000|the text|privKey/)
})
