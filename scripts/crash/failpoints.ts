// Places in the server's path at which it kills itself. They are reached through the port to WhatsApp and the store handed to it, so that
// the program itself knows nothing of them.

import type { AuthChange, AuthStore, OpenSocketFn, SocketEvent } from '../../src/actors/whatsapp/socket.ts'
import type { Place } from '../proof/plan.ts'

export interface Trap {
  readonly place: Place
  /** How many times the place is passed with it, from 1. */
  readonly nth: number
}

export interface Failpoints {
  readonly open: OpenSocketFn
  /** From now on the trap counts. */
  arm(): void
}

/** A receipt leaves within a few turns of the event loop after its commit. */
const RECEIPT_LEAVES_MS = 3

/** @param die ends this process at once and does not return */
export function withFailpoints(open: OpenSocketFn, trap: Trap | null, die: () => void): Failpoints {
  let armed = false
  let left = trap?.nth ?? 0
  const pass = (place: Place, then: () => void = die) => {
    if (!armed || trap?.place !== place) return
    left -= 1
    if (left === 0) then()
  }

  const watched = (store: AuthStore): AuthStore => ({
    ...store,
    async commit(change) {
      const kind = kindOf(change)
      if (kind === 'decrypted') pass('before-journal-commit')
      if (kind === 'encrypted') pass('before-encrypt-commit')
      await store.commit(change)
      if (kind === 'decrypted') {
        pass('after-journal-commit')
        pass('after-receipt', () => setTimeout(die, RECEIPT_LEAVES_MS))
      }
      if (kind === 'encrypted') pass('after-encrypt-commit')
    },
  })

  const onEvent = (event: SocketEvent) => {
    if (event.type === 'journaled') pass('before-process')
    if (event.type === 'ack') pass('on-ack')
    if (event.type === 'receipt') pass('on-receipt')
  }

  return {
    arm() {
      armed = true
    },
    async open(options) {
      const emit = (event: SocketEvent) => {
        onEvent(event)
        options.emit(event)
      }
      const socket = await open({ ...options, emit, store: watched(options.store) })
      return {
        ...socket,
        async send(message) {
          const outcome = await socket.send(message)
          if (outcome.kind === 'on-the-wire') pass('after-wire-before-ack')
          return outcome
        },
      }
    },
  }
}

function kindOf(change: AuthChange): 'decrypted' | 'encrypted' | 'other' {
  if (change.journal !== undefined) return 'decrypted'
  return change.keys?.some(({ type, value }) => type === 'session' && value !== null) ? 'encrypted' : 'other'
}
