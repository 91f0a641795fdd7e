import t from 'tap'
import { uuidv7 } from 'uuidv7'
import { clusterStore } from '../../../src/actors/cluster/pg-store.ts'
import type { Database } from '../../../src/persistence/database.ts'
import { lockFence } from '../../../src/persistence/leases.ts'
import { desire } from '../../../src/persistence/sessions.ts'
import { testDatabase } from '../../support/database.ts'
import { aConversation, anOrganization, aUser } from '../../support/rows.ts'
import { type StoreHarness, storeContract } from '../../support/store-contract.ts'

const harness = async (db: Database): Promise<StoreHarness> => {
  const org = await anOrganization(db)
  return {
    store: clusterStore(db),
    async aSession({ desired, lastActive, unsettled }) {
      const user = await aUser(db, org)
      await desire(db, user, desired)
      const at = new Date(Date.UTC(2100, 0, 1) + (lastActive ?? 0))
      await db.run('update session set last_seen_at = ? where id = ?', [at, user])
      if (unsettled) {
        const values = [uuidv7(), user, uuidv7(), uuidv7(), await aConversation(db, org, user)]
        await db.run(
          `insert into outbox (id, session_id, idem_key, wa_msg_id, conversation_id, recipient, payload, state)
           values (?, ?, ?, ?, ?, '', '', 'queued')`,
          values,
        )
      }
      return user
    },
    want: (session, desired) => desire(db, session, desired),
    write: (fence, until, holds) =>
      db.transaction(async (tx) => {
        await lockFence(tx, fence)
        await tx.run(
          `insert into daily_counters (user_id, day, name, count) values (?, '2026-01-01', 'note', 1)
           on conflict (user_id, day, name) do update set count = daily_counters.count + 1`,
          [fence.session],
        )
        holds?.()
        await until
      }),
    async notes(session) {
      const [row] = await db.rows<{ count: string }>('select count from daily_counters where user_id = ?', [session])
      return Number(row?.count ?? 0)
    },
    async waiting() {
      const rows = await db.rows(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      return rows.length > 0
    },
  }
}

storeContract(t, async (t) => harness((await testDatabase(t)).db))

interface Plan {
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly Plan[]
}

const rowsTouched = (plan: Plan): number =>
  (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops'] +
  (plan.Plans ?? []).reduce((sum, below) => sum + rowsTouched(below), 0)

t.test('looking for orphans reads nothing of the sessions that rest, connected or stopped', async (t) => {
  const { db } = await testDatabase(t)
  const { store } = await harness(db)
  const org = await anOrganization(db)
  await db.run(
    `insert into users (id, org_id, email, password_hash, role, status)
     select gen_random_uuid(), ?, n || '@example.com', '-', 'employee', 'active' from generate_series(1, 6000) n`,
    [org],
  )
  await db.run(`insert into session (id, desired) select id, 'connected' from users`)
  const [node, dead] = [uuidv7(), uuidv7()]
  for (const incarnation of [node, dead])
    await store.register({ incarnation, id: 'a', url: null, version: '1', role: 'all', capacity: 1 }, 60_000)
  const all = await store.orphans(6_000)
  t.equal(all.length, 6_000)
  await store.claim(all.slice(0, 10), dead)
  const fences = await store.claim(all.slice(10), node)
  await store.markDead(dead)
  for (const fence of fences.slice(0, 500)) {
    await desire(db, fence.session, 'stopped')
    await store.release(fence)
  }
  await db.run('analyze lease, session, node, outbox')
  const touches = async (): Promise<number> => {
    let asked: readonly [string, readonly unknown[]] = ['', []]
    const rows: Database['rows'] = (sql, params = []) => {
      asked = [sql, params]
      return db.rows(sql, params)
    }
    t.equal((await clusterStore({ ...db, em: db.em, rows }).orphans(100)).length, 10)
    const [row] = await db.rows<{ 'QUERY PLAN': readonly [{ readonly Plan: Plan }] }>(
      `explain (analyze, format json) ${asked[0]}`,
      asked[1],
    )
    return row === undefined ? Number.NaN : rowsTouched(row['QUERY PLAN'][0].Plan)
  }
  const touched = await touches()
  t.ok(touched < 200, `${touched} rows were touched`)
})
