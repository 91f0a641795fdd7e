// An outbox actor on a real database with a socket that does what the test says, and drafts to put into it.

import type { Test } from 'tap'
import { uuidv7 } from 'uuidv7'
import { type ActorRef, startActors, stopTree } from '../../src/actors/nact.ts'
import { type OutboxMessage, outboxActor } from '../../src/actors/outbox/outbox.actor.ts'
import type { SessionDeps } from '../../src/actors/session/deps.ts'
import type { Outbound, SendOutcome, WhatsAppSocket } from '../../src/actors/whatsapp/socket.ts'
import { asId, type ConversationId, type Fence, type MessageId, type OrgId } from '../../src/domain/ids.ts'
import { makeLog } from '../../src/log.ts'
import type { Database } from '../../src/persistence/database.ts'
import { enqueue } from '../../src/persistence/outbox.ts'
import type { Sealer } from '../../src/persistence/sealer.ts'
import { desire } from '../../src/persistence/sessions.ts'
import { makePolicy, type PolicyOverride } from '../../src/policy.ts'
import { aConversation, anOrganization, anOwned, aQueuedMessage, aUser, testSealer } from './rows.ts'
import { until } from './until.ts'

export interface SocketTwin extends WhatsAppSocket {
  /** What was sent through it, in order: text and id. */
  readonly sent: readonly { readonly text: string; readonly id: string }[]
  /** How the next messages end, by text; `on-the-wire` for those not named. A promise makes the sender wait. */
  answer(text: string, outcome: SendOutcome | Promise<SendOutcome>): void
}

export function socketTwin(): SocketTwin {
  const sent: { text: string; id: string }[] = []
  const answers = new Map<string, SendOutcome | Promise<SendOutcome>>()
  return {
    sent,
    answer: (text, outcome) => void answers.set(text, outcome),
    async send({ waMessageId, content }: Outbound) {
      const text = content.kind === 'text' ? content.text : content.kind
      sent.push({ text, id: waMessageId })
      return answers.get(text) ?? { kind: 'on-the-wire' }
    },
    lastFrameAt: () => performance.now(),
    logout: async () => undefined,
    end: async () => undefined,
    destroy: () => undefined,
  }
}

export interface Bench {
  readonly db: Database
  readonly sealer: Sealer
  readonly fence: Fence
  readonly actor: ActorRef<OutboxMessage>
  /** Ends the actor in order, as when its session ends. */
  stop(): Promise<void>
  /** Another actor on the same session, as after a restart. */
  restart(): Promise<ActorRef<OutboxMessage>>
  /** A chat; warm when the customer has written in it. */
  chat(warm?: boolean): Promise<ConversationId>
  /** Puts a message with this text, and the id `WA-<text>`, into the chat. @returns its row in messages */
  put(chat: ConversationId, text: string): Promise<MessageId>
  wrote(chat: ConversationId): Promise<void>
  /** Waits until these texts have been sent through the socket, in this order and no more. */
  sees(socket: SocketTwin, ...texts: string[]): Promise<void>
  ack(text: string, error?: string): void
  receipt(status: 'delivered' | 'read', ...texts: string[]): void
  /** Resolves when all that was told so far is handled and stored: a message in a chat of its own went through meanwhile. */
  settled(socket: SocketTwin): Promise<void>
  /** The outbox row's state, and its message's status and code. */
  state(text: string): Promise<{ readonly state: string; readonly status: string; readonly code: string | null }>
  /** Waits until the row is in this state. */
  becomes(text: string, state: string): Promise<void>
  events(): Promise<readonly { readonly type: string; readonly payload: Readonly<Record<string, unknown>> }[]>
  /** The clock of the actor, ms ahead of the real one. */
  ahead: number
}

export async function bench(t: Test, db: Database, policy: PolicyOverride = {}): Promise<Bench> {
  const sealer = testSealer()
  const org: OrgId = await anOrganization(db)
  const user = await aUser(db, org)
  await desire(db, user, 'connected')
  const fence = await anOwned(db, user)
  const quick = { gapMs: 0, jitterMs: 0, retryMs: [20], pollMs: 20, ...policy.pace }
  const deps = {
    db,
    sealer,
    organization: { id: org },
    policy: makePolicy({ ...policy, pace: quick }),
    now: () => new Date(Date.now() + self.ahead),
    monotonic: () => performance.now(),
    random: () => 0,
  } as unknown as SessionDeps
  const actors = startActors()
  t.teardown(() => actors.stop())
  const spawn = () => actors.spawn(outboxActor({ fence, deps, log: makeLog('silent') }))
  let actor = spawn()

  const state: Bench['state'] = async (text) => {
    const [row] = await db.rows<{ state: string; status: string; code: string | null }>(
      `select o.state, m.status, m.error_code as code from outbox o join messages m on m.id = o.message_id
       where o.session_id = ? and o.wa_msg_id = ?`,
      [user, `WA-${text}`],
    )
    if (row === undefined) throw new Error(`no message ${text}`)
    return row
  }
  const self: Bench = {
    db,
    sealer,
    fence,
    ahead: 0,
    get actor() {
      return actor
    },
    stop: () => actors.stop(),
    async restart() {
      await stopTree(actor)
      actor = spawn()
      return actor
    },
    async chat(warm = true) {
      const chat = await aConversation(db, org, user)
      if (warm) await self.wrote(chat)
      return chat
    },
    async wrote(chat) {
      await db.run(
        `insert into messages (id, conversation_id, user_id, wa_message_id, from_me, author, type, text, status, wa_timestamp)
         values (?, ?, ?, ?, false, 'customer', 'text', 'hi', 'received', now())`,
        [uuidv7(), chat, user, uuidv7()],
      )
    },
    async put(chat, text) {
      const waMessageId = `WA-${text}`
      const messageId = await aQueuedMessage(db, user, chat, waMessageId)
      await db.transaction((tx) =>
        enqueue(tx, sealer, {
          id: asId(uuidv7()),
          session: user,
          idemKey: text,
          waMessageId,
          conversationId: chat,
          messageId,
          recipient: '15550177@s.whatsapp.net',
          payload: { kind: 'text', text },
        }),
      )
      actor.tell({ type: 'bell' })
      return messageId
    },
    async sees(socket, ...texts) {
      const seen = () => socket.sent.map(({ text }) => text)
      await until(`${texts.join(', ')} sent`, () => seen().length >= texts.length || null)
      t.same(seen(), texts)
    },
    ack(text, error) {
      const waMessageId = `WA-${text}`
      const event = { type: 'ack', waMessageId } as const
      actor.tell({ type: 'news', event: error === undefined ? { ...event, ok: true } : { ...event, ok: false, error } })
    },
    receipt(status, ...texts) {
      const waMessageIds = texts.map((text) => `WA-${text}`)
      actor.tell({ type: 'news', event: { type: 'receipt', waMessageIds, status } })
    },
    async settled(socket) {
      const text = `marker ${uuidv7()}`
      await self.put(await self.chat(), text)
      await until('the marker is sent', () => socket.sent.some((one) => one.text === text))
      self.ack(text)
      await self.becomes(text, 'sent')
    },
    state,
    async becomes(text, wanted) {
      await until(`${text} is ${wanted}`, async () => (await state(text)).state === wanted)
    },
    events: () => db.rows('select type, payload from event_log where user_id = ? order by id', [user]),
  }
  return self
}
