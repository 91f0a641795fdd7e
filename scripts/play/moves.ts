// What each move does: to the simulated phones through their control, to the server through its API.

import { never } from '../../src/domain/result.ts'
import { listOf } from '../../src/http/schemas/common.ts'
import { conversationAnswer, conversationView } from '../../src/http/schemas/conversations.ts'
import { orderRow } from '../../src/http/schemas/orders.ts'
import { connectAnswer, qrSnapshot, sendMessageAnswer } from '../../src/http/schemas/whatsapp.ts'
import type { Api } from '../demo/api.ts'
import { type Person, SHOP } from '../demo/cast.ts'
import type { Paper } from '../demo/paper.ts'
import type { Stage } from '../demo/stage.ts'
import { HELP, type Move } from './line.ts'

export interface Game {
  readonly stage: Stage
  readonly paper: Paper
  /** As the owner. */
  readonly api: Api
}

/** Asks for a QR; the watcher draws it when it comes. */
export async function connect({ api }: Game): Promise<void> {
  await api.call('POST', '/api/whatsapp/connect', { body: {}, status: 202, shape: connectAnswer })
}

/** Does one move. Rejects with a sentence when it cannot be done. @returns whether the game is over */
export async function play(game: Game, move: Move): Promise<'on' | 'over'> {
  const { stage, paper, api } = game
  const { sim } = stage
  switch (move.kind) {
    case 'customer': {
      const { name, phone, addressing } = move.who
      await sim.send(phone, SHOP.phone, move.text, { addressing, pushName: name })
      paper.chat(name, SHOP.name, move.text)
      break
    }
    case 'phone':
      await sim.type(SHOP.phone, move.to.phone, move.text)
      paper.say(`${move.to.name} gets it from the phone; the server sees a copy.`)
      break
    case 'staff': {
      const body = { to: move.to.phone, message: move.text }
      await api.call('POST', '/api/whatsapp/send-message', { body, status: 202, shape: sendMessageAnswer })
      break
    }
    case 'bot':
      await giveBack(game, move.to)
      break
    case 'orders': {
      const { data } = await api.call('GET', '/api/orders', { shape: listOf(orderRow) })
      if (data.length === 0) paper.say('No orders yet.')
      for (const { label, customer, status, total } of data)
        paper.say(`${label}  ${customer.name}  ${status}  ${total.formatted}`)
      break
    }
    case 'scan': {
      const { qr, message } = await api.call('GET', '/api/whatsapp/qr', { shape: qrSnapshot, json: true })
      if (qr === null) paper.say(`There is no QR to scan. ${message}`)
      else await sim.scan(SHOP.phone, qr)
      break
    }
    case 'connect':
      await connect(game)
      break
    case 'logout':
      await sim.logout(SHOP.phone)
      break
    case 'drop':
      await sim.fault('drop', { number: SHOP.phone })
      break
    case 'kill': {
      await stage.killServer()
      paper.say('The server is dead. It is started again …')
      const bootMs = await stage.startServer()
      paper.say(`up after ${(bootMs / 1000).toFixed(1)} s: ${stage.url()}`)
      break
    }
    case 'help':
      for (const line of HELP) paper.verbatim(line)
      break
    case 'wrong':
      paper.say(move.why)
      break
    case 'nothing':
      break
    case 'quit':
      return 'over'
    default:
      return never(move)
  }
  return 'on'
}

async function giveBack({ paper, api }: Game, { name }: Person): Promise<void> {
  const { data } = await api.call('GET', '/api/whatsapp/conversations', { shape: listOf(conversationView) })
  const chat = data.find(({ customer }) => customer.name === name)
  if (chat === undefined) return paper.say(`There is no chat with ${name} yet.`)
  const path = `/api/whatsapp/conversations/${chat.id}`
  await api.call('PATCH', path, { body: { botPaused: false }, shape: conversationAnswer })
  paper.say(`The bot answers ${name} again.`)
}
