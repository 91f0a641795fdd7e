// Tells what happens while nobody types: answers that arrive, how the account is doing, a QR to scan.

import { setTimeout as delay } from 'node:timers/promises'
import { qrSnapshot, statusAnswer } from '../../src/http/schemas/whatsapp.ts'
import { EVERYBODY, SHOP } from '../demo/cast.ts'
import type { Game } from './moves.ts'

const CHAT_POLL_MS = 150
const STATUS_POLL_MS = 1_000

/** Watches until the signal. Never rejects: a server that is away for a moment is asked again. */
export async function watch(game: Game, signal: AbortSignal): Promise<void> {
  await Promise.all([repeat(CHAT_POLL_MS, answers(game), signal), repeat(STATUS_POLL_MS, account(game), signal)])
}

async function repeat(everyMs: number, look: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await look().catch(() => undefined)
    await delay(everyMs, undefined, { signal }).catch(() => undefined)
  }
}

/** What people get from the shop, from its server or from its phone. */
function answers({ stage, paper }: Game): () => Promise<void> {
  let seq = 0
  return async () => {
    for (const entry of await stage.sim.log(seq)) {
      seq = entry.seq
      if (entry.kind !== 'received' || entry.count !== 1) continue
      const customer = EVERYBODY.find(({ phone }) => phone.slice(1) === entry.peer)
      paper.chat(SHOP.name, customer?.name ?? entry.peer ?? '?', entry.text ?? '')
    }
  }
}

/** Each new state of the account, and the first QR of each pairing. */
function account({ api, paper }: Game): () => Promise<void> {
  let last = ''
  let drawn = false
  return async () => {
    const { state, message } = await api.call('GET', '/api/whatsapp/status', { shape: statusAnswer })
    if (state !== last) paper.say(`WhatsApp: ${state}. ${message}`)
    last = state
    if (state !== 'pairing') {
      drawn = false
      return
    }
    if (drawn) return
    const { qr } = await api.call('GET', '/api/whatsapp/qr', { shape: qrSnapshot, json: true })
    if (qr === null) return
    drawn = true
    await paper.qr(qr)
    paper.say('Type scan: the phone of the shop scans it.')
  }
}
