// A cluster of real processes for tests: nodes, simulator, Redis and a database of its own, all gone when the test is over.

import type { Test } from 'tap'
import { castOf } from '../../scripts/chaos/cast.ts'
import { type ChaosStage, openChaosStage } from '../../scripts/chaos/stage.ts'
import { redisProgram } from './redis.ts'
import { testServer } from './server.ts'

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
