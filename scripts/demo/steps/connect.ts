// The account is connected: the QR comes over the event stream, the phone scans it, the stream says so and ends.

import { connectAnswer, statusAnswer } from '../../../src/http/schemas/whatsapp.ts'
import { SHOP } from '../cast.ts'
import { CheckFailed } from '../checks.ts'
import type { Scene } from '../story.ts'

const LONGEST_MS = 30_000

/** @returns ms from the scan until the account is open */
export async function connect({ api, stage, paper, check }: Scene): Promise<number> {
  paper.chapter('4. The WhatsApp account is connected')
  const { session } = await api.call('POST', '/api/whatsapp/connect', { body: {}, status: 202, shape: connectAnswer })
  const pairingMs = await paper.waiting('the QR and the scan', pair())
  const status = await api.call('GET', '/api/whatsapp/status', { shape: statusAnswer })
  check.equal('the account is open', [status.state, status.phoneNumber], ['open', SHOP.phone])
  paper.fact(`open as ${SHOP.phone}, ${(pairingMs / 1000).toFixed(1)} s after the scan`)
  return pairingMs

  async function pair(): Promise<number> {
    let scannedAt: number | null = null
    const seen: string[] = []
    for await (const { event, data } of api.events(session.qrUrl, AbortSignal.timeout(LONGEST_MS))) {
      seen.push(event)
      if (event === 'qr' && scannedAt === null) {
        await paper.qr(String(data['qr']))
        paper.say(`The phone of ${SHOP.phone} scans it.`)
        scannedAt = performance.now()
        await stage.sim.scan(SHOP.phone, String(data['qr']))
      }
      if (event === 'connected' && scannedAt !== null) {
        check.equal('the stream names the account', data['phoneNumber'], SHOP.phone)
        return Math.round(performance.now() - scannedAt)
      }
    }
    throw new CheckFailed('the QR stream ends with "connected"', 'qr, then connected', seen)
  }
}
