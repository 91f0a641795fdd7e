// A shop in a database of its own: an organisation, accounts with a claimed session, contacts, products, and the door
// through which customers' messages come in.
import { randomBytes, randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import { uuidv7 } from 'uuidv7'
import { RELAXED_BOT } from '../../scripts/proof/relaxed.ts'
import { makeCatalogueIndex } from '../../src/actors/inbox/catalogue-index.ts'
import { type ProcessDeps, type ProcessOutcome, processInbound } from '../../src/actors/inbox/process.ts'
import type { ProductInput } from '../../src/domain/catalogue/product.ts'
import type { InboundMessage, MessageContent } from '../../src/domain/conversation/message.ts'
import { asId, type Fence, type UserId } from '../../src/domain/ids.ts'
import type { E164 } from '../../src/domain/phone.ts'
import type { BotSettings } from '../../src/domain/settings.ts'
import { createProduct } from '../../src/persistence/catalogue.ts'
import type { ProductView } from '../../src/persistence/catalogue-views.ts'
import { addContact } from '../../src/persistence/contacts.ts'
import type { Database } from '../../src/persistence/database.ts'
import { makeInboundWriter } from '../../src/persistence/inbound-writer.ts'
import type { InboxRow } from '../../src/persistence/inbox.ts'
import { claim, registerNode } from '../../src/persistence/leases.ts'
import { makeLook } from '../../src/persistence/looks.ts'
import { ensureOrganization, type Organization } from '../../src/persistence/organization.ts'
import { makeSealer, type Sealer } from '../../src/persistence/sealer.ts'
import { desire } from '../../src/persistence/sessions.ts'
import { createUser } from '../../src/persistence/users.ts'
import { type BotPolicy, DEFAULT_POLICY, makePolicy } from '../../src/policy.ts'
import { testDatabase } from './database.ts'

export const AMAL = '+15550100001' as E164
export const NOON = new Date('2026-03-01T12:00:00Z')

export interface Said {
  readonly id?: string
  readonly phone?: string | null
  readonly lid?: string | null
  readonly fromMe?: boolean
  readonly offline?: boolean
  readonly at?: Date
  /** When it is worked on; noon when left out. */
  readonly now?: Date
  readonly pushName?: string | null
  readonly content?: MessageContent
}

export interface Shop {
  readonly db: Database
  readonly sealer: Sealer
  readonly organization: Organization
  readonly deps: ProcessDeps
  /** A user with a session that this process owns. */
  account(email: string): Promise<Fence>
  contact(userId: UserId, phone: E164, name: string): Promise<void>
  product(input: ProductInput): Promise<ProductView>
  /** Sets what the shop has set about its bot. */
  bot(settings: Partial<BotSettings>): void
  /** Puts a row into the journal as the door to WhatsApp does. */
  journal(fence: Fence): Promise<Pick<InboxRow, 'id'>>
  /** One message through journal and processing. */
  say(fence: Fence, text: string, said?: Said): Promise<ProcessOutcome>
  /** What the bot has queued for this account, oldest first, as text. */
  replies(userId: UserId): Promise<readonly string[]>
}

/** Builds the shop; its database goes when the test ends. Unless told otherwise its bot does not mind machines. */
export async function makeShop(t: Pick<Test, 'teardown'>, bot: Partial<BotPolicy> = RELAXED_BOT): Promise<Shop> {
  const { db } = await testDatabase(t)
  const sealer = makeSealer(randomBytes(32))
  const organization = await ensureOrganization(
    db,
    {
      name: 'Nour & Co.',
      currency: 'USD',
      timezone: 'Europe/Berlin',
      locale: 'en-US',
      contactText: '12 Example St\nMon–Sat 09:00–18:00',
    },
    uuidv7,
  )
  const owner = randomUUID()
  await registerNode(db, { incarnation: owner, id: 'test', url: null, version: '0', ttlMs: 600_000 })
  let sent = 0
  const deps: ProcessDeps = {
    db,
    sealer,
    catalogue: makeCatalogueIndex(db, organization.id),
    look: makeLook(db, organization.id, DEFAULT_POLICY.session.writesTogether),
    writeInbound: makeInboundWriter(db, sealer, DEFAULT_POLICY.session.writesTogether),
    organization,
    policy: makePolicy({ bot }),
    newId: uuidv7,
    newWaMessageId: () => `BOT${sent++}`,
  }

  const journal: Shop['journal'] = async (fence) => {
    const [row] = await db.rows<{ id: string }>(
      `insert into inbox (session_id, hash, message_key, payload, state) values (?, ?, ?, ?, 'new') returning id`,
      [fence.session, randomBytes(32), randomBytes(32), randomBytes(8)],
    )
    if (row === undefined) throw new Error('not journaled')
    return row
  }

  return {
    db,
    sealer,
    organization,
    deps,
    journal,
    async account(email) {
      const user = await db.transaction((tx) =>
        createUser(tx, {
          id: asId<UserId>(uuidv7()),
          orgId: organization.id,
          email,
          name: email,
          passwordHash: '-',
          role: 'employee',
          requestedRole: null,
          status: 'active',
          managerId: null,
        }),
      )
      if (!user.ok) throw new Error(user.refusal.message)
      await desire(db, user.value.id, 'connected')
      const [fence] = await claim(db, [user.value.id], owner)
      if (fence === undefined) throw new Error('not claimed')
      return fence
    },
    async contact(userId, phone, name) {
      await addContact(db, { orgId: organization.id, userId, phone, name }, uuidv7)
    },
    bot(settings) {
      const before = organization.settings
      Object.assign(organization, { settings: { ...before, bot: { ...before.bot, ...settings } } })
    },
    async product(input) {
      const made = await createProduct(db, organization, input, null, uuidv7)
      if (!made.ok) throw new Error(made.refusal.message)
      return made.value
    },
    async say(fence, text, said = {}) {
      const row = await journal(fence)
      const translated = { kind: 'message', message: inbound(text, said) } as const
      return processInbound(deps, fence, row, translated, said.now ?? NOON, { phone: '+15550109999' })
    },
    async replies(userId) {
      const rows = await db.rows<{ text: string }>(
        `select m.text from outbox o join messages m on m.id = o.message_id where o.session_id = ? order by o.seq`,
        [userId],
      )
      return rows.map((row) => row.text)
    },
  }
}

/** Opens the pool's connections, so that what is started at once also runs at once. */
export async function warm(db: Database): Promise<void> {
  await Promise.all(Array.from({ length: 10 }, () => db.run('select pg_sleep(0.05)')))
}

let messages = 0

/** A customer's message; Amal's text from her number unless something else is said. */
export function inbound(text: string, said: Said = {}): InboundMessage {
  const phone = said.phone === undefined ? AMAL : (said.phone as E164 | null)
  const lid = said.lid ?? null
  return {
    waMessageId: said.id ?? `WA${messages++}`,
    chat: { phone, lid },
    fromMe: said.fromMe ?? false,
    pushName: said.pushName === undefined ? 'Push Name' : said.pushName,
    at: said.at ?? said.now ?? NOON,
    offline: said.offline ?? false,
    content: said.content ?? { kind: 'text', text, quotedId: null },
    replyJid: phone === null || lid !== null ? `${lid}@lid` : `${phone.slice(1)}@s.whatsapp.net`,
  }
}
