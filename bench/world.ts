// The third process: the simulator, with the verbs the bench needs of it. It measures nothing but when it did what it was told.

import { BufferJSON } from '@whiskeysockets/baileys'
import { createFaults } from '../simulator/misbehave.ts'
import { scan } from '../simulator/pairing.ts'
import { type Pair, type PreparedLoad, prepareLoad, type RunOptions } from '../simulator/prepared-load.ts'
import { makePreKeys, provision } from '../simulator/provision.ts'
import { sendMessage } from '../simulator/sending.ts'
import { startServer } from '../simulator/server.ts'
import { createWorld } from '../simulator/world.ts'
import { serve } from './channel.ts'

/** An account a client can log in with, as JSON (Baileys' BufferJSON). */
export interface Credentials {
  readonly number: string
  readonly creds: string
}

export interface Linked {
  readonly accounts: readonly Credentials[]
  /** Of every account, from id 1. */
  readonly preKeys: readonly string[]
}

/** As many as a client uploads at its first login. */
const PREKEYS = 812

const world = createWorld({})
const server = await startServer(world, 0)
const faults = createFaults(world)
const preKeys = makePreKeys(PREKEYS)
let load: PreparedLoad | null = null

const json = (value: unknown) => JSON.stringify(value, BufferJSON.replacer)
const people = (numbers: readonly string[]) => numbers.map((number) => world.people.get(number))

const functions = {
  address: () => ({
    url: `ws://127.0.0.1:${server.port}/ws/chat`,
    trustRoot: world.identity.trustRoot.toString('hex'),
  }),
  link: (numbers: readonly string[]): Linked => ({
    accounts: numbers.map((number) => ({ number, creds: json(provision(world, number, preKeys).creds) })),
    preKeys: preKeys.map(json),
  }),
  /** @returns Unix ms at which the phone was held to the QR */
  async scan({ number, qr }: { number: string; qr: string }): Promise<number> {
    const at = Date.now()
    await scan(world, world.people.get(number), qr)
    return at
  },
  /** Cuts their connections. @returns Unix ms */
  drop(numbers: readonly string[]): number {
    const at = Date.now()
    for (const number of numbers) faults.drop(number)
    return at
  },
  /** Every customer writes once, in the ordinary way. */
  async greet({ pairs, text }: { pairs: readonly Pair[]; text: string }): Promise<void> {
    for (const { from, to } of pairs) await sendMessage(world, world.people.get(from), to, { conversation: text })
  },
  /** How many messages these customers have received, all together. */
  received: (numbers: readonly string[]): number => people(numbers).reduce((sum, { inbox }) => sum + inbox.length, 0),
  async prepare(wanted: { pairs: readonly Pair[]; perPair: number; texts: readonly string[] }): Promise<number> {
    load = await prepareLoad(
      world,
      wanted.pairs,
      wanted.perPair,
      (index) => wanted.texts[index % wanted.texts.length] ?? '',
    )
    return load.messages
  },
  run(options: RunOptions) {
    if (load === null) throw new Error('nothing is prepared')
    const { run } = load
    load = null
    return run(options)
  },
}

export type World = typeof functions

serve(functions, () => server.close())
