// The migrations in their order. A released one is never edited: a change is a new one at the end.

import * as tables from './0001-tables.ts'
import * as holdsAndMedia from './0002-holds-and-media.ts'
import * as idempotencyNode from './0003-idempotency-node.ts'
import * as cluster from './0004-cluster.ts'
import * as accounts from './0005-accounts.ts'
import * as catalogue from './0006-catalogue.ts'
import * as pictures from './0007-pictures.ts'
import * as stockLedger from './0008-stock-ledger.ts'
import * as orders from './0009-orders.ts'
import * as catalogueVersion from './0010-catalogue-version.ts'
import * as people from './0011-people.ts'
import * as bot from './0012-bot.ts'
import * as strangers from './0013-strangers.ts'
import * as edits from './0014-edits.ts'
import * as awayText from './0015-away-text.ts'
import * as dueAtOnce from './0016-due-at-once.ts'

export interface Migration {
  /** `NNNN-words`; what the `migration` table records. */
  readonly name: string
  /** Statements, run in one transaction. Only expanding ones, so that the version before still works beside it. */
  readonly up: string
}

export const MIGRATIONS: readonly Migration[] = [
  tables,
  holdsAndMedia,
  idempotencyNode,
  cluster,
  accounts,
  catalogue,
  pictures,
  stockLedger,
  orders,
  catalogueVersion,
  people,
  bot,
  strangers,
  edits,
  awayText,
  dueAtOnce,
]
