// What the server finds in its database: users with linked accounts, their contacts, and things to sell. Written through the stores, before
// the server that is measured starts.

import { uuidv7 } from 'uuidv7'
import { asId, type OrgId, type UserId, type VariantId } from '../src/domain/ids.ts'
import type { E164 } from '../src/domain/phone.ts'
import { commitAuth } from '../src/persistence/auth-state.ts'
import { createProduct } from '../src/persistence/catalogue.ts'
import { addContact } from '../src/persistence/contacts.ts'
import { type Database, openDatabase } from '../src/persistence/database.ts'
import { claim, markNodeDead, registerNode } from '../src/persistence/leases.ts'
import { ensureOrganization } from '../src/persistence/organization.ts'
import { makeSealer, type Sealer } from '../src/persistence/sealer.ts'
import { loadSecrets } from '../src/persistence/secrets.ts'
import { desire, saveIdentity } from '../src/persistence/sessions.ts'
import type { Linked } from './world.ts'

export interface Shop {
  /** What is for sale in any quantity: the variants of ORDERS. */
  readonly items: readonly VariantId[]
  /** @returns the user's id */
  addUser(): Promise<UserId>
  /** Users with these accounts, in the same order; not yet to be connected. */
  addAccounts(linked: Linked): Promise<readonly UserId[]>
  /** Users with an account that looks linked and whose credentials nobody can use; not yet to be connected. Made in a few statements. */
  addIdle(count: number): Promise<readonly UserId[]>
  /** How many transactions the database has ended. */
  transactions(): Promise<number>
  addContacts(user: UserId, numbers: readonly string[]): Promise<void>
  connect(users: readonly UserId[]): Promise<void>
  /** Nothing of it is to be connected any more. */
  rest(): Promise<void>
  /** What is in the server's tables. Reads all of them: not while something is measured. */
  counts(): Promise<Counts>
  /** The last journal row there is. */
  mark(): Promise<string>
  /** How far the server is since then. Asked again and again while it is measured, so it reads only what is new. */
  progress(mark: string): Promise<Progress>
  /**
   * Brings the database's statistics up to date, as it does by itself within a minute: of tables that changed enough for that. One that is empty
   * would be counted as such, and plans be made for it that nobody with a shop has.
   */
  analyze(): Promise<void>
  close(): Promise<void>
}

export interface Progress {
  /** Journal rows. */
  readonly stored: number
  /** Those that wait to be processed. */
  readonly waiting: number
}

export interface Counts {
  /** Outbox rows. */
  readonly replies: number
  /** Those of them that have not left yet. */
  readonly unsent: number
}

const PRODUCTS = 40
const STOCK = 1_000_000
const LEASE_MS = 600_000

/** What a customer can order; each is a product of its own. */
export const ORDERS: readonly string[] = Array.from({ length: PRODUCTS }, (_, index) => `ORDER Item ${index + 1}:1`)

export async function openShop(url: string, dataDir: string): Promise<Shop> {
  const db = await openDatabase({ url, poolMax: 3 })
  const secrets = loadSecrets({ dataDir, jwtSecret: null, authEncryptionKey: null })
  const sealer = makeSealer(secrets.authEncryptionKey)
  const defaults = { name: 'Bench', currency: 'USD', timezone: 'UTC', locale: 'en-US', contactText: '' }
  const organization = await ensureOrganization(db, defaults, uuidv7)
  const items: VariantId[] = []
  for (let n = 1; n <= PRODUCTS; n += 1) {
    const made = await createProduct(
      db,
      organization,
      { name: `Item ${n}`, price: '12.00', stock: STOCK },
      null,
      uuidv7,
    )
    if (!made.ok) throw new Error(made.refusal.message)
    items.push(...made.value.variants.map(({ id }) => id))
  }
  const addUser = () => insertUser(db, organization.id)
  return {
    items,
    addUser,
    async addAccounts(linked) {
      const users: UserId[] = []
      for (let n = 0; n < linked.accounts.length; n += 1) users.push(await addUser())
      await storeCredentials(db, sealer, users, linked)
      return users
    },
    async addIdle(count) {
      const rows = await db.rows<{ id: UserId }>(
        `insert into users (id, org_id, email, password_hash, role, status)
         select id, ?, id || '@bench.test', '-', 'employee', 'active' from (
           select gen_random_uuid() as id from generate_series(1, ?)) new returning id`,
        [organization.id, count],
      )
      const users = rows.map(({ id }) => id)
      await db.run(`insert into creds (session_id, data) select unnest(?::uuid[]), 'none'`, [users])
      await db.run(`insert into session (id, desired) select unnest(?::uuid[]), 'stopped' on conflict do nothing`, [
        users,
      ])
      await db.run(
        'insert into lease (session_id, owner, epoch) select unnest(?::uuid[]), null, 0 on conflict do nothing',
        [users],
      )
      return users
    },
    async transactions() {
      const [row] = await db.rows<{ n: string }>(
        'select xact_commit + xact_rollback as n from pg_stat_database where datname = current_database()',
      )
      return Number(row?.n)
    },
    async addContacts(user, numbers) {
      for (const number of numbers) {
        const contact = {
          orgId: organization.id,
          userId: user,
          phone: `+${number}` as E164,
          name: `Customer ${number}`,
        }
        await addContact(db, contact, uuidv7)
      }
    },
    async connect(users) {
      if (users.length > 100)
        return void (await db.run(`update session set desired = 'connected' where id = any(?::uuid[])`, [users]))
      for (const user of users) await desire(db, user, 'connected')
    },
    rest: async () => void (await db.run(`update session set desired = 'stopped'`)),
    async counts() {
      const [row] = await db.rows<Counts>(
        `select (select count(*)::int from outbox) as replies,
           (select count(*)::int from outbox where state in ('queued','sending','held')) as unsent`,
      )
      if (row === undefined) throw new Error('the database does not count')
      return row
    },
    async mark() {
      const [row] = await db.rows<{ id: string }>('select coalesce(max(id), 0)::text as id from inbox')
      return row?.id ?? '0'
    },
    async progress(mark) {
      const [row] = await db.rows<Progress>(
        `select (select count(*)::int from inbox where id > ?) as stored,
           (select count(*)::int from inbox where state = 'new') as waiting`,
        [mark],
      )
      if (row === undefined) throw new Error('the database does not count')
      return row
    },
    async analyze() {
      const changed = await db.rows<{ name: string }>(
        `select quote_ident(t.relname) as name from pg_stat_user_tables t join pg_class c on c.oid = t.relid
         where t.n_mod_since_analyze > 50 + 0.1 * greatest(c.reltuples, 0)`,
      )
      if (changed.length > 0) await db.run(`analyze ${changed.map(({ name }) => name).join(', ')}`, [])
    },
    close: () => db.close(),
  }
}

async function insertUser(db: Database, org: OrgId): Promise<UserId> {
  const id = asId<UserId>(uuidv7())
  await db.run(
    `insert into users (id, org_id, email, password_hash, role, status) values (?, ?, ?, '-', 'employee', 'active')`,
    [id, org, `${id}@bench.test`],
  )
  return id
}

/** As the owner of the sessions for a moment, under the fence like everybody. */
async function storeCredentials(db: Database, sealer: Sealer, users: readonly UserId[], linked: Linked): Promise<void> {
  const incarnation = uuidv7()
  await registerNode(db, { incarnation, id: 'bench', url: null, version: 'bench', ttlMs: LEASE_MS })
  const fences = await claim(db, users, incarnation)
  const keys = linked.preKeys.map((key, index) => ({
    type: 'pre-key',
    id: String(index + 1),
    value: Buffer.from(key),
  }))
  for (const [index, user] of users.entries()) {
    const fence = fences.find(({ session }) => session === user)
    const account = linked.accounts[index]
    if (fence === undefined || account === undefined) throw new Error('a new session could not be claimed')
    await commitAuth(db, sealer, fence, { creds: Buffer.from(account.creds), keys })
    await desire(db, user, 'stopped')
    const identity = { phone: `+${account.number}`, lid: null, pushName: null, connectedAt: new Date() }
    await saveIdentity(db, fence, identity)
  }
  await markNodeDead(db, incarnation)
}
