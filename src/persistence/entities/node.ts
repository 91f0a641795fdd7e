// A node's row as MikroORM sees it: one per process start. Its times are the database's, written in leases.ts with SQL.

import { defineEntity, p } from '@mikro-orm/postgresql'

export const NodeEntity = defineEntity({
  name: 'Node',
  tableName: 'node',
  properties: {
    incarnation: p.uuid().primary(),
    id: p.text(),
    url: p.text().nullable(),
    version: p.text(),
    startedAt: p.datetime(),
    expiresAt: p.datetime(),
    deadAt: p.datetime().nullable(),
  },
})
