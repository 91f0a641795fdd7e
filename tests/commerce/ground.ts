// What all runs of the commerce model share: one database with a shop in it, an account, and the door over HTTP.

import type { UserId } from '../../src/domain/ids.ts'
import { type Database, openDatabase } from '../../src/persistence/database.ts'
import { appOn, type Person, type TestApp } from '../support/app.ts'
import { makeShop, type Shop } from '../support/bot-shop.ts'

type Teardown = Parameters<typeof makeShop>[0]

export interface Ground {
  readonly shop: Shop
  readonly userId: UserId
  readonly app: TestApp
  readonly boss: Person
  /** Of a database opened anew; closes the one before. */
  reopen(): Promise<Database>
}

export async function layGround(t: Teardown): Promise<Ground> {
  const shop = await makeShop(t)
  const { session: userId } = await shop.account('erin@example.com')
  const app = await appOn(t, shop.db)
  const boss = await app.person('manager')
  await shop.db.run('update users set manager_id = ? where id = ?', [boss.id, userId])
  const [row] = await shop.db.rows<{ name: string }>('select current_database() as name')
  const { adminUrl } = await (await import('../support/server.ts')).testServer()
  const url = (await import('../support/template.ts')).databaseUrl(adminUrl, row?.name ?? '')
  let opened: Database | null = null
  t.teardown(async () => opened?.close())
  return {
    ...{ shop, userId, app, boss },
    async reopen() {
      await opened?.close()
      opened = await openDatabase({ url })
      return opened
    },
  }
}
