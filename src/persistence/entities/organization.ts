// The organisation's row as MikroORM sees it. One installation has one.

import { defineEntity, p } from '@mikro-orm/postgresql'

export const OrganizationEntity = defineEntity({
  name: 'Organization',
  tableName: 'organizations',
  properties: {
    id: p.uuid().primary(),
    name: p.text(),
    currency: p.string(),
    timezone: p.text(),
    locale: p.text(),
    contactText: p.text().default(''),
    keyFingerprint: p.text().nullable(),
  },
})
