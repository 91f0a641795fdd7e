// Carries out what the machine decided, strictly one after the other: a connection is closed before the next is opened, credentials
// are forgotten before a new pairing begins. It decides nothing, and it runs outside the mailbox; results come back as messages.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Fence, SessionId } from '../../domain/ids.ts'
import { never } from '../../domain/result.ts'
import { CREDENTIALS_UNREADABLE, STORAGE_FAILED } from '../../domain/session/disconnect.ts'
import type { Effect } from '../../domain/session/state.ts'
import type { Logger } from '../../log.ts'
import { forgetCreds } from '../../persistence/auth-state.ts'
import { isUnavailable } from '../../persistence/database.ts'
import { appendEvent } from '../../persistence/events.ts'
import { FencedError } from '../../persistence/leases.ts'
import { SealBroken } from '../../persistence/sealer.ts'
import { desire, forgetAccount, noteError, saveIdentity } from '../../persistence/sessions.ts'
import type { Lapse } from '../cluster/lease.ts'
import type { Guard, WhatsAppSocket } from '../whatsapp/socket.ts'
import { bindAuthStore } from './auth-store.ts'
import type { SessionDeps } from './deps.ts'
import type { SessionMessage } from './messages.ts'

const STORAGE_RETRY_MS = 1_000
const SUPERSEDED = 'something newer is asked for'

export interface EffectRunner {
  /**
   * Appends effects to the queue.
   * @returns `done` once all that must be stored is stored (opening a connection is not waited for), or `storage-away` as soon as
   *   the database is found away; it is tried again until it is back
   */
  run(effects: readonly Effect[]): Promise<'done' | 'storage-away'>
  /** Cuts the connection now, whatever is under way: this node may not act for the session any more. */
  cut(why: Lapse): void
  /** Ends the connection in order and waits for what is under way. Never rejects. */
  finish(): Promise<void>
}

export interface EffectContext {
  readonly fence: Fence
  readonly guard: Guard
  readonly tell: (message: SessionMessage) => void
  /** The generation the machine is at now: what was asked for under an older one is not opened any more. */
  readonly generation: () => number
  readonly expired: () => void
  readonly leave: () => void
  readonly log: Logger
}

export function effectRunner(session: SessionId, deps: SessionDeps, context: EffectContext): EffectRunner {
  const store = bindAuthStore(deps.db, deps.sealer, context.fence, deps.processing)
  let chain: Promise<void> = Promise.resolve()
  let live: WhatsAppSocket | null = null
  let timer: NodeJS.Timeout | null = null
  let finished = false
  /** Aborted when something newer is asked for while an opening still waits for its turn. */
  let opening = new AbortController()

  const append = (work: () => Promise<void>): Promise<void> => {
    chain = chain.then(work).catch((error: unknown) => {
      if (error instanceof FencedError) {
        context.guard.fence('write')
        context.tell({ type: 'fenced' })
      } else context.tell({ type: 'crash', error })
    })
    return chain
  }

  /** Storage that is away is waited for: what the machine decided must not be forgotten because of it. */
  const stored = async (away: () => void, write: () => Promise<unknown>): Promise<void> => {
    while (true)
      try {
        await write()
        return
      } catch (error) {
        if (!isUnavailable(error)) throw error
        away()
        if (finished) return
        await sleep(STORAGE_RETRY_MS)
      }
  }

  const close = async (how: 'end' | 'destroy' | 'logout'): Promise<void> => {
    const socket = live
    live = null
    if (socket === null) return
    // In every way it is gone, with its last write settled, before anything is opened after it.
    if (how === 'logout') return socket.logout()
    if (how === 'destroy') socket.destroy()
    await socket.end()
  }

  const open = async (generation: number, pairingPhone: string | null): Promise<void> => {
    if (finished || context.generation() !== generation) return
    const leaveGate = await deps.gate.enter(opening.signal)
    if (leaveGate === null) return
    if (finished || context.generation() !== generation) return leaveGate()
    try {
      const socket = await deps.openSocket({
        session,
        fence: context.fence,
        guard: context.guard,
        store,
        policy: deps.policy.session,
        ...(deps.server ?? {}),
        ...(pairingPhone === null ? {} : { pairingPhone }),
        log: context.log,
        emit(event) {
          if (
            event.type === 'qr' ||
            event.type === 'pairing-code' ||
            event.type === 'opened' ||
            event.type === 'closed'
          )
            leaveGate()
          context.tell({ type: 'socket', generation, event })
        },
      })
      live = socket
      context.tell({ type: 'socket.ready', generation, socket })
    } catch (error) {
      leaveGate()
      const code = error instanceof SealBroken ? CREDENTIALS_UNREADABLE : isUnavailable(error) ? STORAGE_FAILED : null
      if (code === null) throw error
      context.log.warn({ err: error, code }, 'the connection could not be opened')
      context.tell({ type: 'event', event: { type: 'socket.closed', generation, code } })
    }
  }

  const carryOut = async (effect: Effect, away: () => void): Promise<void> => {
    const { db } = deps
    switch (effect.kind) {
      case 'open':
        return open(effect.generation, effect.pairingPhone)
      case 'close':
        return close(effect.how)
      case 'wait': {
        if (timer !== null) clearTimeout(timer)
        const { generation } = effect
        const ring = () => context.tell({ type: 'event', event: { type: 'timer', generation } })
        timer = setTimeout(ring, effect.delayMs)
        return
      }
      case 'desire':
        return stored(away, () => desire(db, session, effect.desired, effect.reason))
      case 'forget-credentials':
        return stored(away, async () => {
          await forgetCreds(db, context.fence)
          await forgetAccount(db, context.fence)
        })
      case 'save-account':
        return stored(away, () => saveIdentity(db, context.fence, { ...effect.account, connectedAt: deps.now() }))
      case 'note-error':
        return stored(away, () => noteError(db, context.fence, effect.error.code, effect.error.at))
      case 'tell-owner':
        return stored(away, () =>
          db.transaction((tx) =>
            appendEvent(tx, {
              orgId: deps.organization.id,
              type: 'session.attention',
              subject: session,
              userId: session,
              payload: { code: effect.code },
            }),
          ),
        )
      case 'expired':
        return context.expired()
      case 'reclaim':
        return deps.reclaim(session, effect.conflictAt)
      case 'leave':
        return context.leave()
      default:
        return never(effect)
    }
  }

  return {
    run(effects) {
      const away = Promise.withResolvers<'storage-away'>()
      let last: Promise<void> = Promise.resolve()
      if (effects.length > 0) {
        // With a reason: without one it makes an error and captures its stack.
        opening.abort(SUPERSEDED)
        opening = new AbortController()
      }
      for (const effect of effects) {
        const result = append(() => carryOut(effect, () => away.resolve('storage-away')))
        if (effect.kind !== 'open') last = result
      }
      return Promise.race([last.then(() => 'done' as const), away.promise])
    },
    cut(why) {
      context.guard.fence(why)
      live?.destroy()
    },
    async finish() {
      finished = true
      opening.abort(SUPERSEDED)
      if (timer !== null) clearTimeout(timer)
      // What waits at the gate or for the database gives up now; what holds a connection ends it.
      await append(() => close('end'))
    },
  }
}
