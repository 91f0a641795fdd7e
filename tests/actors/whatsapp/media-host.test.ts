import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { createTlsIdentity } from '../../../simulator/x509.ts'
import { askMediaHost, mediaHost } from '../../../src/actors/whatsapp/media-host.ts'

const identity = createTlsIdentity()

async function server(t: Test, status: number, body: Buffer | 'never') {
  const asked: { method: string | undefined; url: string | undefined; body: string }[] = []
  const https = createServer({ cert: identity.certificate, key: identity.privateKey }, async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    asked.push({ method: request.method, url: request.url, body: Buffer.concat(chunks).toString() })
    if (body !== 'never') response.writeHead(status, { location: 'https://localhost/elsewhere' }).end(body)
  })
  https.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    https.closeAllConnections()
    https.close()
  })
  return { host: `127.0.0.1:${(https.address() as AddressInfo).port}`, asked }
}

const POLICY = { ca: identity.certificate, timeoutMs: 2_000 }

t.test('only hosts of WhatsApp are asked, whatever a message names', async (t) => {
  const real = { ca: null }
  t.equal(mediaHost('mmg-fna.whatsapp.net', real), 'mmg-fna.whatsapp.net')
  for (const named of [
    null,
    'evil.example',
    'whatsapp.net.evil.example',
    'evilwhatsapp.net',
    '127.0.0.1',
    'mmg.whatsapp.net:8443',
  ])
    t.equal(mediaHost(named, real), 'mmg.whatsapp.net', String(named))
  t.equal(mediaHost('127.0.0.1:9', { ca: 'PEM' }), '127.0.0.1:9', 'with a certificate of our own it has to be shown')
})

t.test('it gets and it posts', async (t) => {
  const { host, asked } = await server(t, 200, Buffer.from('file'))
  const got = await askMediaHost({ host, path: '/v/f?a=1', maxBytes: 100 }, POLICY)
  t.match(got, { kind: 'ok', body: Buffer.from('file') })
  await askMediaHost({ host, path: '/mms/image/x', body: Buffer.from('up'), maxBytes: 100 }, POLICY)
  t.same(asked, [
    { method: 'GET', url: '/v/f?a=1', body: '' },
    { method: 'POST', url: '/mms/image/x', body: 'up' },
  ])
})

t.test('everything else has a name', async (t) => {
  const ask = (host: string, more: { maxBytes?: number; path?: string } = {}, policy = POLICY) =>
    askMediaHost({ host, path: '/f', maxBytes: 100, ...more }, policy)
  const large = await server(t, 200, Buffer.alloc(200))
  t.same(await ask(large.host), { kind: 'too-large' })
  for (const status of [403, 404, 410])
    t.same(await ask((await server(t, status, Buffer.alloc(0))).host), { kind: 'gone' })
  t.same(await ask((await server(t, 503, Buffer.alloc(0))).host), { kind: 'failed', why: 'HTTP 503' })
  t.same(await ask((await server(t, 302, Buffer.alloc(0))).host), { kind: 'failed', why: 'HTTP 302' }, 'not followed')
  const stranger = { ...POLICY, ca: createTlsIdentity().certificate }
  t.match(await ask(large.host, {}, stranger), { kind: 'failed', why: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  const slow = await server(t, 200, 'never')
  t.match(await ask(slow.host, {}, { ...POLICY, timeoutMs: 100 }), { kind: 'failed' })
  t.match(await ask('127.0.0.1:1'), { kind: 'failed', why: 'ECONNREFUSED' })
  t.match(await ask('127.0.0.1', { path: '@evil.example/' }), { kind: 'failed', why: 'bad address' })
})
