// Looks again and again whether the organisation was changed at another node. How often is policy.

import type { Queryable } from './database.ts'
import { type Organization, refreshOrganization } from './organization.ts'

/** @returns ends it, and waits for a look under way */
export function watchOrganization(
  q: Queryable,
  organization: Organization,
  everyMs: number,
  failed: (error: unknown) => void,
): () => Promise<void> {
  let stopped = false
  let looking: Promise<unknown> = Promise.resolve()
  let timer: NodeJS.Timeout
  const next = () => {
    if (stopped) return
    timer = setTimeout(() => {
      looking = refreshOrganization(q, organization).catch(failed).then(next)
    }, everyMs).unref()
  }
  next()
  return async () => {
    stopped = true
    clearTimeout(timer)
    await looking
  }
}
