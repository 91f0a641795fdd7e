// Who owns this session? Asked in the order of what it costs: this node's own map, the routes it remembers, the planner, the store; and when
// nobody does, where it should live. Every answer may be old; the one who was asked wrongly says so, and only the store is believed then.

import { LRUCache } from 'lru-cache'
import type { UserId } from '../../domain/ids.ts'
import type { Logger } from '../../log.ts'
import type { LocalSessions } from './local.ts'
import type { Members } from './members.ts'
import type { Home, Planner } from './planner.ts'
import type { ClusterStore } from './store.ts'
import type { Peer } from './transport.ts'

/** Where to ask. `epoch` 0: planned for it, so that it must take the session first. */
export type Route =
  | { readonly kind: 'here'; readonly epoch: bigint }
  | { readonly kind: 'there'; readonly node: Peer; readonly epoch: bigint }
  /** Owned by a node that cannot be asked, or to be placed and there is no place. */
  | { readonly kind: 'nowhere'; readonly owner: string | null }

export interface Directory {
  /** @param wrong a node that was asked in vain: only the store may name it again. @throws what the store throws */
  resolve(user: UserId, wrong?: string): Promise<Route>
  /** Takes note of an owner, unless a later one is known. */
  learn(user: UserId, home: Home): void
  /** This route led nowhere. */
  forget(user: UserId, incarnation: string): void
  /** Calls back when the planner says that a session has another home. @returns stops */
  onMoved(listener: (user: UserId, home: Home) => void): () => void
}

export interface DirectoryDeps {
  /** Incarnation of this node. */
  readonly self: string
  /** Null on an edge. */
  readonly local: Pick<LocalSessions, 'fenceOf'> | null
  readonly planner: Pick<Planner, 'home' | 'place'>
  readonly store: Pick<ClusterStore, 'ownerOf'>
  readonly members: Members
  /** How many routes are remembered. */
  readonly routes: number
  readonly log: Logger
}

export interface DirectoryWithNews extends Directory {
  /** To be given to the planner's `listen`. */
  moved(user: UserId, home: Home): void
}

export function makeDirectory(deps: DirectoryDeps): DirectoryWithNews {
  const { self, local, planner, store, members, log } = deps
  const routes = new LRUCache<UserId, Home>({ max: deps.routes })
  const listeners = new Set<(user: UserId, home: Home) => void>()

  const learn = (user: UserId, home: Home): void => {
    const known = routes.get(user)
    if (home.epoch > 0n && (known === undefined || known.epoch < home.epoch)) routes.set(user, home)
  }

  /** The route to a home; null when its node does not live, or cannot be asked. */
  const routeTo = async (home: Home): Promise<Route | null> => {
    if (home.incarnation === self) return local === null ? null : { kind: 'here', epoch: home.epoch }
    const node = await members.find(home.incarnation)
    if (node === null || node.url === null) return null
    return { kind: 'there', node: { incarnation: node.incarnation, url: node.url }, epoch: home.epoch }
  }

  const advised = async (what: string, ask: () => Promise<Home | null>): Promise<Home | null> => {
    try {
      return await ask()
    } catch (error) {
      log.debug({ err: error }, `the planner did not say ${what}`)
      return null
    }
  }

  const remembered = async (user: UserId, wrong: string | undefined): Promise<Route | null> => {
    const known = routes.get(user)
    if (known !== undefined && known.incarnation !== wrong) {
      const route = await routeTo(known)
      if (route !== null) return route
      routes.delete(user)
    }
    const home = await advised('where a session lives', () => planner.home(user))
    if (home === null || home.incarnation === wrong) return null
    const route = await routeTo(home)
    if (route !== null) learn(user, home)
    return route
  }

  return {
    async resolve(user, wrong) {
      const fence = wrong === self ? null : (local?.fenceOf(user) ?? null)
      if (fence !== null) return { kind: 'here', epoch: fence.epoch }
      const guessed = await remembered(user, wrong)
      if (guessed !== null) return guessed
      const owner = await store.ownerOf(user)
      if (owner?.alive === true) {
        learn(user, owner)
        const { incarnation, url, epoch } = owner
        if (incarnation !== self && url !== null) return { kind: 'there', node: { incarnation, url }, epoch }
        // It lives and cannot be asked: nobody else may act until its lease has run out.
        return (await routeTo(owner)) ?? { kind: 'nowhere', owner: incarnation }
      }
      const place = await advised('where a session should live', () => planner.place(user))
      // Claimed or not, it has to make sure that it owns it: the store says that nobody does.
      const planned = place === null ? null : await routeTo({ ...place, epoch: 0n })
      return planned ?? { kind: 'nowhere', owner: null }
    },
    learn,
    forget(user, incarnation) {
      if (routes.peek(user)?.incarnation === incarnation) routes.delete(user)
    },
    onMoved(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    moved(user, home) {
      learn(user, home)
      for (const listener of [...listeners]) listener(user, home)
    },
  }
}
