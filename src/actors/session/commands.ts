// What each command of the session protocol answers. The state is the actor's; this file only asks it and applies events to it.

import type { UserId } from '../../domain/ids.ts'
import { never, ok, type Refusal, refuse } from '../../domain/result.ts'
import { type SessionEvent, type SessionState, stateName } from '../../domain/session/state.ts'
import { advice } from '../../domain/session/view.ts'
import { isUnavailable } from '../../persistence/database.ts'
import { enqueueMessage } from '../outbox/enqueue.ts'
import type { SessionDeps } from './deps.ts'
import type { SessionCommand } from './messages.ts'
import type { SessionRefusal, SessionView } from './protocol.ts'

export interface CommandContext {
  readonly user: UserId
  readonly deps: SessionDeps
  readonly state: () => SessionState
  /** Whether this account was ever paired and not logged out since. */
  readonly linked: () => boolean
  readonly view: () => SessionView
  readonly apply: (event: SessionEvent) => Promise<'done' | 'storage-away'>
  /** Something was put into the outbox. */
  readonly filled: () => void
}

const storageAway: { readonly ok: false; readonly refusal: Refusal<SessionRefusal> } = refuse(
  'database-unavailable',
  'The database is not available. Try again in a moment.',
  { retryAfterSeconds: 2 },
)

export function answerCommand(command: SessionCommand, context: CommandContext): void {
  switch (command.name) {
    case 'session.status':
      return command.reply(ok(context.view()))
    case 'session.connect':
      return applied(context, { type: 'connect', pairingPhone: command.body.pairingPhone ?? null }, command.reply)
    case 'session.disconnect':
      return applied(context, { type: 'disconnect', unlink: command.body.unlink }, command.reply)
    case 'message.send':
      return send(command, context)
    default:
      return never(command)
  }
}

function applied(
  context: CommandContext,
  event: SessionEvent,
  reply: (answer: ReturnType<typeof ok<SessionView>> | typeof storageAway) => void,
): void {
  void context.apply(event).then((end) => reply(end === 'done' ? ok(context.view()) : storageAway))
}

/** A session that is open or coming back stores what it is given; any other says what to do first. */
function send(command: Extract<SessionCommand, { name: 'message.send' }>, context: CommandContext): void {
  const state = context.state()
  const phase = state.phase.name
  const accepts = phase === 'open' || ((phase === 'connecting' || phase === 'waiting') && context.linked())
  if (!accepts) {
    const { message } = advice(state, context.deps.machine.quickAttempts)
    const refusal = `WhatsApp is not connected (${stateName(state.phase)}). ${message}`
    return command.reply(refuse('whatsapp-not-connected', refusal))
  }
  enqueueMessage(context.deps, context.user, command.body).then(
    (result) => {
      if (result.ok) context.filled()
      command.reply(result)
    },
    (error: unknown) => {
      if (isUnavailable(error)) return command.reply(storageAway)
      context.deps.log.error({ err: error, userId: context.user }, 'a message could not be stored')
      command.reply(refuse('session-timeout', 'The message could not be stored. Try again.'))
    },
  )
}
