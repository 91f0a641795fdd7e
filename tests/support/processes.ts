// A cluster of real processes for tests: nodes, simulator, Redis and a database of its own, all gone when the test is over.

import type { Test } from 'tap'
import { castOf } from '../../scripts/chaos/cast.ts'
import { type ChaosStage, openChaosStage } from '../../scripts/chaos/stage.ts'
import { callApi } from '../../scripts/proof/http.ts'
import { redisProgram } from './redis.ts'
import { testServer } from './server.ts'
import { until } from './until.ts'

export interface ClusterOptions {
  readonly nodes: number
  readonly accounts: number
  readonly env?: Readonly<Record<string, string>>
}

/** Every account is linked and open. Null when there is no Redis on this machine: skip. */
export async function startCluster(t: Test, options: ClusterOptions): Promise<ChaosStage | null> {
  const redis = redisProgram()
  if (redis === null) return null
  const stage = await openChaosStage({
    ...(await testServer()),
    redis,
    nodes: options.nodes,
    accounts: castOf(options.accounts),
    ...(options.env === undefined ? {} : { env: options.env }),
  })
  t.teardown(() => stage.close())
  return stage
}

/** Moves a session, given by the number of its account or the id of its user, and waits until the lease table says so. */
export async function moveTo(stage: ChaosStage, who: string, node: string): Promise<void> {
  const admin = stage.users.get(stage.accounts[0]?.number ?? '')?.token ?? ''
  const id = stage.users.get(who)?.id ?? who
  await until(`${who} is moved to ${node}`, async () => {
    const path = `/api/admin/sessions/${id}/move`
    const answer = await callApi(stage.url(), 'POST', path, { token: admin, body: { node }, any: true })
    return answer.status === 200
  })
  await until(`${node} owns ${who}`, async () => (await stage.owners()).get(who) === node)
}
