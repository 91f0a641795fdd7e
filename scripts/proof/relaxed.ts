// The limits that would stop a load, relaxed for the crash runs and nowhere else.

import type { BotPolicy, PolicyOverride } from '../../src/policy.ts'

const NEVER = 1_000_000_000

/** Customers of a load are machines that say the same again and again, and staff write to them at random. */
export const RELAXED_BOT: Pick<BotPolicy, 'sameOrderMs' | 'staysOut' | 'guard'> = {
  sameOrderMs: 0,
  staysOut: false,
  guard: {
    ...{ sameTextTimes: NEVER, sameTextWithinMs: 0, repliesPerMinute: NEVER, repliesPerTenMinutes: NEVER },
    ...{ echoWithinMs: 0, echoes: NEVER, pauseMs: 0, misunderstoodMs: NEVER },
  },
}

export const RELAXED: PolicyOverride = {
  pace: { gapMs: 0, jitterMs: 0, retryMs: [100, 500, 2_000], pollMs: 500 },
  bot: RELAXED_BOT,
  http: { loginPerMinute: 100_000, signupPerHour: 100_000, sendPerMinute: 100_000, requestsPerMinute: 1_000_000 },
}

/** Parts of the policy as JSON, which a test gives in place of the normal ones: shorter leases. */
export const POLICY_VARIABLE = 'WA_ERP_CRASH_POLICY'

export const RELAXED_SETTINGS = { RECONNECT_INTERVAL: '100' } as const

/** For the head of the run: one line for each thing that differs from a normal installation. */
export function relaxations(): string[] {
  const policy = Object.entries(RELAXED).flatMap(([part, values]) =>
    Object.entries(values ?? {}).map(([name, value]) => `policy ${part}.${name} = ${JSON.stringify(value)}`),
  )
  const settings = Object.entries(RELAXED_SETTINGS).map(([name, value]) => `${name} = ${value}`)
  return [...policy, ...settings]
}
