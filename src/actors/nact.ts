// The only import of nact. It keeps what nact is good at (a mailbox per actor, one message at a time, a tree) and replaces what it
// gets wrong (7.6.2): stopping runs while a handler is still busy, children outlive a stopped parent, `reset` opens a second socket,
// a crash that escalates ends the process, mailboxes have no bound, and a message to a stopped actor vanishes in silence.

import * as nact from 'nact'

/** What becomes of a message that was told: delivered to the mailbox, refused because it is full, or the actor is gone. */
export type Told = 'told' | 'full' | 'gone'

/** A running actor that understands messages of type M. The `in` keeps a reference from accepting the messages of another. */
export interface ActorRef<in M> {
  readonly name: string
  readonly tell: (message: M) => Told
  /** Messages told and not yet handled. */
  waiting(): number
  /** Settles when the actor and all below it have stopped and their clean-up is done; tells whether it crashed. Never rejects. */
  readonly stopped: Promise<Ended>
}

export type Ended = { readonly kind: 'stopped' } | { readonly kind: 'crashed'; readonly error: unknown }

export interface ActorContext<M> {
  readonly self: ActorRef<M>
  /** Starts a child of this actor; it is stopped before its parent. */
  spawn<N, T>(behaviour: Behaviour<N, T>): ActorRef<N>
  /** Ends this actor (children first) once the present message is handled. */
  stop(): void
}

export interface Behaviour<M, S> {
  readonly name: string
  /** How many messages may wait. @default 10_000 */
  readonly mailbox?: number
  readonly start: (context: ActorContext<M>) => S
  /** Handles one message. Synchronous on purpose: what takes time is started here and comes back as a message. */
  readonly handle: (state: S, message: M, context: ActorContext<M>) => S
  /** Clean-up after the last message; awaited by whoever stops the actor. Called once, after a crash too. */
  readonly cleanUp?: (state: S) => Promise<void> | void
}

const DEFAULT_MAILBOX = 10_000

/** What this file knows of a reference beyond what its holders see. */
interface Handle {
  readonly stopTree: () => Promise<Ended>
  /** Asks that wait for an answer; told when the actor ends, so that none of them has to run into its deadline. */
  readonly asks: Set<() => void>
}
const handles = new WeakMap<object, Handle>()

export interface ActorSystem {
  spawn<M, S>(behaviour: Behaviour<M, S>): ActorRef<M>
  /** Stops every actor, leaves first, and waits for their clean-up. */
  stop(): Promise<void>
}

/** Starts an actor system. */
export function startActors(): ActorSystem {
  const native = nact.start()
  const children = new Set<() => Promise<Ended>>()
  return {
    spawn: (behaviour) => spawnUnder(native, children, behaviour),
    async stop() {
      await Promise.all([...children].map((stop) => stop()))
      nact.stop(native)
    },
  }
}

/**
 * Stops an actor and all below it, children first; messages still in its mailbox are not handled.
 * @returns when every clean-up is done
 */
export function stopTree<M>(ref: ActorRef<M>): Promise<Ended> {
  return handles.get(ref)?.stopTree() ?? ref.stopped
}

function spawnUnder<M, S>(
  parent: nact.Ref<never>,
  siblings: Set<() => Promise<Ended>>,
  behaviour: Behaviour<M, S>,
): ActorRef<M> {
  const limit = behaviour.mailbox ?? DEFAULT_MAILBOX
  const children = new Set<() => Promise<Ended>>()
  const settled = Promise.withResolvers<Ended>()
  let waiting = 0
  const asks = new Set<() => void>()
  let closing: { readonly crash: { readonly error: unknown } | null } | null = null

  const handle = (state: S, message: M): S => {
    if (closing !== null) return state
    waiting -= 1
    try {
      return behaviour.handle(state, message, context)
    } catch (error) {
      close({ error })
      return state
    }
  }

  let current: { readonly state: S } | null = null
  const ref: ActorRef<M> = {
    name: behaviour.name,
    waiting: () => waiting,
    stopped: settled.promise,
    tell(message) {
      if (closing !== null) return 'gone'
      if (waiting >= limit) return 'full'
      waiting += 1
      nact.dispatch(native, message)
      return 'told'
    },
  }
  const context: ActorContext<M> = {
    self: ref,
    spawn: (child) => spawnUnder(native as nact.Ref<never>, children, child),
    stop: () => void close(null),
  }

  const native: nact.Ref<unknown> = nact.spawn(
    parent,
    // nact awaits what this returns before the next message: a handler never overlaps another.
    (_: undefined, message: M) => {
      if (current !== null) current = { state: handle(current.state, message) }
      return undefined
    },
    behaviour.name,
    // Never reached: `handle` catches. nact's default would escalate and end the process.
    { onCrash: (_message, _error, ctx) => ctx.stop },
  )

  function close(crash: { error: unknown } | null): Promise<Ended> {
    if (closing === null) {
      closing = { crash }
      // The present handler (if any) returns first; nothing told before is handled after it.
      queueMicrotask(() => void end())
    }
    return settled.promise
  }

  async function end(): Promise<void> {
    await Promise.all([...children].map((stop) => stop()))
    let ended: Ended = closing?.crash ? { kind: 'crashed', error: closing.crash.error } : { kind: 'stopped' }
    try {
      if (current !== null) await behaviour.cleanUp?.(current.state)
    } catch (error) {
      if (ended.kind === 'stopped') ended = { kind: 'crashed', error }
    }
    nact.stop(native)
    siblings.delete(stop)
    settled.resolve(ended)
    for (const gone of asks) gone()
  }

  const stop = () => close(null)
  siblings.add(stop)
  handles.set(ref, { stopTree: stop, asks })
  try {
    current = { state: behaviour.start(context) }
  } catch (error) {
    void close({ error })
  }
  return ref
}

/** The answer to an ask. `gone` and `full` mean that nothing was done; after `timeout` it may still be done. */
export type Asked<R> =
  | { readonly kind: 'answered'; readonly value: R }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'full' }

/**
 * Tells an actor a message that carries where to answer, and waits.
 * @param make builds the message around the reply function; replying twice is harmless
 * @param timeoutMs the deadline, after which the answer is `timeout`
 */
export function ask<M, R>(
  ref: ActorRef<M>,
  make: (reply: (value: R) => void) => M,
  timeoutMs: number,
): Promise<Asked<R>> {
  const answer = Promise.withResolvers<Asked<R>>()
  const told = ref.tell(make((value) => answer.resolve({ kind: 'answered', value })))
  if (told !== 'told') return Promise.resolve({ kind: told })
  const asks = handles.get(ref)?.asks
  const gone = () => answer.resolve({ kind: 'gone' })
  const deadline = setTimeout(() => answer.resolve({ kind: 'timeout' }), timeoutMs)
  asks?.add(gone)
  return answer.promise.finally(() => {
    clearTimeout(deadline)
    asks?.delete(gone)
  })
}

/** How a crashed actor is started again: delays in ms, doubling from the first to the longest. */
export interface RestartPolicy {
  readonly firstDelayMs: number
  readonly longestDelayMs: number
  /** An actor that ran this long before it crashed starts from the first delay again. */
  readonly stableMs: number
}

/**
 * Keeps one actor alive under ever new generations: after a crash it is spawned again with backoff, never two at once.
 * @param start spawns the generation with this number (from 1); must not reuse anything of the one before
 * @returns the present reference (null while it waits to be started again) and a stop that is final
 */
export function superviseOne<M>(
  start: (generation: number) => ActorRef<M>,
  policy: RestartPolicy,
  crashed: (error: unknown, restartInMs: number) => void,
): { current(): ActorRef<M> | null; stop(): Promise<void>; readonly ended: Promise<void> } {
  const ended = Promise.withResolvers<void>()
  let generation = 0
  let delayMs = policy.firstDelayMs
  let ref: ActorRef<M> | null = null
  let timer: NodeJS.Timeout | null = null
  let final = false

  const launch = () => {
    timer = null
    generation += 1
    const startedAt = performance.now()
    const mine = start(generation)
    ref = mine
    void mine.stopped.then((end) => {
      ref = null
      if (final || end.kind === 'stopped') return ended.resolve()
      if (performance.now() - startedAt >= policy.stableMs) delayMs = policy.firstDelayMs
      crashed(end.error, delayMs)
      timer = setTimeout(launch, delayMs)
      delayMs = Math.min(policy.longestDelayMs, delayMs * 2)
    })
  }
  launch()
  return {
    current: () => ref,
    ended: ended.promise,
    async stop() {
      final = true
      if (timer !== null) {
        clearTimeout(timer)
        ended.resolve()
      }
      if (ref !== null) await stopTree(ref)
      await ended.promise
    },
  }
}
