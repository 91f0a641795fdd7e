// Messages that are encrypted before the clock starts and then sent as fast as the clients confirm them, so that a measurement is of the
// clients and not of the customers' cryptography. How many may be unconfirmed at once is the caller's choice; what is measured, too.
import { type BinaryNode, encodeWAMessage } from '@whiskeysockets/baileys'
import { type Companion, peerName } from './companion.ts'
import { enqueue } from './delivery.ts'
import { jidOf } from './jid.ts'
import { handOut } from './keys.ts'
import { node, nowSeconds } from './stanza.ts'
import type { World } from './world.ts'

/** A customer who writes to an account, both by number. */
export interface Pair {
  readonly from: string
  readonly to: string
}

export interface PreparedLoad {
  readonly messages: number
  /** Sends everything. Resolves when the clients have confirmed all of it; rejects when they do not within the time. */
  readonly run: (options: RunOptions) => Promise<LoadResult>
}

export interface RunOptions {
  /** Unconfirmed messages an account may have. */
  readonly window: number
  readonly timeoutMs: number
}

export interface LoadResult {
  /** Unix milliseconds. */
  readonly startedAt: number
  readonly confirmedAt: number
  /** Messages a client could not read or refused. */
  readonly troubles: number
}

interface Lane {
  readonly companion: Companion
  readonly stanzas: BinaryNode[]
  next: number
  open: number
}

const linkedDevice = (world: World, number: string): Companion => {
  const linked = [...world.people.get(number).companions.values()].find(({ removed }) => !removed)
  if (linked === undefined) throw new Error(`${number} has no linked device`)
  return linked
}

const encrypted = async (world: World, { from }: Pair, companion: Companion, text: string): Promise<BinaryNode> => {
  const sender = world.people.get(from)
  const fetchBundle = () => handOut(world, companion, sender.number)
  const plaintext = encodeWAMessage({ conversation: text })
  const { type, bytes } = await sender.signal.encrypt(peerName(companion), plaintext, fetchBundle)
  const attrs = {
    id: world.messageId(),
    from: jidOf(sender.lid, 'lid'),
    addressing_mode: 'lid',
    sender_pn: jidOf(sender.number, 'pn'),
    t: nowSeconds(),
    type: 'text',
    notify: sender.pushName,
  }
  return node('message', attrs, [node('enc', { v: '2', type }, bytes)])
}

/** Encrypts so many messages of every pair; in an account's lane the customers take turns. `text` is given the message's position. */
export const prepareLoad = async (
  world: World,
  pairs: readonly Pair[],
  perPair: number,
  text: (index: number) => string,
): Promise<PreparedLoad> => {
  const lanes = new Map<string, Lane>()
  let index = 0
  for (let round = 0; round < perPair; round += 1) {
    for (const pair of pairs) {
      const lane = lanes.get(pair.to) ?? { companion: linkedDevice(world, pair.to), stanzas: [], next: 0, open: 0 }
      lanes.set(pair.to, lane)
      lane.stanzas.push(await encrypted(world, pair, lane.companion, text(index)))
      index += 1
    }
  }
  return { messages: index, run: (options) => run(world, [...lanes.values()], index, options) }
}

const run = (world: World, lanes: readonly Lane[], total: number, options: RunOptions): Promise<LoadResult> =>
  new Promise((resolve, reject) => {
    const byNumber = new Map(lanes.map((lane) => [lane.companion.number, lane]))
    const startedAt = Date.now()
    let [confirmed, troubles] = [0, 0]
    const fill = (lane: Lane): void => {
      for (; lane.open < options.window && lane.next < lane.stanzas.length; lane.next += 1) {
        const stanza = lane.stanzas[lane.next]
        if (stanza === undefined) return
        lane.open += 1
        enqueue(world, lane.companion, stanza)
      }
    }
    const stop = world.log.listen(({ kind, number, code, type }) => {
      const lane = byNumber.get(number ?? '')
      if (lane === undefined) return
      if (kind === 'client-retry' || (kind === 'client-ack' && code !== undefined)) troubles += 1
      if (kind !== 'client-receipt' || (type !== 'delivered' && type !== 'inactive')) return
      confirmed += 1
      lane.open -= 1
      fill(lane)
      if (confirmed < total) return
      conclude()
      resolve({ startedAt, confirmedAt: Date.now(), troubles })
    })
    const late = setTimeout(() => {
      conclude()
      reject(
        new Error(
          `${confirmed} of ${total} messages were confirmed within ${options.timeoutMs} ms, ${troubles} troubles`,
        ),
      )
    }, options.timeoutMs)
    const conclude = (): void => {
      clearTimeout(late)
      stop()
    }
    for (const lane of lanes) fill(lane)
  })
