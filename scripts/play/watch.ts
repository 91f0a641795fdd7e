// Tells what happens while nobody types: answers that arrive, how the account is doing, a QR to scan, a chat the bot leaves to a person.

import { setTimeout as delay } from 'node:timers/promises'
import { listOf } from '../../src/http/schemas/common.ts'
import { conversationView } from '../../src/http/schemas/conversations.ts'
import { qrSnapshot, statusAnswer } from '../../src/http/schemas/whatsapp.ts'
import { EVERYBODY, SHOP } from '../demo/cast.ts'
import type { Game } from './moves.ts'

const CHAT_POLL_MS = 150
const STATUS_POLL_MS = 1_000

/** Watches until the signal. Never rejects: a server that is away for a moment is asked again. */
export async function watch(game: Game, signal: AbortSignal): Promise<void> {
  await Promise.all([
    repeat(CHAT_POLL_MS, answers(game), signal),
    repeat(STATUS_POLL_MS, account(game), signal),
    repeat(STATUS_POLL_MS, silences(game), signal),
  ])
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

/** Each chat in which the bot says nothing from now on: without a word of it a player would take it for broken. */
function silences({ api, paper }: Game): () => Promise<void> {
  const silent = new Set<string>()
  return async () => {
    const { data } = await api.call('GET', '/api/whatsapp/conversations', { shape: listOf(conversationView) })
    for (const { id, customer, owner, attention } of data) {
      if (owner === 'bot') silent.delete(id)
      if (owner === 'bot' || silent.has(id)) continue
      silent.add(id)
      const why = attention.includes('loop')
        ? 'it took fast typing for a machine (six answers in a minute, or four messages within two seconds of an answer)'
        : 'a person has the chat'
      paper.say(
        `The bot is silent towards ${customer.name} for a while: ${why}. Type bot ${customer.name.toLowerCase()}.`,
      )
    }
  }
}
