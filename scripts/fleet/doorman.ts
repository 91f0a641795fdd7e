// What the simulator's log says about a fleet that comes up: how many handshakes there were at once, who is open, whether anybody was offered
// a QR. Pure.

import type { LogEntry } from '../../simulator/log.ts'

export interface Doorman {
  note(entry: Pick<LogEntry, 'kind' | 'number'>): void
  /** Handshakes under way at once, at most, since the last `forget`: from the connection until the client said that it is there. */
  most(): number
  /** Numbers of the accounts that are open now. */
  readonly open: ReadonlySet<string>
  /** QRs that were offered. */
  qrs(): number
  /** Connections of any kind there are now. */
  connections(): number
  /** The most begins anew. */
  forget(): void
}

export function makeDoorman(): Doorman {
  /** Connected, and it is not known yet who it is. */
  let unnamed = 0
  /** Logged in and not there yet: connections by account. A second login does not end the first by itself. */
  const named = new Map<string, number>()
  const open = new Set<string>()
  let most = 0
  let qrs = 0

  const underWay = () => unnamed + [...named.values()].reduce((sum, each) => sum + each, 0)
  const leave = (number: string): boolean => {
    const left = (named.get(number) ?? 0) - 1
    if (left > 0) named.set(number, left)
    else named.delete(number)
    return left >= 0
  }
  return {
    open,
    most: () => most,
    qrs: () => qrs,
    connections: () => underWay() + open.size,
    forget() {
      most = underWay()
    },
    note({ kind, number = '' }) {
      switch (kind) {
        case 'connected':
          unnamed += 1
          break
        case 'login':
          unnamed -= 1
          named.set(number, (named.get(number) ?? 0) + 1)
          break
        case 'online':
          if (leave(number)) open.add(number)
          break
        case 'disconnected':
          if (number === '') unnamed -= 1
          else if (!open.delete(number)) leave(number)
          break
        case 'pairing-offered':
          qrs += 1
          break
        default:
          return
      }
      most = Math.max(most, underWay())
    },
  }
}
