// The times of a session's machine in tests: round ones, so that its delays can be read off.

import type { MachinePolicy } from '../../src/domain/session/state.ts'

export const MACHINE_POLICY: MachinePolicy = {
  firstDelayMs: 1_000,
  longestDelayMs: 60_000,
  quickAttempts: 3,
  slowRetryMs: 300_000,
  qrTimeoutMs: 60_000,
  codeTimeoutMs: 180_000,
  stableMs: 30_000,
  conflictRetryMs: 10_000,
  conflictWindowMs: 60_000,
}
