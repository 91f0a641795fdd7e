// A catalogue file, carried out or only tried: all of it in one transaction, or nothing. What rows mean is domain/catalogue; how a file becomes
// rows is http/csv. Rows of one product stand or fall together.

import type { ImportRow, RowFault } from '../domain/catalogue/csv-row.ts'
import { groupRows } from '../domain/catalogue/import-groups.ts'
import { collisions, type Plan, planGroup } from '../domain/catalogue/import-plan.ts'
import { slugOf } from '../domain/catalogue/product.ts'
import type { OrgId, UserId } from '../domain/ids.ts'
import { appendAudit } from './audit.ts'
import type { Database, Queryable, Tx } from './database.ts'
import { appendEvent } from './events.ts'
import { checkPath, freeSlugs, makeCategories, missingPaths } from './import-categories.ts'
import { type CategoryPaths, categoryPaths, namesTaken, pathKey, readKnown } from './import-known.ts'
import { writePlans } from './import-write.ts'
import { lockOrganization } from './users.ts'

export interface ImportInput {
  readonly org: { readonly id: OrgId; readonly currency: string }
  readonly actor: UserId
  readonly mayArchive: boolean
  /** Rows that could be read. */
  readonly rows: readonly ImportRow[]
  /** What was wrong with the others, and the products they are about: those are not touched. */
  readonly unreadable: readonly RowFault[]
  readonly spoiled: { readonly skus: ReadonlySet<string>; readonly products: ReadonlySet<string> }
  readonly dryRun: boolean
  /** Carries out what is right and leaves out products with a wrong row. */
  readonly skipErrors: boolean
}

export interface ImportPace {
  /** How many rows are written with one statement. */
  readonly importBatch: number
  /** After so many rows the node does something else in between. */
  readonly importBreath: number
  readonly progress: (phase: 'check' | 'write', done: number, of: number) => void
}

export interface ImportOutcome {
  /** Something is in the database that was not: never in a dry run, and not when rows are wrong and none may be skipped. */
  readonly written: boolean
  readonly plans: readonly Plan[]
  readonly newCategories: readonly (readonly string[])[]
  readonly faults: readonly RowFault[]
  /** Rows that are right but stand with a wrong one. */
  readonly skipped: readonly ImportRow[]
}

/** Plans the file, and carries it out unless it is only tried or has wrong rows. */
export async function importCatalogue(
  db: Database,
  input: ImportInput,
  newId: () => string,
  pace: ImportPace,
): Promise<ImportOutcome> {
  if (input.dryRun) return (await prepare(db, input, false, pace)).outcome
  return db.transaction(async (tx) => {
    await lockOrganization(tx, input.org.id)
    const { outcome, categories } = await prepare(tx, input, true, pace)
    const wanted = outcome.plans.filter(isChange)
    if ((outcome.faults.length > 0 && !input.skipErrors) || wanted.length === 0) return outcome
    await carryOut(tx, input, { wanted, outcome, categories }, newId, pace)
    return { ...outcome, written: true }
  })
}

/** Does the plan change anything? */
function isChange(plan: Plan): boolean {
  return (
    plan.before === null ||
    plan.changes.length > 0 ||
    plan.variants.some(({ changes, before }) => before === null || changes.length > 0)
  )
}

async function prepare(q: Queryable, input: ImportInput, lock: boolean, pace: ImportPace) {
  const { org, rows, spoiled, mayArchive } = input
  const categories = await categoryPaths(q, org.id)
  const skus = rows.map(({ sku }) => sku.toLowerCase())
  const names = [...new Set(rows.map(({ product = '' }) => product.toLowerCase()))].filter((name) => name !== '')
  const known = await readKnown(q, org.id, { skus, names }, categories, lock)
  const grouped = groupRows(rows, known)
  const faults: RowFault[] = [...input.unreadable, ...grouped.faults]
  const skipped: ImportRow[] = []
  const plans: Plan[] = []
  let seen = 0
  for (const group of grouped.groups) {
    const breath = Math.floor(seen / pace.importBreath)
    seen += group.rows.length
    if (Math.floor(seen / pace.importBreath) > breath) {
      pace.progress('check', seen, rows.length)
      // The node does something else in between; and a transaction in which nothing is asked for long is ended by the server.
      await q.rows('select 1')
    }
    const beside = group.rows.some(({ product = '' }) => spoiled.products.has(product.toLowerCase()))
    if (beside || group.known?.variants.some(({ sku }) => spoiled.skus.has(sku.toLowerCase()))) {
      skipped.push(...group.rows)
      continue
    }
    const planned = planGroup(group, { currency: org.currency, mayArchive })
    const wrong =
      'faults' in planned ? planned.faults : [checkPath(planned.plan, categories)].filter((each) => each !== null)
    if ('plan' in planned && wrong.length === 0) plans.push(planned.plan)
    else {
      faults.push(...wrong)
      skipped.push(...group.rows.filter(({ line }) => !wrong.some((each) => each.line === line)))
    }
  }
  const changing = plans.filter(isChange)
  const keys = changing
    .filter(({ status }) => status === 'active')
    .flatMap(({ variants }) => variants.flatMap((each) => each.searchKeys))
  const failed = collisions(changing, await namesTaken(q, org.id, [...new Set(keys)]))
  for (const [plan, wrong] of failed) {
    faults.push(...wrong)
    skipped.push(...plan.rows.filter(({ line }) => !wrong.some((each) => each.line === line)))
  }
  const left = plans.filter((plan) => !failed.has(plan))
  const sorted = faults.toSorted((a, b) => a.line - b.line)
  const newCategories = missingPaths(left, categories)
  const outcome: ImportOutcome = { written: false, plans: left, newCategories, faults: sorted, skipped }
  return { outcome, categories }
}

async function carryOut(
  tx: Tx,
  { org, actor, rows }: ImportInput,
  made: { readonly wanted: readonly Plan[]; readonly outcome: ImportOutcome; readonly categories: CategoryPaths },
  newId: () => string,
  pace: ImportPace,
): Promise<void> {
  const { wanted, outcome, categories } = made
  const byPath = await makeCategories(tx, org.id, outcome.newCategories, categories, newId)
  const bases = wanted.filter(({ before }) => before === null).map(({ name }) => slugOf(name))
  const slugs = await freeSlugs(tx, 'products', org.id, [...new Set(bases)])
  const to = {
    orgId: org.id,
    currency: org.currency,
    actor,
    newId,
    categoryOf: (path: readonly string[]) => byPath.get(pathKey(path)) ?? null,
  }
  let done = 0
  for (const batch of batches(wanted, pace.importBatch)) {
    await writePlans(tx, batch, to, slugs)
    done += batch.reduce((sum, plan) => sum + plan.rows.length, 0)
    pace.progress('write', done, rows.length)
  }
  const counts = {
    rows: rows.length,
    created: wanted.filter(({ before }) => before === null).length,
    updated: wanted.filter(({ before }) => before !== null).length,
    faults: outcome.faults.length,
  }
  await appendAudit(tx, { id: newId(), orgId: org.id, actorId: actor, action: 'catalogue.import', after: counts })
  await appendEvent(tx, { orgId: org.id, type: 'catalogue.imported', subject: null, userId: null, payload: counts })
}

/** Plans of about so many variants together. */
function* batches(plans: readonly Plan[], size: number): Generator<readonly Plan[]> {
  let batch: Plan[] = []
  let held = 0
  for (const plan of plans) {
    batch.push(plan)
    held += plan.variants.length
    if (held < size) continue
    yield batch
    batch = []
    held = 0
  }
  if (batch.length > 0) yield batch
}
