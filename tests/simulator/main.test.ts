import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { connectSimulator } from '../../simulator/remote.ts'
import { createClient } from './client.ts'

const SHOP = '15550001000'
const ANNA = '15550002001'
const MAIN = fileURLToPath(new URL('../../simulator/main.ts', import.meta.url))

interface Started {
  readonly child: ChildProcess
  readonly out: () => string
  readonly errors: () => string
}

const start = (t: Test, ...args: string[]): Started => {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let errors = ''
  child.stdout?.on('data', (chunk) => {
    out += chunk
  })
  child.stderr?.on('data', (chunk) => {
    errors += chunk
  })
  t.teardown(() => child.kill('SIGKILL'))
  return { child, out: () => out, errors: () => errors }
}

const DEADLINE_MS = 15_000
const POLL_MS = 20

const until = async <T>(probe: () => T | undefined | false, what: string): Promise<T> => {
  const deadline = Date.now() + DEADLINE_MS
  for (;;) {
    const value = probe()
    if (value !== undefined && value !== false) return value
    if (Date.now() > deadline) throw new Error(`${what}: not seen`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`it prints one line, serves, and ends with 0 on ${signal}`, async (t) => {
    const { child, out, errors } = start(t, '--json')
    await until(() => out().includes('\n'), 'the line')
    t.equal(out().trim().split('\n').length, 1)
    const { url, trustRoot, control } = JSON.parse(out())
    t.match(url, /^ws:\/\/127\.0\.0\.1:\d+\/ws\/chat$/)
    t.match(trustRoot, /^[0-9a-f]{64}$/)
    const remote = connectSimulator(control)
    const client = createClient({ url, trustRoot })
    t.teardown(() => client.stop())
    client.connect()
    const qr = await until(() => client.qrs.at(-1), 'a QR')
    await remote.scan(SHOP, qr)
    await until(() => client.opens > 0, 'the login')
    await remote.send(ANNA, SHOP, 'hi')
    await until(() => client.upserts.find(({ text }) => text === 'hi'), 'the message')
    const ended = once(child, 'exit')
    child.kill(signal)
    t.same(await ended, [0, null])
    t.equal(errors(), '', 'nothing was printed beside the line')
  })
}

t.test('without --json it says what to do next', async (t) => {
  const { out } = start(t)
  await until(() => out().includes('Ctrl-C'), 'the introduction')
  t.match(out(), /WHATSAPP_SOCKET_URL=ws:/)
  t.match(out(), /WHATSAPP_TRUST_ROOT=[0-9a-f]{64}/)
})

t.test('a wrong argument and a taken port get one sentence and a code', async (t) => {
  const wrong = start(t, '--port', 'abc')
  t.same(await once(wrong.child, 'exit'), [1, null])
  t.equal(wrong.errors().trim(), '--port must be a whole number from 0 to 65535, where 0 takes a free port.')
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => taken.close())
  const address = taken.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const late = start(t, '--port', String(port))
  t.same(await once(late.child, 'exit'), [1, null])
  t.match(late.errors(), /The port is taken/)
})
