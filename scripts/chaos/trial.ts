// One trial of a cluster from its start to the verdict.

import type { Counts } from '../proof/history.ts'
import { readAudit } from './audit.ts'
import { carryOut, type Seen } from './faults.ts'
import type { ChaosPlan } from './plan.ts'
import { askedForQr, startTraffic } from './scenes.ts'
import { type ChaosStage, openChaosStage, type StageOptions } from './stage.ts'

export interface ChaosResult extends Seen {
  readonly plan: ChaosPlan
  readonly counts: Counts
  readonly findings: readonly string[]
  /** Writes for a session by a process that did not own it. */
  readonly foreignWrites: number
  readonly durationMs: number
}

export async function runChaos(plan: ChaosPlan, options: StageOptions): Promise<ChaosResult> {
  const began = performance.now()
  const stage = await openChaosStage(options)
  try {
    const traffic = await startTraffic(stage, plan)
    try {
      const seen = await carryOut(stage, plan, traffic)
      await traffic.quiet()
      const { counts, findings } = await traffic.judge()
      const audit = await readAudit(stage.db)
      const asked = askedForQr(await traffic.log())
      return {
        plan,
        ...seen,
        counts,
        findings: [
          ...findings,
          ...(audit.foreign > 0 ? [`${audit.foreign} writes without ownership: ${audit.where.join(', ')}`] : []),
          ...(asked ? ['somebody was asked for a QR'] : []),
        ],
        foreignWrites: audit.foreign,
        durationMs: performance.now() - began,
      }
    } finally {
      await traffic.stop()
    }
  } catch (error) {
    throw new Error(`${String(error)}\n${whatTheySaid(stage)}`, { cause: error })
  } finally {
    await stage.close()
  }
}

function whatTheySaid({ nodes }: ChaosStage): string {
  return nodes.map((node) => `--- ${node.name}\n${node.tail(12).join('\n')}`).join('\n')
}
