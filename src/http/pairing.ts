// Waits for one kind of event of a pairing: for callers that want an answer instead of a stream.

import type { QrStreamEvent } from '../actors/session/protocol.ts'
import type { UserId } from '../domain/ids.ts'
import type { AppDeps } from './deps.ts'

/** After these the pairing has nothing more to show. */
export function endsStream(event: QrStreamEvent): boolean {
  return event.type === 'connected' || event.type === 'expired' || event.type === 'error'
}

/** The first event of this type, the present state included; null when the pairing ends or takes too long without one. */
export function firstEvent<T extends QrStreamEvent['type']>(
  deps: Pick<AppDeps, 'sessions' | 'policy'>,
  id: UserId,
  type: T,
): Promise<Extract<QrStreamEvent, { type: T }> | null> {
  return new Promise((resolve) => {
    const give = (event: Extract<QrStreamEvent, { type: T }> | null) => {
      clearTimeout(timer)
      // The first event may come before `watch` has returned.
      queueMicrotask(() => unwatch())
      resolve(event)
    }
    const timer = setTimeout(() => give(null), deps.policy.session.askTimeoutMs)
    const unwatch = deps.sessions.watch(id, (event) => {
      if (isOf(event, type)) give(event)
      else if (endsStream(event)) give(null)
    })
  })
}

function isOf<T extends QrStreamEvent['type']>(
  event: QrStreamEvent,
  type: T,
): event is Extract<QrStreamEvent, { type: T }> {
  return event.type === type
}
