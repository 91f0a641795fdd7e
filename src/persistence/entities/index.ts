// Every entity MikroORM knows. Tables whose statements lock, batch or race are written in SQL and need none.

import { NodeEntity } from './node.ts'
import { OrganizationEntity } from './organization.ts'

export const ENTITIES = [OrganizationEntity, NodeEntity] as const
