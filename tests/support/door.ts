// Opens the real adapter against the simulator, with a store in memory, and collects what it says.

import './unref-upload-timer.ts'
import { pino } from 'pino'
import type { Test } from 'tap'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator/index.ts'
import { openBaileysSocket } from '../../src/actors/whatsapp/baileys.ts'
import type { OpenSocket, SocketEvent, SocketPolicy, WhatsAppSocket } from '../../src/actors/whatsapp/socket.ts'
import { translate } from '../../src/actors/whatsapp/translate.ts'
import { asId, type SessionId } from '../../src/domain/ids.ts'
import { type MemoryAuthStore, memoryAuthStore, type TestGuard, testGuard } from './auth-store.ts'

export const DOOR_POLICY: SocketPolicy = {
  qrTimeoutMs: 20_000,
  keepAliveMs: 10_000,
  handshakeTimeoutMs: 5_000,
  sendTimeoutMs: 5_000,
  queryTimeoutMs: 3_000,
}

export interface Door {
  readonly socket: WhatsAppSocket
  readonly events: SocketEvent[]
  readonly guard: TestGuard
  /** The first event of the type, past or to come. */
  wait<T extends SocketEvent['type']>(type: T, timeoutMs?: number): Promise<Extract<SocketEvent, { type: T }>>
  /** Waits for a condition on the events or anything else. */
  until<T>(what: string, probe: () => T | undefined | false, timeoutMs?: number): Promise<T>
}

export async function simulator(t: Test, options?: SimulatorOptions): Promise<Simulator> {
  const sim = await startSimulator(options)
  t.teardown(() => sim.close())
  return sim
}

export async function openDoor(
  t: Test,
  sim: Simulator,
  store: MemoryAuthStore = memoryAuthStore(),
  more: Partial<OpenSocket> = {},
): Promise<Door> {
  const events: SocketEvent[] = []
  const guard = testGuard()
  const session = asId<SessionId>('00000000-0000-7000-8000-000000000001')
  const socket = await openBaileysSocket({
    session,
    fence: { session, owner: '00000000-0000-7000-8000-000000000002', epoch: 1n },
    guard,
    store,
    emit: (event) => void events.push(event),
    policy: DOOR_POLICY,
    socketUrl: sim.url,
    trustRoot: Buffer.from(sim.trustRoot, 'hex'),
    log: pino({ level: 'silent' }),
    ...more,
  })
  t.teardown(async () => socket.end())

  const until: Door['until'] = async (what, probe, timeoutMs = 8_000) => {
    const deadline = performance.now() + timeoutMs
    for (;;) {
      const found = probe()
      if (found !== undefined && found !== false) return found
      if (performance.now() > deadline) throw new Error(`no ${what}; events: ${JSON.stringify(events)}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  return {
    socket,
    events,
    guard,
    until,
    wait: <T extends SocketEvent['type']>(type: T, timeoutMs?: number) =>
      until(
        type,
        () => events.find((event): event is Extract<SocketEvent, { type: T }> => event.type === type),
        timeoutMs,
      ),
  }
}

/** Pairs an account by QR, up to and including the restart WhatsApp asks for. */
export async function pair(
  t: Test,
  sim: Simulator,
  number: string,
  store = memoryAuthStore(),
): Promise<MemoryAuthStore> {
  const door = await openDoor(t, sim, store)
  const { qr } = await door.wait('qr')
  sim.phone(number).scan(qr)
  await door.wait('closed')
  return store
}

/** Pairs and connects. */
export async function connected(
  t: Test,
  sim: Simulator,
  number: string,
  more: Partial<OpenSocket> = {},
): Promise<Door & { readonly store: MemoryAuthStore }> {
  const store = await pair(t, sim, number)
  const door = await openDoor(t, sim, store, more)
  await door.wait('opened')
  return { ...door, store }
}

/** The text of what was journaled; null when it is no text. */
export function textIn(payload: Uint8Array | null): string | null {
  const translated = translate(payload ?? Buffer.alloc(0), { phone: null, lid: null })
  return translated.kind === 'message' && translated.message.content.kind === 'text'
    ? translated.message.content.text
    : null
}
