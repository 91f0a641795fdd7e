// The real code of src as the simulation runs it: with virtual timers in place of the platform's, and, to see that a guard is needed, with
// one line edited. Only what is below src/actors/cluster and src/domain/cluster is loaded anew; everything else is shared.

import { registerHooks } from 'node:module'

type Lease = typeof import('../../../src/actors/cluster/lease.ts')
type Reconcile = typeof import('../../../src/actors/cluster/reconcile.ts')
type HandOff = typeof import('../../../src/actors/cluster/handoff.ts')
type Membership = typeof import('../../../src/actors/cluster/membership.ts')
type Fallback = typeof import('../../../src/actors/cluster/planner-with-fallback.ts')
type Rows = typeof import('../../../src/actors/cluster/rows-planner.ts')
type Budgets = typeof import('../../../src/actors/cluster/budget.ts')

export interface Source {
  readonly holdLease: Lease['holdLease']
  readonly startReconcile: Reconcile['startReconcile']
  readonly drain: HandOff['drain']
  readonly handOver: HandOff['handOver']
  readonly joinCluster: Membership['joinCluster']
  readonly plannerWithFallback: Fallback['plannerWithFallback']
  readonly rowsPlanner: Rows['rowsPlanner']
  readonly makeBudget: Budgets['makeBudget']
}

/** One line of src changed. `find` occurs exactly once in `file`. */
export interface Edit {
  readonly file: string
  readonly find: string
  readonly replace: string
}

const ROOT = new URL('../../../', import.meta.url).href
const HERE = new URL('./', import.meta.url).href
const RELOADED = /^src\/(actors|domain)\/cluster\//
const MARK = '?simulated='

const edits = new Map<string, Edit | null>()
const loaded = new Map<string, Promise<Source>>()

registerHooks({
  resolve(specifier, context, next) {
    const mark = context.parentURL?.split(MARK)[1]
    if (mark === undefined) return next(specifier, context)
    if (specifier === 'node:timers/promises') return next(`${HERE}sleep.ts`, context)
    const found = next(specifier, context)
    if (!found.url.startsWith(ROOT) || !RELOADED.test(found.url.slice(ROOT.length))) return found
    return { ...found, url: `${found.url}${MARK}${mark}` }
  },
  load(url, context, next) {
    const [path, mark] = url.split(MARK)
    if (path === undefined || mark === undefined) return next(url, context)
    const module = next(path, context)
    const text = String(module.source)
    const edit = edits.get(mark) ?? null
    const source = edit !== null && path === ROOT + edit.file ? edited(text, edit) : text
    const timers = `import { setTimeout, setInterval, clearTimeout, clearInterval } from '${HERE}timers.ts';`
    // A file that has another `setTimeout` of its own keeps it.
    const clash = /import \{[^}]*\bsetTimeout\s*[,}]/.test(source)
    return { ...module, source: clash ? source : timers + source }
  },
})

function edited(text: string, { file, find, replace }: Edit): string {
  const times = text.split(find).length - 1
  if (times !== 1) throw new Error(`${file} holds the line ${times} times, not once: ${find}`)
  return text.replace(find, () => replace)
}

/** @param edit null: as it stands */
export function loadSource(edit: Edit | null): Promise<Source> {
  const mark = edit === null ? 'as-it-is' : encodeURIComponent(`${edit.file}|${edit.find}|${edit.replace}`)
  edits.set(mark, edit)
  const known = loaded.get(mark)
  if (known !== undefined) return known
  const load = (name: string): Promise<unknown> => import(`${ROOT}src/actors/cluster/${name}.ts${MARK}${mark}`)
  const source = loadAll(load)
  loaded.set(mark, source)
  return source
}

async function loadAll(load: (name: string) => Promise<unknown>): Promise<Source> {
  return {
    ...((await load('lease')) as Lease),
    ...((await load('reconcile')) as Reconcile),
    ...((await load('handoff')) as HandOff),
    ...((await load('membership')) as Membership),
    ...((await load('planner-with-fallback')) as Fallback),
    ...((await load('rows-planner')) as Rows),
    ...((await load('budget')) as Budgets),
  }
}
