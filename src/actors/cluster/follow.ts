// A watch that stays with its session wherever it goes: listens here or at another node, and when that ends looks for it again, later each
// time. Whoever watches sees one stream; the same state is not told twice.

import type { UserId } from '../../domain/ids.ts'
import type { Logger } from '../../log.ts'
import type { RoutingPolicy } from '../../policy.ts'
import type { QrStreamEvent } from '../session/protocol.ts'
import type { Directory, Route } from './directory.ts'
import type { LocalSessions } from './local.ts'
import type { Members } from './members.ts'
import type { Home } from './planner.ts'
import type { Peer, Transport } from './transport.ts'

export interface FollowDeps {
  readonly self: string
  readonly local: Pick<LocalSessions, 'watch' | 'fenceOf' | 'take'> | null
  readonly directory: Directory
  readonly members: Pick<Members, 'find'>
  readonly transport: Pick<Transport, 'watch'>
  readonly policy: RoutingPolicy
  readonly random: () => number
  readonly log: Logger
}

/** Where it was and is no more; `to`: who has it now, when that is known. */
interface Lost {
  readonly from: string | null
  readonly to: Home | null
}

/** @returns stops; safe to call twice */
export function follow(deps: FollowDeps, user: UserId, listener: (event: QrStreamEvent) => void): () => void {
  const { directory, local, policy, self } = deps
  let over = false
  let leave: () => void = () => undefined
  let timer: NodeJS.Timeout | null = null
  let delayMs = policy.followMs
  let last = ''

  const tell = (event: QrStreamEvent): void => {
    if (over) return
    // It spoke: the next loss is a new one.
    delayMs = policy.followMs
    const text = JSON.stringify(event)
    if (text === last) return
    last = text
    listener(event)
  }

  const lost = ({ from, to }: Lost): void => {
    if (over) return
    leave()
    leave = () => undefined
    if (from !== null) directory.forget(user, from)
    if (to !== null) directory.learn(user, to)
    const waitMs = delayMs * (0.5 + deps.random() / 2)
    delayMs = Math.min(2 * delayMs, policy.longestFollowMs)
    timer = setTimeout(() => void look(to === null && from !== null ? from : undefined), waitMs)
  }

  const look = async (wrong?: string): Promise<void> => {
    try {
      const route = await directory.resolve(user, wrong)
      if (over) return
      await listen(route)
    } catch (error) {
      deps.log.debug({ err: error, userId: user }, 'a watched session was not found; looking again')
      lost({ from: null, to: null })
    }
  }

  const listen = async (route: Route): Promise<void> => {
    switch (route.kind) {
      case 'nowhere':
        return lost({ from: route.owner, to: null })
      case 'there':
        return listenThere(route.node, route.epoch)
      case 'here':
        return listenHere()
    }
  }

  const listenThere = (node: Peer, epoch: bigint): void => {
    let gone = false
    const end = (to: Home | null): void => {
      if (!gone) lost({ from: node.incarnation, to })
    }
    // A node that is frozen ends no stream: what others say of the session counts, and that the node lives no more.
    const stops = [
      deps.transport.watch(node, user, epoch, {
        event: tell,
        end: (why) => end(typeof why === 'object' ? why.moved : null),
      }),
      directory.onMoved((other, home) => {
        if (other === user && home.incarnation !== node.incarnation) end(home)
      }),
      everySoOften(policy.lookMs, async () => {
        if ((await deps.members.find(node.incarnation)) === null) end(null)
      }),
    ]
    leave = () => {
      gone = true
      for (const stop of stops) stop()
    }
  }

  const listenHere = async (): Promise<void> => {
    if (local === null) return lost({ from: self, to: null })
    if (local.fenceOf(user) === null && !(await local.take(user))) return lost({ from: self, to: null })
    if (over) return
    let gone = false
    const unwatch = local.watch(user, (event) => {
      if (!gone) tell(event)
    })
    const end = (to: Home | null): void => {
      if (!gone) lost({ from: self, to })
    }
    const unhear = directory.onMoved((other, home) => {
      if (other === user && home.incarnation !== self) end(home)
    })
    const rest = everySoOften(policy.lookMs, async () => {
      if (local.fenceOf(user) === null) end(null)
    })
    leave = () => {
      gone = true
      rest()
      unhear()
      unwatch()
    }
    // The listener may have left while it was told the first event.
    if (over) leave()
  }

  /** @returns stops */
  const everySoOften = (ms: number, check: () => Promise<void>): (() => void) => {
    let stopped = false
    let next: NodeJS.Timeout
    const again = () => {
      next = setTimeout(async () => {
        await check().catch((error: unknown) => deps.log.debug({ err: error }, 'who lives is not known'))
        if (!stopped) again()
      }, ms)
    }
    again()
    return () => {
      stopped = true
      clearTimeout(next)
    }
  }

  void look()
  return () => {
    if (over) return
    over = true
    if (timer !== null) clearTimeout(timer)
    leave()
  }
}
